//! `leakhunt analyze`: the diagnosis of a session or of loose snapshots.

use std::path::PathBuf;

use leakhunt_diagnosis::{Series, Verdict};

use crate::analysis::{self, Format, Input, Wishes, analyse, folder, print_as};
use crate::exit;
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder of a hunt, or snapshots in the order of capture; profiles too (`.heapprofile`, `.heaptimeline`, `.cpuprofile`)
    #[arg(required = true, value_name = "SESSION|FILE")]
    pub(crate) paths: Vec<PathBuf>,

    /// What to print; `github` is annotations for a workflow, and a summary for $GITHUB_STEP_SUMMARY
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,

    /// One JSON document, as findings.json: the same as `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,

    /// Before and after a fix: say which suspects of this earlier hunt are gone, slower or new
    ///
    /// A session folder, a folder of snapshots, or a findings.json that was kept. Findings that are there are not made again.
    #[arg(long, value_name = "SESSION")]
    pub(crate) baseline: Option<PathBuf>,

    /// Quote strings of the analysed program, cut and escaped: they may be secrets
    #[arg(long)]
    pub(crate) show_strings: bool,

    /// Exit with 10 on a leak, in the heap or outside of it, and with 11 if there is no telling; with --baseline, what is
    /// gone does not count
    #[arg(long)]
    pub(crate) fail_on_leak: bool,

    /// Read the program's files and source maps below this folder; repeat it for more
    ///
    /// No other file that a snapshot names is read, but for those of the session folder (--fetch-source-maps).
    #[arg(long, alias = "source-maps", value_parser = folder(), value_name = "DIR")]
    pub(crate) sources: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let wishes = Wishes { sources: &args.sources, show_strings: args.show_strings, ..Wishes::default() };
    let mut analysis = analyse(Input::of(&args.paths)?, wishes, &mut Series::default())?;
    if let Some(path) = &args.baseline {
        analysis.findings.compare_with(&analysis::baseline(path, wishes)?);
    }
    print_as(if args.json { Format::Json } else { args.format }, &analysis)?;
    Ok(match analysis.findings.verdict {
        _ if !args.fail_on_leak => exit::DONE,
        Verdict::Leak | Verdict::NotHeap => exit::LEAK,
        Verdict::Inconclusive => exit::INCONCLUSIVE,
        Verdict::Healthy => exit::DONE,
    })
}
