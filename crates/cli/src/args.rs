//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::human::{parse_duration, parse_size};
use crate::usage::folder;

/// The whole command line, for completions and manual pages.
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

/// Find the line that leaks, in the production process that leaks, and leave that process as it was found.
#[derive(Parser)]
#[command(name = "leakhunt", version, max_term_width = 100, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Is one JSON document wanted on stdout?
    pub(crate) fn json(&self) -> bool {
        match &self.command {
            Command::Heroku(args) => args.hunt.json,
            Command::Ssh(args) => args.hunt.json,
            Command::Local(args) => args.hunt.json,
            Command::Doctor(args) => match &args.host {
                DoctorHost::Heroku { options, .. }
                | DoctorHost::Ssh { options, .. }
                | DoctorHost::Local { options } => options.json,
            },
            Command::Cleanup(args) => args.json,
            Command::Analyze(args) => args.json || args.format == Format::Json,
            Command::Report(args) => args.format == Format::Json,
            Command::Compare(args) => args.json,
            Command::Summary(args) => args.json,
            Command::Retainers(args) => args.json,
            Command::Export(_) | Command::Completions(_) | Command::Man(_) => false,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Hunt on a Heroku dyno, through your own Heroku CLI
    #[command(after_help = EXIT_CODES)]
    Heroku(Heroku),

    /// Hunt on any machine by SSH: by your keys and agent, on a host key that is on record in known_hosts
    #[command(after_help = EXIT_CODES)]
    Ssh(Ssh),

    /// Hunt on this machine
    ///
    /// The process that would be signalled is said first: its pid, command line, folder, user and age. Unless --pid names it, a
    /// person at a terminal is asked; a script goes on where exactly one process fits. Another user's process, a package manager,
    /// a build, an editor's server and a test runner never fit: --pid can name them.
    #[command(after_help = EXIT_CODES)]
    Local(Local),

    /// Go or no-go, and why: what a hunt would take and what it would cost; changes nothing, signals nothing
    #[command(after_help = EXIT_CODES)]
    Doctor(Doctor),

    /// Finish the teardown of hunts that were killed
    #[command(after_help = EXIT_CODES)]
    Cleanup(Cleanup),

    /// What leaks, who holds it and on which line: the diagnosis of a hunt, or of snapshots of any tool
    #[command(after_help = EXIT_CODES)]
    Analyze(Analyze),

    /// A hunt's report once more, in any format, from what its analysis found then
    #[command(after_help = EXIT_CODES)]
    Report(Report),

    /// What is new and what is gone between two snapshots: DevTools' Comparison, exactly
    #[command(after_help = EXIT_CODES)]
    Compare(Compare),

    /// What is in a snapshot, class by class: DevTools' Summary and Statistics
    #[command(after_help = EXIT_CODES)]
    Summary(Summary),

    /// Who holds an object, up to the global objects
    #[command(after_help = EXIT_CODES)]
    Retainers(Retainers),

    /// The node table, one JSON array a line: id, class key, self size, retained size, distance, id of the dominator
    #[command(after_help = EXIT_CODES)]
    Export(Export),

    /// Completions for a shell, on stdout
    Completions(Completions),

    /// The manual page, on stdout; of one command if it is named
    Man(Man),
}

#[derive(Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args)]
pub(crate) struct Man {
    /// The command whose page it is
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

#[derive(Args)]
pub(crate) struct Cleanup {
    /// One JSON document on stdout, everything else on stderr
    #[arg(long)]
    pub(crate) json: bool,

    /// Only errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more, every command included
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Args)]
pub(crate) struct Analyze {
    /// The folder of a hunt, or snapshots in the order of capture
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

#[derive(Args)]
pub(crate) struct Report {
    /// The folder of a hunt
    #[arg(value_name = "SESSION")]
    pub(crate) session: PathBuf,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    Text,
    /// For a script
    Json,
    /// For a ticket
    Markdown,
    /// For a browser: one file without remote parts
    Html,
    /// For a GitHub workflow
    Github,
}

#[derive(Args)]
pub(crate) struct Summary {
    /// The snapshot
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// All classes, not only the top ones; JSON has them anyway
    #[arg(long, conflicts_with = "json")]
    pub(crate) all: bool,

    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Retainers {
    /// The snapshot
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// An object, as @ID, or a class, of which the object that retains most is taken
    #[arg(value_name = "@ID|CLASS")]
    pub(crate) what: String,

    /// Go this many steps away from the object
    #[arg(long, default_value_t = 12, value_name = "N")]
    pub(crate) depth: usize,

    /// Show this many holders of one object
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub(crate) siblings: usize,

    /// Quote strings and keys of the analysed program: they may be secrets
    #[arg(long)]
    pub(crate) show_strings: bool,

    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Export {
    /// The snapshot
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Args)]
pub(crate) struct Compare {
    /// The earlier snapshot
    pub(crate) base: PathBuf,

    /// The later snapshot
    pub(crate) target: PathBuf,

    /// Compare counts and sizes of classes only, for snapshots whose object ids have nothing in common
    #[arg(long)]
    pub(crate) by_class: bool,

    /// All rows, not only the top ones; JSON has them anyway
    #[arg(long, conflicts_with = "json")]
    pub(crate) all: bool,

    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which dyno.
#[derive(Args)]
pub(crate) struct DynoArgs {
    /// The app [default: the app of the git remote]
    #[arg(short, long, env = "HEROKU_APP", value_name = "APP")]
    pub(crate) app: Option<String>,

    /// Take the app of this git remote
    #[arg(short, long, value_name = "REMOTE")]
    pub(crate) remote: Option<String>,

    /// The dyno
    #[arg(short, long, default_value = "web.1", value_name = "DYNO")]
    pub(crate) dyno: String,
}

/// Which machine.
#[derive(Args)]
pub(crate) struct MachineArgs {
    /// The machine; its host key must be on record in known_hosts
    #[arg(value_name = "[USER@]HOST[:PORT]")]
    pub(crate) target: String,

    /// The private key [default: the agent's, then the usual files in ~/.ssh]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Ssh {
    #[command(flatten)]
    pub(crate) machine: MachineArgs,

    #[command(flatten)]
    pub(crate) hunt: Hunt,
}

#[derive(Args)]
pub(crate) struct Local {
    #[command(flatten)]
    pub(crate) hunt: Hunt,
}

#[derive(Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Doctor {
    #[command(subcommand)]
    pub(crate) host: DoctorHost,
}

#[derive(Subcommand)]
pub(crate) enum DoctorHost {
    /// A dyno: the preflight, then ONE ps:exec that looks and never signals; no ps:forward
    #[command(after_help = EXIT_CODES)]
    Heroku {
        #[command(flatten)]
        dyno: DynoArgs,
        #[command(flatten)]
        options: DoctorOptions,
    },
    /// A machine by SSH
    #[command(after_help = EXIT_CODES)]
    Ssh {
        #[command(flatten)]
        machine: MachineArgs,
        #[command(flatten)]
        options: DoctorOptions,
    },
    /// This machine
    #[command(after_help = EXIT_CODES)]
    Local {
        #[command(flatten)]
        options: DoctorOptions,
    },
}

#[derive(Args)]
pub(crate) struct DoctorOptions {
    /// Judge for this kind of evidence
    #[arg(long, value_enum, default_value_t = Profile::Heap, value_name = "KIND")]
    pub(crate) profile: Profile,

    /// Judge for this way home of a snapshot
    #[arg(long, value_enum, default_value_t = Route::Auto)]
    pub(crate) route: Route,

    /// No-go for a snapshot that is predicted to stop the app for longer
    #[arg(long, default_value = "20s", value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) max_pause: Duration,

    /// Take this process instead of choosing one
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,

    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,

    /// Say more, every command included
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Args)]
pub(crate) struct Heroku {
    #[command(flatten)]
    pub(crate) dyno: DynoArgs,

    /// Switch the runtime-heroku-exec feature on if it is off; this RESTARTS EVERY DYNO and loses the leaked heap. It asks
    /// first, or needs --accept restart
    #[arg(long)]
    pub(crate) enable_exec: bool,

    /// Run the Heroku CLI without leakhunt's preload: its forward then listens on every interface of this machine.
    /// It asks first, or needs --accept exposure
    #[arg(long)]
    pub(crate) no_preload: bool,

    #[command(flatten)]
    pub(crate) hunt: Hunt,
}

#[derive(Args)]
#[command(next_help_heading = "Hunt options")]
pub(crate) struct Hunt {
    /// What to take
    #[arg(long, value_enum, default_value_t = Profile::Heap, value_name = "KIND")]
    pub(crate) profile: Profile,

    /// Where a snapshot is refused, take this instead: consent given beforehand
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) fallback: Option<Fallback>,

    /// How long a sampling profile takes
    #[arg(long, default_value = "60s", value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) duration: Duration,

    /// How many snapshots
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=100), value_name = "N")]
    pub(crate) samples: u32,

    /// Post-GC growth of used heap plus external memory after which the next snapshot is taken
    #[arg(long, default_value = "2.5MB", value_parser = parse_size, value_name = "SIZE")]
    pub(crate) growth: u64,

    /// The next snapshot is taken after this time, grown or not
    #[arg(long, default_value = "10m", value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) max_wait: Duration,

    /// How a snapshot comes home: through a file on the app's disk, or streamed
    #[arg(long, value_enum, default_value_t = Route::Auto)]
    pub(crate) route: Route,

    /// Refuse a snapshot that is predicted to stop the app for longer
    #[arg(long, default_value = "20s", value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) max_pause: Duration,

    /// Take this process instead of choosing one. One that is not proven to run Node.js may end at SIGUSR1: it needs --yes
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,

    /// Make the session folder in this one, which is made if it is not there
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// Read the program's files and source maps below this folder of this machine; repeat it for more
    ///
    /// No other file that a snapshot names is read, but for those that --fetch-source-maps brings home, and in a hunt on this
    /// machine those below the working directory and the script's folder of the process.
    #[arg(long, alias = "source-maps", value_parser = folder(), value_name = "DIR")]
    pub(crate) sources: Vec<PathBuf>,

    /// Fetch the program's source maps from its own disk, into the session folder, so that the answer names what people
    /// wrote instead of what a bundler made of it
    #[arg(long)]
    pub(crate) fetch_source_maps: bool,

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

    /// Only errors and the answer
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more, every command included
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Risk {
    /// The app may be killed for its memory
    Memory,
    /// The app answers nothing for as long as it takes, whatever --max-pause says
    Pause,
    /// Every dyno of the app restarts (--enable-exec)
    Restart,
    /// Others than you can reach the forwarded inspector, from this machine or its network (--no-preload)
    Exposure,
}

impl Risk {
    /// The risk that a hunt takes; switching Heroku Exec on is over before there is one.
    pub(crate) fn of_a_hunt(self) -> Option<leakhunt_capture::Risk> {
        match self {
            Self::Memory => Some(leakhunt_capture::Risk::Memory),
            Self::Pause => Some(leakhunt_capture::Risk::Pause),
            Self::Exposure => Some(leakhunt_capture::Risk::Exposure),
            Self::Restart => None,
        }
    }
}

impl From<leakhunt_capture::Risk> for Risk {
    fn from(risk: leakhunt_capture::Risk) -> Self {
        match risk {
            leakhunt_capture::Risk::Memory => Self::Memory,
            leakhunt_capture::Risk::Pause => Self::Pause,
            leakhunt_capture::Risk::Exposure => Self::Exposure,
        }
    }
}

impl std::fmt::Display for Risk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // None of them is hidden.
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Heap snapshots: what is there, who holds it; the app stands still for each
    Heap,
    /// A sampling heap profile: what is allocated meanwhile and lives on, by function and line; hardly any pause
    Sampling,
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

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  internal error
    2  usage
   10  leak found, with --fail-on-leak
   11  inconclusive, with --fail-on-leak
   20  refused: the predicted memory or pause is over the limit, or the process is so near a
       limit (descriptors, threads, memory) that SIGUSR1 could end it
   21  consent needed: the message names the flag
   30  cannot connect: tool missing, not logged in, no such app or dyno, tunnel refused,
       another hunt or a debugger at work there
   31  no Node process, or more than one candidate
   32  the inspector did not open
   33  the process ended mid-hunt (out of memory, crashed, cycled, restarted: the message
       tells which, where that was seen); what was complete is kept
   34  capture incomplete; what was whole is kept
   35  not a readable heap snapshot (or session)
   40  teardown not confirmed: the inspector may be open; outranks all others
  130, 143  interrupted; torn down";
