//! `leakhunt watch`: an app's alarms, and what is done about them.

use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::time::Duration;

use leakhunt_host::{CommandLine, Environment};
use leakhunt_incident::{Condition, Decision, Orders, Rules, replay};

use super::heroku::{self, AppArgs};
use crate::alarms::{self, Shown};
use crate::failure::Failure;
use crate::human::{parse_duration, parse_size};
use crate::terminal::Unwritten;
use crate::{exit, hunt};

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
    #[command(after_help = exit::help(&["leakhunt watch heroku -a myapp --on R14,R15 --replay saved.log", "heroku logs --num 1500 -a myapp | leakhunt watch heroku -a myapp --on 'mem>80% for 5m' --replay -"], &[exit::DONE, exit::INTERNAL, exit::USAGE]))]
    Heroku(HerokuArgs),
}

#[derive(clap::Args)]
struct HerokuArgs {
    #[command(flatten)]
    app: AppArgs,

    /// Hunt when one of these holds: R14, R15, H12, mem>400MB, mem>80%, growth>20MB/h, each with " for 5m" behind it
    #[arg(long, required = true, value_delimiter = ',', value_parser = condition, value_name = "CONDITION")]
    on: Vec<Condition>,

    /// Read this saved log with its own clock, - for stdin, say what would be done, and do nothing. A hunt takes no time there
    #[arg(long, value_name = "FILE")]
    replay: PathBuf,

    /// Leave a dyno alone until it is up for so long
    #[arg(long, default_value = "2m", value_parser = parse_duration, value_name = "DURATION")]
    min_age: Duration,

    /// After a hunt, on whichever dyno, start none for so long
    #[arg(long, default_value = "1h", value_parser = parse_duration, value_name = "DURATION")]
    cooldown: Duration,

    /// Start no more hunts in 24 hours
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100), value_name = "N")]
    max_hunts_per_day: u32,

    /// What to take at R15, when the dyno is near its end: a sampling profile, which hardly needs memory, or snapshots
    #[arg(long, value_enum, default_value_t = OnR15::Sampling, value_name = "EVIDENCE")]
    on_r15: OnR15,

    /// One JSON object a line on stdout, for each act
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnR15 {
    Sampling,
    Snapshots,
}

fn condition(text: &str) -> Result<Condition, String> {
    Condition::read(text, parse_size, parse_duration)
}

impl Args {
    pub(crate) fn json(&self) -> bool {
        let WatchHost::Heroku(args) = &self.host;
        args.json
    }
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let WatchHost::Heroku(args) = &args.host;
    let environment = Environment::new(std::env::vars_os());
    let app = hunt::runtime()?.block_on(heroku::app(&args.app, &environment))?;
    let rules = Rules {
        min_age: args.min_age,
        cooldown: args.cooldown,
        max_hunts_per_day: args.max_hunts_per_day as usize,
        sampling_on_r15: args.on_r15 == OnR15::Sampling,
    };
    let orders = Orders { conditions: args.on.clone(), rules };
    let (name, mut log) = open(&args.replay)?;
    let shown = Shown { json: args.json };
    let mut tell = |decision: &Decision| {
        shown.would(decision, command(app.as_str(), decision).as_ref()).map_err(|Unwritten(error)| error)
    };
    let replayed = replay(&mut *log, orders, &mut tell)
        .map_err(|error| Failure::new(exit::USAGE, format!("{name} cannot be read to its end: {error}")))?;
    alarms::summary(&replayed, args.json)?;
    Ok(exit::DONE)
}

/// The saved log, and what it is called.
fn open(path: &std::path::Path) -> Result<(String, Box<dyn BufRead>), Failure> {
    const BUFFER: usize = 256 << 10;
    if path.as_os_str() == "-" {
        return Ok(("stdin".to_owned(), Box::new(BufReader::with_capacity(BUFFER, io::stdin()))));
    }
    let name = path.display().to_string();
    let file = leakhunt_files::open(path)
        .map_err(|error| Failure::new(exit::USAGE, format!("--replay {name} cannot be read: {error}")))?;
    Ok((name, Box::new(BufReader::with_capacity(BUFFER, file))))
}

/// The command of a hunt, as a person could type it.
fn command(app: &str, decision: &Decision) -> Option<CommandLine> {
    let Decision::Hunt { trigger, sampling } = decision else { return None };
    let mut args = vec!["heroku".to_owned(), format!("--app={app}"), format!("--dyno={}", trigger.dyno)];
    let evidence = if *sampling { "--profile=sampling" } else { "--fallback=sampling" };
    args.push(evidence.to_owned());
    Some(CommandLine { program: "leakhunt".into(), args })
}
