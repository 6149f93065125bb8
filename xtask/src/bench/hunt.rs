//! A hunt against the ways that people have without leakhunt, on the rig, each figure with its goal beside it.
//!
//! The rig's `bench-hunt` measures and prints figures; this builds it, runs it and says what the figures mean.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

use super::measure::{self, median};
use crate::{setup, tools};

/// The major of Node.js in the dynos and under the JavaScript client.
const NODE: u32 = 22;
/// How often `leakhunt --version` runs.
const VERSIONS: u32 = 20;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often each side of a comparison runs
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Measure only these
    #[arg(long, value_delimiter = ',', default_values = ["attach", "capture", "memory"], value_name = "PARTS")]
    only: Vec<String>,
    /// Small heaps: to try the bench, not to hold leakhunt to its goals
    #[arg(long)]
    quick: bool,
}

/// Megabytes of heap for the comparison of captures, and for the memory of leakhunt; a snapshot has about twice as many.
fn heaps(quick: bool) -> (u32, u32) {
    if quick { (12, 40) } else { (50, 168) }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    setup::run(&setup::Args { all_clis: false, demo: false })?;
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    cmd!(sh, "cargo build --release --package leakhunt --package leakhunt-rig").quiet().run()?;
    let leakhunt = tools::target().join("release/leakhunt");
    let mut figures = Figures::default();
    for _ in 0..VERSIONS {
        let mut command = Command::new(&leakhunt);
        command.arg("--version");
        let run = measure::run(command)?.map_err(anyhow::Error::msg).context("leakhunt --version failed")?;
        figures.add("version", u64::try_from(run.wall.as_micros())?);
    }
    let measured = measure(&sh, args, &leakhunt, &mut figures);
    figures.print(args);
    measured
}

/// Runs the rig's part and takes its figures.
fn measure(sh: &Shell, args: &Args, leakhunt: &Path, figures: &mut Figures) -> anyhow::Result<()> {
    let (heap, large_heap) = heaps(args.quick);
    let built = |program: &str| tools::target().join("release").join(program);
    let mut bench = if tools::is_root(sh) {
        Command::new(built("bench-hunt"))
    } else {
        // The rig's network needs root, or to be root of a namespace of its own.
        let mut enter = Command::new(built("leakhunt-rig"));
        enter.args(["enter", "--"]).arg(built("bench-hunt"));
        enter
    };
    let mut bench = bench
        .arg("--leakhunt")
        .arg(leakhunt)
        .arg("--node")
        .arg(tools::node(NODE))
        .arg("--client")
        .arg(tools::workspace().join("xtask/peers/cri.cjs"))
        .arg("--modules")
        .arg(tools::folder("npm").join("node_modules"))
        .args(["--parts", &args.only.join(",")])
        .args(["--runs", &args.runs.to_string()])
        .args(["--heap", &heap.to_string(), "--large-heap", &large_heap.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .context("the rig's bench could not be started")?;
    for line in BufReader::new(bench.stdout.take().expect("piped")).lines() {
        let line = line?;
        let told: Value = serde_json::from_str(&line).with_context(|| format!("not a figure: {line}"))?;
        let figure = told["figure"].as_str().zip(told["value"].as_u64());
        let (name, value) = figure.with_context(|| format!("not a figure: {line}"))?;
        figures.add(name, value);
    }
    let status = bench.wait()?;
    if !status.success() {
        bail!("the rig's bench ended with {status}; what it had measured is above");
    }
    Ok(())
}

/// What was measured, in microseconds or bytes, by name and in order.
#[derive(Default)]
struct Figures(BTreeMap<String, Vec<u64>>);

impl Figures {
    fn add(&mut self, name: &str, value: u64) {
        self.0.entry(name.to_owned()).or_default().push(value);
    }

    fn all(&self, name: &str) -> &[u64] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    fn median(&self, name: &str) -> Option<u64> {
        median(self.all(name).iter().copied())
    }

    fn print(&self, args: &Args) {
        eprintln!("\nmedians of {}, Node.js {NODE} in the dyno, Heroku CLI from npm", args.runs);
        if args.quick {
            eprintln!("--quick: the heaps are smaller than those of the goals");
        }
        eprintln!("\n{:<52}{:>9}{:>9}{:>7}{:>14}  goal", "", "this", "unit", "ratio", "range");
        self.compare("attach with leakhunt ÷ one bare ps:exec, s", "attach/leakhunt", "unit", Some(1.2));
        self.compare("attach by hand ÷ one bare ps:exec, s", "attach/by-hand", "unit", None);
        self.print_captures("unlimited", "unlimited tunnel", None);
        self.print_captures("slow", "tunnel of 2 MB/s", Some(0.35));
        eprintln!();
        if let Some(bytes) = self.median("large/bytes") {
            let title = format!("leakhunt's own peak memory, {:.0} MB snapshot, MB", mega(bytes));
            self.limit(&title, "large/peak", 1e6, Some(40.0));
            self.limit("  with the analysis at its end, MB", "large/peak-analysed", 1e6, None);
        }
        self.limit(&format!("leakhunt --version, ms, median of {VERSIONS}"), "version", 1e3, Some(10.0));
    }

    fn print_captures(&self, speed: &str, title: &str, wall_goal: Option<f64>) {
        let of = |who: &str, what: &str| format!("{speed}/{who}/{what}");
        let bytes = |who: &str| self.median(&of(who, "bytes")).map(mega);
        let (Some(ours), Some(theirs)) = (bytes("leakhunt"), bytes("client")) else { return };
        eprintln!(
            "\none snapshot ÷ chrome-remote-interface through ps:forward, {title}: {ours:.0} and {theirs:.0} MB"
        );
        let compare =
            |title, what, goal| self.compare(title, &of("leakhunt", what), &of("client", what), goal);
        compare("  wall, s", "wall", wall_goal);
        compare("  pause seen by a visitor, s", "pause", Some(1.0));
        if let Some(told) = self.median(&of("leakhunt", "pause-told")) {
            eprintln!("{:<52}{:>9.3}", "  pause told by leakhunt itself, s", seconds(told));
        }
    }

    /// A ratio of medians, with the range of the ratios of each round.
    fn compare(&self, title: &str, this: &str, unit: &str, goal: Option<f64>) {
        // What was not to be measured has no line.
        let (Some(ours), Some(theirs)) = (self.median(this), self.median(unit)) else { return };
        let ratio = ours as f64 / theirs as f64;
        let rounds =
            self.all(this).iter().zip(self.all(unit)).map(|(one, other)| *one as f64 / *other as f64);
        let (low, high) = rounds.fold((f64::MAX, f64::MIN), |(low, high), r| (low.min(r), high.max(r)));
        eprintln!(
            "{title:<52}{:>9.3}{:>9.3}{ratio:>7.3}{:>14}  {}",
            seconds(ours),
            seconds(theirs),
            format!("{low:.2}-{high:.2}"),
            goal.map(|goal| against(ratio, goal)).unwrap_or_default()
        );
    }

    /// A median, and the limit that it is to stay below.
    fn limit(&self, title: &str, name: &str, scale: f64, goal: Option<f64>) {
        let Some(value) = self.median(name) else { return };
        let value = value as f64 / scale;
        let goal = goal.map(|goal| against(value, goal)).unwrap_or_default();
        eprintln!("{title:<52}{value:>9.1}{:>30}  {goal}", "");
    }
}

fn against(value: f64, goal: f64) -> String {
    format!("≤ {goal}: {}", if value <= goal { "met" } else { "MISSED" })
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
