//! A hunt against the ways that people have without leakhunt, on the rig, each figure with its goal beside it.
//!
//! The rig's `bench-hunt` measures and prints figures; this builds it, runs it and says what the figures mean.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use xshell::Shell;

use super::figures::{Figures, print_heading, seconds};
use super::measure;
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
    #[arg(long, value_delimiter = ',', default_values = ["attach", "capture", "memory", "sentence"], value_name = "PARTS")]
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
    tools::build(&sh, "release", &["leakhunt", "leakhunt-rig", "bench-hunt"])?;
    let leakhunt = tools::target().join("release/leakhunt");
    let mut figures = Figures::default();
    for _ in 0..VERSIONS {
        let mut command = Command::new(&leakhunt);
        command.arg("--version");
        let run = measure::run(command)?.map_err(anyhow::Error::msg).context("leakhunt --version failed")?;
        figures.add("version", u64::try_from(run.wall.as_micros())?);
    }
    let measured = measure(&sh, args, &leakhunt, &mut figures);
    print(&figures, args);
    measured
}

/// Runs the rig's part and takes its figures.
fn measure(sh: &Shell, args: &Args, leakhunt: &Path, figures: &mut Figures) -> anyhow::Result<()> {
    let (heap, large_heap) = heaps(args.quick);
    let options: [(&str, OsString); 8] = [
        ("--leakhunt", leakhunt.into()),
        ("--node", tools::node(NODE).into()),
        ("--client", tools::workspace().join("xtask/peers/cri.cjs").into()),
        ("--modules", tools::folder("npm").join("node_modules").into()),
        ("--parts", args.only.join(",").into()),
        ("--runs", args.runs.to_string().into()),
        ("--heap", heap.to_string().into()),
        ("--large-heap", large_heap.to_string().into()),
    ];
    figures.take(sh, "bench-hunt", options.into_iter().flat_map(|(name, value)| [name.into(), value]))
}

fn print(figures: &Figures, args: &Args) {
    eprintln!("\nmedians of {}, Node.js {NODE} in the dyno, Heroku CLI from npm", args.runs);
    if args.quick {
        eprintln!("--quick: the heaps are smaller than those of the goals");
    }
    print_heading();
    figures.compare("attach with leakhunt ÷ one bare ps:exec, s", "attach/leakhunt", "unit", Some(1.2));
    figures.compare("attach by hand ÷ one bare ps:exec, s", "attach/by-hand", "unit", None);
    print_captures(figures, "unlimited", "unlimited tunnel", None);
    print_captures(figures, "slow", "tunnel of 2 MB/s", Some(0.35));
    eprintln!();
    if let Some(bytes) = figures.median("large/bytes") {
        let title = format!("leakhunt's own peak memory, {:.0} MB snapshot, MB", mega(bytes));
        figures.limit(&title, "large/peak", 1e6, Some(40.0));
        figures.limit("  with the analysis at its end, MB", "large/peak-analysed", 1e6, None);
    }
    eprintln!();
    figures.compare(
        "last snapshot → certain ÷ its analysis alone, s",
        "sentence/after",
        "sentence/alone",
        Some(1.3),
    );
    figures.limit("Enter → sentence on the demo's app, s", "sentence/enter", 1e6, None);
    figures.limit(&format!("leakhunt --version, ms, median of {VERSIONS}"), "version", 1e3, Some(10.0));
}

fn print_captures(figures: &Figures, speed: &str, title: &str, wall_goal: Option<f64>) {
    let of = |who: &str, what: &str| format!("{speed}/{who}/{what}");
    let bytes = |who: &str| figures.median(&of(who, "bytes")).map(mega);
    let (Some(ours), Some(theirs)) = (bytes("leakhunt"), bytes("client")) else { return };
    eprintln!(
        "\none snapshot ÷ chrome-remote-interface through ps:forward, {title}: {ours:.0} and {theirs:.0} MB"
    );
    let compare =
        |title, what, goal| figures.compare(title, &of("leakhunt", what), &of("client", what), goal);
    compare("  wall, s", "wall", wall_goal);
    compare("  pause seen by a visitor, s", "pause", Some(1.0));
    if let Some(told) = figures.median(&of("leakhunt", "pause-told")) {
        eprintln!("{:<52}{:>9.3}", "  pause told by leakhunt itself, s", seconds(told));
    }
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
