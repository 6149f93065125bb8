//! `leakhunt watch`: an app's alarms, and what is done about them.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Duration;

use leakhunt_capture::Interrupt;
use leakhunt_host::heroku::{AppName, Config};
use leakhunt_host::{Environment, Heroku};
use leakhunt_incident::{
    Condition, Decision, Live, Orders, Rules, Trigger, WatchEnded, WatchEvent, replay, watch,
};

use super::heroku::{self, AppArgs};
use crate::alarms::{self, Act, Form, Shown, Unit, Words};
use crate::events::{Destination, Events};
use crate::failure::Failure;
use crate::human::{parse_duration, parse_size};
use crate::hunt::{self, Listening};
use crate::runbooks::{described, given};
use crate::terminal::{self, Unwritten};
use crate::{exit, state};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    host: WatchHost,
}

#[derive(clap::Subcommand)]
enum WatchHost {
    /// The dynos of an app on Heroku, by its log
    ///
    /// A condition is R14, R15 or H12, an error as the platform logs it; mem>400MB or mem>80% (of the quota), the dyno's
    /// memory; growth>20MB/h, how fast that grows, over 20 minutes at least and beginning again where the dyno restarts. With
    /// " for 5m" behind it, it has to hold for so long. Memory is logged where log-runtime-metrics is on, and beside R14 and R15.
    ///
    /// The dyno that complains is hunted, once. It waits where a dyno has only just come up or restarts, and during builds and releases;
    /// after a hunt there is a cool-down. Which hunts it began is kept on disk, so that a restart repeats none. It runs until it
    /// is ended; Ctrl-C, SIGTERM or SIGHUP ends a hunt that is under way in order.
    #[command(after_help = exit::help(EXAMPLES, CODES))]
    Heroku(HerokuArgs),
}

const EXAMPLES: &[&str] = &[
    "leakhunt watch heroku -a myapp --on R14,R15",
    "leakhunt watch heroku -a myapp --on 'mem>80% for 5m' --dry-run",
    "leakhunt watch heroku -a myapp --on R14 --out /var/lib/leakhunt -- --samples 4 --growth 10MB",
    "leakhunt watch heroku -a myapp --on R14,R15 --runbook incident.yaml",
    "leakhunt watch heroku -a myapp --on R14,R15 --replay saved.log",
];

/// Those that it can give.
pub(super) const CODES: &[u8] = &[
    exit::DONE,
    exit::INTERNAL,
    exit::USAGE,
    exit::CANNOT_CONNECT,
    exit::NOT_CONFIRMED,
    exit::INTERRUPTED,
    exit::TERMINATED,
];

#[derive(clap::Args)]
struct HerokuArgs {
    #[command(flatten)]
    app: AppArgs,

    /// Hunt when one of these holds: R14, R15, H12, mem>400MB, mem>80%, growth>20MB/h, each with " for 5m" behind it
    #[arg(long, required = true, value_delimiter = ',', value_parser = condition, value_name = "CONDITION")]
    on: Vec<Condition>,

    /// Read this saved log with its own clock, - for stdin, say what would be done, and do nothing. A hunt takes no time there
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "give_up"])]
    replay: Option<PathBuf>,

    /// Follow the log and say what would be done; start no hunt
    #[arg(long)]
    dry_run: bool,

    /// Leave a dyno alone until it is up for so long
    #[arg(long, default_value = "2m", value_parser = parse_duration, value_name = "DURATION")]
    min_age: Duration,

    /// After a hunt, on whichever dyno, start none for so long
    #[arg(long, default_value = "1h", value_parser = parse_duration, value_name = "DURATION")]
    cooldown: Duration,

    /// Start no more hunts in 24 hours
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100), value_name = "N")]
    max_hunts_per_day: u32,

    /// What to take at R15, when the dyno is near its end: a sampling profile, which hardly needs memory, or snapshots. A runbook
    /// decides that itself, by trigger.code
    #[arg(long, value_enum, default_value_t = OnR15::Sampling, value_name = "EVIDENCE", conflicts_with = "runbook")]
    on_r15: OnR15,

    /// End (30) when the log could not be followed for so long
    #[arg(long, default_value = "30m", value_parser = parse_duration, value_name = "DURATION")]
    give_up: Duration,

    /// Run this runbook instead of a hunt, as `leakhunt run` does. It has the alarm as trigger.code, dyno, at, mem, quota and line;
    /// its inputs `app` and `dyno`, where it has them, are the app and the dyno that complains
    #[arg(long, value_name = "FILE")]
    runbook: Option<PathBuf>,

    /// Give an input of the runbook; repeat it for more
    #[arg(long = "input", value_parser = given::pair, value_name = "NAME=VALUE", requires = "runbook")]
    inputs: Vec<(String, String)>,

    /// Make the session folders in this one
    #[arg(long, default_value = ".", value_name = "DIR")]
    out: PathBuf,

    /// Leave the newest N of the session folders that this watch made, and remove older ones; all removes none. A folder that you
    /// move or rename is yours
    #[arg(long, default_value = "20", value_parser = keep, value_name = "N")]
    keep: Keep,

    /// Print a unit for systemd that keeps exactly this watch at work, and do nothing
    #[arg(long, value_enum, value_name = "MANAGER", conflicts_with = "replay")]
    install: Option<Manager>,

    /// Write all that happens there as it happens, what happens in the hunts included, a line of JSON each: to a file, to the
    /// socket unix:PATH, or to stdout (-)
    #[arg(long, value_name = "DEST", conflicts_with = "replay")]
    events: Option<Destination>,

    /// One JSON object a line on stdout, for each act
    #[arg(long)]
    json: bool,

    /// Options of the hunts that take snapshots, as `leakhunt heroku` has them, behind --
    #[arg(last = true, value_name = "HUNT OPTIONS", conflicts_with = "runbook")]
    hunt: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnR15 {
    Sampling,
    Snapshots,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Manager {
    Systemd,
}

/// How many session folders are left.
#[derive(Debug, Clone, Copy)]
enum Keep {
    All,
    Newest(usize),
}

impl Keep {
    fn most(self) -> Option<usize> {
        match self {
            Self::All => None,
            Self::Newest(most) => Some(most),
        }
    }
}

impl HerokuArgs {
    fn form(&self) -> Form {
        match self.events {
            _ if self.json => Form::Json,
            Some(Destination::Stdout) => Form::Aside,
            _ => Form::Lines,
        }
    }
}

fn keep(text: &str) -> Result<Keep, String> {
    match text.parse() {
        Ok(most @ 1..=1_000) => Ok(Keep::Newest(most)),
        _ if text == "all" => Ok(Keep::All),
        _ => Err("give a number from 1 to 1000, or all".to_owned()),
    }
}

fn condition(text: &str) -> Result<Condition, String> {
    Condition::read(text, parse_size, parse_duration)
}

pub(crate) fn run(args: &Args, root: &clap::Command) -> Result<u8, Failure> {
    let WatchHost::Heroku(args) = &args.host;
    let environment = Environment::new(std::env::vars_os());
    let app = hunt::runtime()?.block_on(heroku::app(&args.app, &environment))?;
    let rules = Rules {
        min_age: args.min_age,
        cooldown: args.cooldown,
        max_hunts_per_day: args.max_hunts_per_day as usize,
        sampling_on_r15: args.on_r15 == OnR15::Sampling && args.runbook.is_none(),
    };
    let orders = Orders { conditions: args.on.clone(), rules };
    let act = match &args.runbook {
        None => Act::Hunt(&args.hunt),
        Some(file) => Act::Run { file, inputs: &args.inputs },
    };
    let words = Words::checked(&app, &args.out, act, &described(root.clone()))?;
    match (&args.install, &args.replay) {
        (Some(Manager::Systemd), _) => install(root, &app, &words),
        (None, Some(file)) => replayed(file, orders, args.form(), &words),
        (None, None) => follow(args, orders, environment, &app, &words),
    }
}

fn replayed(file: &Path, orders: Orders, form: Form, words: &Words<'_>) -> Result<u8, Failure> {
    let (name, mut log) = open(file)?;
    let shown = Shown { form, would: true, runs: words.runs() };
    let mut tell = |decision: &Decision| {
        let command = match decision {
            Decision::Hunt { trigger, sampling } => Some(words.of(trigger, *sampling)),
            _ => None,
        };
        shown.decision(decision, command.as_ref()).map_err(|Unwritten(error)| error)
    };
    let replayed = replay(&mut *log, orders, &mut tell)
        .map_err(|error| Failure::new(exit::USAGE, format!("{name} cannot be read to its end: {error}")))?;
    shown.summary(&replayed)?;
    Ok(exit::DONE)
}

fn install(root: &clap::Command, app: &AppName, words: &Words<'_>) -> Result<u8, Failure> {
    let not_found = |error: io::Error| {
        Failure::new(exit::INTERNAL, format!("this program or its folder cannot be found: {error}"))
    };
    let typed: Vec<_> = std::env::args_os().collect();
    let path = std::env::var("PATH").ok();
    let unit = Unit {
        app,
        program: &std::env::current_exe().map_err(not_found)?,
        words: &alarms::typed(root, &typed, app)?,
        folder: &std::env::current_dir().map_err(not_found)?,
        path: path.as_deref(),
        user: rustix::process::getuid().as_raw(),
        patience: words.patience(),
    };
    let text = unit.text()?;
    terminal::document(|out| out.write_all(text.as_bytes()))?;
    Ok(exit::DONE)
}

/// The saved log, and what it is called.
fn open(path: &Path) -> Result<(String, Box<dyn BufRead>), Failure> {
    const BUFFER: usize = 256 << 10;
    if path.as_os_str() == "-" {
        return Ok(("stdin".to_owned(), Box::new(BufReader::with_capacity(BUFFER, io::stdin()))));
    }
    let name = path.display().to_string();
    let file = leakhunt_files::open(path)
        .map_err(|error| Failure::new(exit::USAGE, format!("--replay {name} cannot be read: {error}")))?;
    Ok((name, Box::new(BufReader::with_capacity(BUFFER, file))))
}

fn follow(
    args: &HerokuArgs,
    orders: Orders,
    environment: Environment,
    app: &AppName,
    words: &Words<'_>,
) -> Result<u8, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(exit::INTERNAL, format!("this program cannot be found: {error}")))?;
    let command = |trigger: &Trigger, sampling| {
        let mut line = words.of(trigger, sampling);
        line.program.clone_from(&program);
        line.args.push("--json".to_owned());
        line
    };
    let events = args.events.as_ref().map(Events::open).transpose()?;
    let of_hunt = |dyno: &str, line: &str| {
        if let Some(events) = &events {
            events.of_step(dyno, line);
        }
    };
    let live = Live {
        orders,
        heroku: log_of(app, &environment)?,
        app: app.to_string(),
        command: &command,
        environment,
        dry_run: args.dry_run,
        state: state_folder()?,
        keep: args.keep.most(),
        give_up: args.give_up,
        patience: words.patience(),
        of_hunt: &of_hunt,
    };
    let state = live.state.clone();
    let shown = Shown { form: args.form(), would: args.dry_run, runs: words.runs() };
    let mut tell = |at, event: WatchEvent| {
        // Nobody has to read what a watch says.
        let _ = shown.event(&at, &event);
        if let Some(events) = &events {
            events.watch(&event);
        }
    };
    let runtime = hunt::runtime()?;
    let interrupt = Interrupt::default();
    let listening = Listening::start(&runtime, &interrupt);
    let ended = runtime.block_on(watch(live, &interrupt.stop, &interrupt.hurry, &mut tell));
    let signalled = listening.signalled();
    if let Some(events) = events {
        events.close();
    }
    end(ended, signalled, app, &state)
}

/// The app, whichever of its dynos is named.
fn log_of(app: &AppName, environment: &Environment) -> Result<Heroku, Failure> {
    let (app, environment) = (app.clone(), environment.clone());
    Ok(Heroku::new(Config { app, dyno: "web.1".parse()?, program: None, preload: true, environment }))
}

fn state_folder() -> Result<PathBuf, Failure> {
    state::watches().ok_or_else(|| {
        Failure::new(exit::USAGE, "there is no folder to keep in it which hunts were begun")
            .hint("set HOME or XDG_STATE_HOME")
    })
}

/// What an end is for the person.
fn end(ended: WatchEnded, signalled: u8, app: &AppName, state: &Path) -> Result<u8, Failure> {
    match ended {
        WatchEnded::Stopped => Ok(signalled),
        WatchEnded::GaveUp(error) => Err(Failure::from(error)),
        WatchEnded::NotConfirmed => Err(Failure::new(
            exit::NOT_CONFIRMED,
            "a hunt could not see the inspector closed, so no other is started",
        )
        .hint("`leakhunt cleanup` finishes its teardown; then start the watch again")),
        WatchEnded::Another => {
            let message = format!("another watch of {app} is at work on this machine");
            Err(Failure::new(exit::CANNOT_CONNECT, message).hint("one is enough; end it first"))
        }
        WatchEnded::NotKept(error) => {
            let message = format!("{} cannot be written: {error}", state.display());
            Err(Failure::new(exit::USAGE, message)
                .hint("it is kept there which hunts were begun, so that a restart repeats none"))
        }
    }
}
