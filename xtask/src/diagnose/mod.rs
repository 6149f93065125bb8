//! How good the diagnosis is, on programs of which the truth is known.
//!
//! Those of `tests/leaks` are recorded and their recordings judged; those of `tests/wild` and `tests/healthy` are hunted as a
//! person would hunt them, by the command line and from outside.

mod auto;
mod corpus;
mod healthy;
mod hunted;
mod sampling;
mod wild;

use std::path::{Path, PathBuf};

/// What judges recordings, and reduces them: arguments of cargo.
const CORPUS: [&str; 8] =
    ["run", "--quiet", "--release", "--package", "leakhunt-diagnosis", "--example", "corpus", "--"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only programs whose name contains this
    filter: Option<String>,
    /// Judge what was recorded last time, without running the programs again
    #[arg(long)]
    recorded: bool,
    /// Keep the recordings, reduced, in crates/diagnosis/tests/recordings, from which `cargo xtask test` judges them; with
    /// --wild those of leaks that are known
    #[arg(long, conflicts_with = "healthy")]
    keep: bool,
    /// Hunt the programs of tests/wild, which leak as public packages did, and grade the answers
    #[arg(long, conflicts_with = "healthy")]
    wild: bool,
    /// Hunt the programs of tests/healthy and count the alarms
    #[arg(long)]
    healthy: bool,
    /// Take nothing but a sampling profile of ten programs of tests/wild and of the demo's, on each Node.js, and grade the line
    /// that comes first
    #[arg(long, conflicts_with_all = ["healthy", "wild", "recorded", "keep", "samples"])]
    sampling: bool,
    /// Hunt the programs of tests/wild and tests/healthy by --profile auto and by six snapshots, and compare answers and costs
    #[arg(long, conflicts_with_all = ["healthy", "wild", "recorded", "keep", "samples", "sampling"])]
    auto: bool,
    #[command(flatten)]
    hunts: Hunts,
}

/// How hunts are made.
#[derive(clap::Args)]
struct Hunts {
    /// With --wild, --healthy, --sampling or --auto: only programs whose name contains one of these
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    only: Vec<String>,
    /// With --wild, --healthy, --sampling or --auto: this Node.js, by major or version, instead of the one that a program is meant for
    #[arg(long, value_name = "VERSION")]
    node: Option<String>,
    /// With --wild or --healthy: how many snapshots a hunt takes; several make a hunt each
    #[arg(long, value_delimiter = ',', value_name = "N")]
    samples: Vec<u32>,
    /// With --wild, --healthy, --sampling or --auto: hunt with this leakhunt, instead of one that is built from these sources
    #[arg(long, value_name = "PROGRAM")]
    leakhunt: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    if args.wild {
        wild::run(args)
    } else if args.healthy {
        healthy::run(args)
    } else if args.auto {
        auto::run(args)
    } else if args.sampling {
        sampling::run(args)
    } else {
        corpus::run(args)
    }
}

impl Args {
    /// Whether a program is among those that are asked for.
    fn wants(&self, name: &str) -> bool {
        let only = &self.hunts.only;
        self.filter.as_deref().is_none_or(|part| name.contains(part))
            && (only.is_empty() || only.iter().any(|part| name.contains(part.as_str())))
    }

    /// How many snapshots each of the hunts of a program takes.
    fn samples(&self, usual: &[u32]) -> Vec<u32> {
        if self.hunts.samples.is_empty() { usual.to_vec() } else { self.hunts.samples.clone() }
    }
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
