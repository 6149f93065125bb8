//! A diagnosis of six snapshots, all of it, against memlab's analysis of the same six, interleaved in one run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use xshell::{Shell, cmd};

use super::measure::{self, Run, median};
use crate::oracle::HEAP_LIMIT;
use crate::{setup, tools};

/// The major of Node.js that makes the files and runs memlab.
const NODE: u32 = 22;
const SNAPSHOTS: usize = 6;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// About how many megabytes each of the six files has
    #[arg(long, default_value_t = 50, value_name = "MB")]
    size: u32,
    /// How often each program runs
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Keep the files under target/bench-diagnosis for the next run
    #[arg(long)]
    keep: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    let node = setup::node(&sh, NODE)?;
    let memlab = memlab(&sh)?;
    tools::build(&sh, "release", &["leakhunt"])?;
    let folder = tools::workspace().join("target/bench-diagnosis");
    let files = files(&sh, &node, &folder, args.size)?;
    let bytes = files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum::<anyhow::Result<u64>>()?;
    let contenders = contenders(&node, &memlab, &folder, &files);
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); contenders.len()];
    for round in 0..args.rounds {
        for ((name, start), runs) in contenders.iter().zip(&mut runs) {
            eprintln!("bench: round {}: {name}", round + 1);
            runs.extend(measure::run(start())?);
        }
    }
    let megabytes = bytes as f64 / 1e6;
    eprintln!("\n{SNAPSHOTS} snapshots, {megabytes:.1} MB in all, median of {}", args.rounds);
    let names: Vec<&str> = contenders.iter().map(|(name, _)| *name).collect();
    print(&names, &runs);
    if !args.keep {
        fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

type Contender<'c> = (&'static str, Box<dyn Fn() -> Command + 'c>);

/// `unbound-object` is memlab's analysis of a series: objects that are in all snapshots and grow, with their retainers.
/// Its other one takes three snapshots.
fn contenders<'c>(
    node: &'c Path,
    memlab: &'c Path,
    folder: &'c Path,
    files: &'c [PathBuf],
) -> Vec<Contender<'c>> {
    let analyze = |format: &'static str| {
        move || {
            let mut command = Command::new(tools::target().join("release/leakhunt"));
            command.args(["analyze", "--format", format, "--sources"]).arg(tools::workspace()).args(files);
            command
        }
    };
    let peer = move |arguments: Vec<String>| {
        move || {
            let mut command = Command::new(node);
            command.arg(HEAP_LIMIT).arg(memlab).args(&arguments);
            command.args(["--work-dir", &folder.join("memlab").display().to_string()]);
            command
        }
    };
    let file = |at: usize| files[at].display().to_string();
    let series = vec![
        "analyze".into(),
        "unbound-object".into(),
        "--snapshot-dir".into(),
        folder.display().to_string(),
    ];
    let three = [
        "find-leaks",
        "--baseline",
        &file(0),
        "--target",
        &file(SNAPSHOTS - 2),
        "--final",
        &file(SNAPSHOTS - 1),
    ]
    .map(str::to_owned)
    .to_vec();
    vec![
        ("leakhunt analyze", Box::new(analyze("json"))),
        ("leakhunt analyze --format html", Box::new(analyze("html"))),
        ("memlab analyze unbound-object", Box::new(peer(series))),
        ("memlab find-leaks, three of them", Box::new(peer(three))),
    ]
}

fn print(names: &[&str], runs: &[Vec<Run>]) {
    eprintln!(
        "{:<36}{:>10}{:>10}{:>10}{:>17}{:>17}",
        "", "wall s", "CPU s", "peak MiB", "wall ÷ leakhunt", "CPU ÷ leakhunt"
    );
    let wall = |runs: &[Run]| median(runs.iter().map(|run| run.wall)).map(|time| time.as_secs_f64());
    let processor =
        |runs: &[Run]| median(runs.iter().map(|run| run.processor)).map(|time| time.as_secs_f64());
    let (our_wall, our_processor) = (wall(&runs[0]), processor(&runs[0]));
    for (name, runs) in names.iter().zip(runs) {
        let (Some(wall), Some(processor)) = (wall(runs), processor(runs)) else {
            eprintln!("{name:<36}{:>10}", "failed");
            continue;
        };
        let peak = median(runs.iter().map(|run| run.peak)).unwrap_or_default() >> 20;
        let ratio = |value: f64, ours: Option<f64>| {
            ours.map_or_else(String::new, |ours| format!("{:.1}", value / ours))
        };
        eprintln!(
            "{name:<36}{wall:>10.2}{processor:>10.2}{peak:>10}{:>17}{:>17}",
            ratio(wall, our_wall),
            ratio(processor, our_processor)
        );
    }
}

/// The snapshots of a service that leaks, in a folder that holds nothing else: memlab takes whatever is there.
fn files(sh: &Shell, node: &Path, folder: &Path, megabytes: u32) -> anyhow::Result<Vec<PathBuf>> {
    let files: Vec<PathBuf> = (1..=SNAPSHOTS).map(|k| folder.join(format!("s{k}.heapsnapshot"))).collect();
    let made = folder.join("made");
    let wanted = megabytes.to_string();
    if sh.read_file(&made).ok().as_deref() == Some(wanted.as_str()) {
        return Ok(files);
    }
    sh.remove_path(folder)?;
    sh.create_dir(folder)?;
    eprintln!("bench: making {SNAPSHOTS} files of about {megabytes} MB");
    let program = tools::workspace().join("xtask/peers/heap-program.cjs");
    let all = &files;
    cmd!(sh, "{node} {HEAP_LIMIT} {program} leaking {wanted} {all...}").quiet().run()?;
    sh.write_file(&made, &wanted)?;
    Ok(files)
}

/// Installs memlab's command line; gives its script.
fn memlab(sh: &Shell) -> anyhow::Result<PathBuf> {
    // memlab can drive a browser, which is not wanted here.
    let _no_browser = sh.push_env("PUPPETEER_SKIP_DOWNLOAD", "1");
    let script = "node_modules/memlab/bin/memlab";
    setup::npm(sh, "memlab", &["memlab@2.0.5"], script).context("memlab is the peer of this measurement")?;
    Ok(tools::folder("memlab").join(script))
}
