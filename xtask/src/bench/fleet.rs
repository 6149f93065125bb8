//! A hunt of several dynos, side by side against one after the other.
//!
//! The rig's `bench-fleet` measures and prints figures; this builds it, runs it and says what the figures mean.

use std::ffi::OsString;

use xshell::Shell;

use super::figures::{Figures, print_heading};
use crate::{setup, tools};

/// The major of Node.js in the dynos.
const NODE: u32 = 24;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often each side of the comparison runs
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Snapshots of each hunt
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(4..))]
    samples: u32,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    setup::run(&setup::Args { all_clis: false, demo: false })?;
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    tools::build(&sh, "release", &["leakhunt", "leakhunt-rig", "bench-fleet"])?;
    let options: [(&str, OsString); 4] = [
        ("--leakhunt", tools::target().join("release/leakhunt").into()),
        ("--node", tools::node(NODE).into()),
        ("--runs", args.runs.to_string().into()),
        ("--samples", args.samples.to_string().into()),
    ];
    let mut figures = Figures::default();
    let measured =
        figures.take(&sh, "bench-fleet", options.into_iter().flat_map(|(name, value)| [name.into(), value]));
    eprintln!(
        "\nmedians of {}, 4 of 8 dynos hunted, {} snapshots each, Node.js {NODE} in the dynos",
        args.runs, args.samples
    );
    print_heading();
    figures.compare("--parallel 4 ÷ --parallel 1, s", "parallel-4", "parallel-1", None);
    measured
}
