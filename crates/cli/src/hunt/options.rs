//! The options of every hunt, and the plan that they make.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use leakhunt_capture::{Plan, WhichThread};

use super::hold::HoldOptions;
use crate::analysis::folder;
use crate::events::Destination;
use crate::exit;
use crate::failure::Failure;
use crate::human::{parse_duration, parse_size};
use crate::risk::Risk;
use crate::state;

#[derive(Args)]
#[command(next_help_heading = "Hunt options")]
pub(crate) struct Options {
    /// What to take; repeat it, or join several with commas: the lightest is taken first
    #[arg(long, value_enum, value_delimiter = ',', default_value = "heap", value_name = "KIND")]
    pub(crate) profile: Vec<Profile>,

    /// Where a snapshot is refused, take this instead: consent given beforehand
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) fallback: Option<Fallback>,

    /// How long each profile takes; of `auto` at the longest, before it decides whether snapshots are needed
    #[arg(long, default_value = "60s", value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) duration: Duration,

    /// How many snapshots at the most; fewer than 4 are too few to call a leak one
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=100), value_name = "N")]
    pub(crate) samples: u32,

    /// Take all the snapshots, even if the answer is certain with fewer
    #[arg(long)]
    pub(crate) all_samples: bool,

    /// Post-GC growth of used heap plus external memory after which the next snapshot is taken
    #[arg(long, default_value = "2.5MB", value_parser = parse_size, value_name = "SIZE")]
    pub(crate) growth: u64,

    /// The next snapshot is taken after this time, grown or not
    #[arg(long, default_value = "10m", value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) max_wait: Duration,

    /// How a snapshot is transferred: through a file on the app's disk, or streamed
    #[arg(long, value_enum, default_value_t = Route::Auto)]
    pub(crate) route: Route,

    /// Refuse a snapshot that is predicted to stop the app for longer
    #[arg(long, default_value = "20s", value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) max_pause: Duration,

    /// Take this process instead of choosing one. One that is not proven to run Node.js may end at SIGUSR1: it needs --yes
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,

    /// Hunt the heap of this worker thread, by its id or its name, or that of the main thread (`main`), instead of the one that grows
    #[arg(long, value_name = "ID|NAME|main")]
    pub(crate) worker: Option<String>,

    /// Choose among the processes that have this text in their command line; --pid comes before it
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,

    /// Where several processes could be the one, as the workers of a cluster, hunt each of them, one after another. With --pid of a
    /// cluster's primary: each of its workers
    #[arg(long)]
    pub(crate) each_worker: bool,

    /// Make the session folder in this one, which is made if it is not there
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// Read the program's files and source maps below this folder of this machine; repeat it for more
    ///
    /// No other file that a snapshot names is read, but for those that --fetch-source-maps fetches, and in a hunt on this
    /// machine those below the working directory and the script's folder of the process.
    #[arg(long, alias = "source-maps", value_parser = folder(), value_name = "DIR")]
    pub(crate) sources: Vec<PathBuf>,

    /// Fetch the program's source maps from its own disk, into the session folder, so that the answer names what people
    /// wrote instead of what a bundler made of it
    #[arg(long)]
    pub(crate) fetch_source_maps: bool,

    /// Take no allocation profile between the snapshots, by which the answer names the program's own line where a
    /// package holds what grows
    #[arg(long)]
    pub(crate) no_allocations: bool,

    /// Leave findings.json, summary.md and report.html out of the session folder
    #[arg(long)]
    pub(crate) no_report: bool,

    /// Consent to a risk beforehand, and to no other; repeat it, or join several with commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "RISK")]
    pub(crate) accept: Vec<Risk>,

    /// Answer yes to the one question that would be asked; what is refused (exit 20) needs --accept
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// One JSON document on stdout, everything else on stderr
    #[arg(long)]
    pub(crate) json: bool,

    /// Write all that happens there as it happens, a line of JSON each: to a file, to the socket unix:PATH, or to stdout (-)
    #[arg(long, value_name = "DEST")]
    pub(crate) events: Option<Destination>,

    /// Only errors and the answer
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more, every command included
    #[arg(short, long)]
    pub(crate) verbose: bool,

    #[command(flatten)]
    pub(crate) hold: HoldOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// The lightest evidence that answers: memory is observed while a sampling profile is taken, and snapshots follow only where these
    /// leave a doubt, no more than it takes to be certain
    Auto,
    /// Heap snapshots: what is on the heap and what retains it; each pauses the app
    Heap,
    /// A sampling heap profile: what is allocated and stays alive, by function and line; hardly any pause
    Sampling,
    /// A CPU profile: the functions that take the time, the share of garbage collection, the event loop's delay; hardly any pause
    Cpu,
    /// An allocation timeline: the stack by which each object was allocated that lives on; a busy app is ten times as slow
    /// meanwhile, so it needs --accept timeline
    Timeline,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Fallback {
    /// A sampling heap profile
    Sampling,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Route {
    /// `file` where the app has a real disk with room (before Node 24.19 also in memory), else `stream`
    Auto,
    /// Written by the app to an unlinked file, pulled compressed
    File,
    /// The DevTools protocol's chunks
    Stream,
}

/// The plan of these options.
pub(crate) fn plan(options: &Options, name: String) -> Result<Plan, Failure> {
    let out = writable(&options.out)?;
    Ok(Plan {
        profile: options.profile.iter().copied().map(Into::into).collect(),
        fallback: options.fallback.map(|Fallback::Sampling| leakhunt_capture::Fallback::Sampling),
        duration: options.duration,
        samples: options.samples,
        all_samples: options.all_samples,
        growth: options.growth,
        max_wait: options.max_wait,
        route: options.route.into(),
        max_pause: options.max_pause,
        allocations: !options.no_allocations,
        fetch_source_maps: options.fetch_source_maps,
        accept: options.accept.iter().copied().filter_map(Risk::of_a_hunt).collect(),
        pid: options.pid,
        worker: options.worker.as_deref().map(WhichThread::from),
        look_for: Plan::default().look_for,
        unproven_too: options.yes && options.pid.is_some(),
        named: options.name.clone(),
        own_only: false,
        out,
        name,
        tool_version: env!("CARGO_PKG_VERSION"),
        hold: options.hold.plan(),
        journals: state::journals(),
        destination: None,
    })
}

impl From<Route> for leakhunt_capture::Route {
    fn from(route: Route) -> Self {
        match route {
            Route::Auto => Self::Auto,
            Route::File => Self::File,
            Route::Stream => Self::Stream,
        }
    }
}

impl From<Profile> for leakhunt_capture::Profile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Auto => Self::Auto,
            Profile::Heap => Self::Heap,
            Profile::Sampling => Self::Sampling,
            Profile::Cpu => Self::Cpu,
            Profile::Timeline => Self::Timeline,
        }
    }
}

/// A folder that cannot be written is learned of before anything is started; one that is not there yet is made. Gives its
/// full path, which is what a script can use from anywhere.
pub(crate) fn writable(out: &Path) -> Result<PathBuf, Failure> {
    // One level only: a longer path that is not there is more likely a slip. What fails here, fails in the next line too.
    let _ = std::fs::create_dir(out);
    // A full disk takes a file, and no byte in it.
    let tried = tempfile::tempfile_in(out).and_then(|mut file| file.write_all(&[0; 1 << 16]));
    tried.and_then(|()| out.canonicalize()).map_err(|error| {
        Failure::new(exit::USAGE, format!("--out {} cannot be written: {error}", out.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_made_and_a_longer_path_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let made = writable(&scratch.path().join("incident")).unwrap();
        assert!(made.is_absolute() && made.is_dir());
        assert!(writable(&scratch.path().join("a/slip/here")).is_err());
        assert!(!scratch.path().join("a").exists());
    }
}
