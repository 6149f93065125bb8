//! Measures a hunt of several dynos on the rig, for `cargo xtask bench fleet`, which builds this, runs it and says what the figures
//! mean.
//!
//! One JSON object a line on stdout: `{"figure": NAME, "value": MICROSECONDS}`, from the start of `leakhunt heroku --process-type web`
//! to its end: eight dynos are looked at, and the four with the most memory hunted, `--parallel 4` and `--parallel 1`. The two take
//! turns, and every other round in the opposite order. Each meets dynos that were booted just before, so that the heaps are alike.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use leakhunt_rig::{App, Options, Rig};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const DYNOS: u32 = 8;
/// As many as `App::Fleet` has large ones.
const HUNTED: usize = 4;

#[derive(Parser)]
#[command(name = "bench-fleet", about = "Measures hunts of several dynos; `cargo xtask bench fleet` runs it")]
struct Args {
    /// The `leakhunt` to measure
    #[arg(long)]
    leakhunt: PathBuf,
    /// The `node` of the dynos
    #[arg(long)]
    node: PathBuf,
    /// How often each side of the comparison runs
    #[arg(long)]
    runs: u32,
    /// Snapshots of each hunt
    #[arg(long)]
    samples: u32,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: failed to {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let rig = Rig::start_blocking(&Options {
        app: App::Fleet,
        dynos: DYNOS,
        node: Some(args.node.clone()),
        dyno_type: "Performance-L".to_owned(),
        ..Options::default()
    })?;
    for round in 0..args.runs {
        let mut sides = [1, HUNTED];
        if round.is_multiple_of(2) {
            sides.reverse();
        }
        for parallel in sides {
            writeln!(io::stderr(), "bench: --parallel {parallel}, round {}", round + 1)?;
            rig.dynos().iter().try_for_each(|dyno| dyno.restart())?;
            let took = u64::try_from(hunt(&rig, &args.leakhunt, args.samples, parallel)?.as_micros())?;
            let figure = json!({ "figure": format!("parallel-{parallel}"), "value": took });
            writeln!(io::stdout(), "{figure}")?;
        }
    }
    Ok(())
}

/// How long it takes. One that does not find the leaks has measured nothing.
fn hunt(rig: &Rig, leakhunt: &Path, samples: u32, parallel: usize) -> Result<Duration> {
    let out = tempfile::tempdir()?;
    let mut command = rig.command(leakhunt);
    command
        .args(["heroku", "--app", rig.app_name(), "--process-type", "web", "--json", "--quiet"])
        .args(["--worst", &HUNTED.to_string(), "--parallel", &parallel.to_string()])
        .args(["--all-samples", "--samples", &samples.to_string(), "--growth", "300KB", "--max-wait", "4s"])
        // A machine that is busy with eight dynos predicts long pauses.
        .args(["--max-pause", "5m", "--out"])
        .arg(out.path());
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = start.elapsed();
    let said: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("hunt: {}", String::from_utf8_lossy(&output.stderr)))?;
    if said["leaks"][0]["members"] != json!(["web.2", "web.5"]) {
        return Err(format!("find the leak of web.2 and web.5: {said:#}").into());
    }
    Ok(took)
}
