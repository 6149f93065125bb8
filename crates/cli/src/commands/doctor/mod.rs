//! `leakhunt doctor`: go or no-go for a hunt, and why.

mod shown;

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::{Subcommand, ValueEnum as _};
use leakhunt_capture::{Event, Examination, Look, Plan};
use leakhunt_host::heroku::{Config, DynoName};
use leakhunt_host::{Check, Environment, Host};
use leakhunt_text::Line;
use serde::Serialize;
use shown::{LIGHTER, render};
use tokio::signal::unix::{SignalKind, signal};

use super::command::WayArgs;
use super::docker::ContainerArgs;
use super::fly::MachineArgs;
use super::heroku::AppArgs;
use super::kubectl::PodArgs;
use super::ssh::LoginArgs;
use super::{docker, fly, heroku, kubectl, local};
use crate::exit::{self, help};
use crate::failure::Failure;
use crate::human::parse_duration;
use crate::hunt::{self, Profile, Route};
use crate::progress::Progress;
use crate::risk::Risk;
use crate::table::text_width;
use crate::terminal;

#[derive(clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) host: DoctorHost,
}

#[derive(Subcommand)]
pub(crate) enum DoctorHost {
    /// A dyno: the preflight, then ONE ps:exec (on Fir run:inside) that looks and never signals; no ps:forward
    #[command(after_help = help(&["leakhunt doctor heroku -a myapp -d web.2"], exit::OF_A_LOOK))]
    Heroku {
        #[command(flatten)]
        app: AppArgs,
        /// The dyno [default: web.1; of a Fir app the first web dyno that is up]
        #[arg(short, long, value_name = "DYNO")]
        dyno: Option<String>,
        #[command(flatten)]
        options: DoctorOptions,
    },
    /// A machine by SSH
    #[command(after_help = help(&["leakhunt doctor ssh deploy@app.example.com"], exit::OF_A_LOOK))]
    Ssh {
        /// The machine, as `ssh` knows it; its host key must be on record in known_hosts
        #[arg(value_name = "[USER@]HOST[:PORT]")]
        target: String,
        #[command(flatten)]
        login: LoginArgs,
        #[command(flatten)]
        options: DoctorOptions,
    },
    /// This machine
    #[command(after_help = help(&["leakhunt doctor local --pid 4242"], exit::OF_A_LOOK))]
    Local {
        #[command(flatten)]
        options: DoctorOptions,
    },
    /// A container: what its engine says of it, then one exec that looks and never signals
    #[command(after_help = help(&["leakhunt doctor docker shop"], exit::OF_A_LOOK))]
    Docker {
        #[command(flatten)]
        container: ContainerArgs,
        #[command(flatten)]
        options: DoctorOptions,
    },
    /// A pod: what the API server says of it, then one exec that looks and never signals
    #[command(after_help = help(&["leakhunt doctor kubectl deploy/shop -n prod"], exit::OF_A_LOOK))]
    Kubectl {
        #[command(flatten)]
        which: PodArgs,
        #[command(flatten)]
        options: DoctorOptions,
    },
    /// A machine of Fly.io: what its API says of it, then one ssh console that looks and never signals
    #[command(after_help = help(&["leakhunt doctor fly -a myapp"], exit::OF_A_LOOK))]
    Fly {
        #[command(flatten)]
        which: MachineArgs,
        #[command(flatten)]
        options: DoctorOptions,
    },
    /// A place where a command of your own can be run; it is run once
    #[command(after_help = help(&["leakhunt doctor command --exec 'docker exec -i shop sh -c {}'"], exit::OF_A_LOOK))]
    Command {
        #[command(flatten)]
        way: WayArgs,
        #[command(flatten)]
        options: DoctorOptions,
    },
}

#[derive(clap::Args)]
pub(crate) struct DoctorOptions {
    /// Assume this kind of evidence; repeat it, or join several with commas
    #[arg(long, value_enum, value_delimiter = ',', default_value = "heap", value_name = "KIND")]
    pub(crate) profile: Vec<Profile>,

    /// Assume this transfer route
    #[arg(long, value_enum, default_value_t = Route::Auto)]
    pub(crate) route: Route,

    /// No-go for a snapshot that is predicted to stop the app for longer
    #[arg(long, default_value = "20s", value_parser = parse_duration, value_name = "DURATION")]
    pub(crate) max_pause: Duration,

    /// Assume consent to this risk; the look itself needs unverified-link on a dyno of Fir
    #[arg(long, value_enum, value_delimiter = ',', value_name = "RISK")]
    pub(crate) accept: Vec<Risk>,

    /// Take this process instead of choosing one
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,

    /// Choose among the processes that have this text in their command line; --pid comes before it
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,

    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,

    /// Say more, every command included
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let runtime = hunt::runtime()?;
    let (host, options, command) = match &args.host {
        DoctorHost::Heroku { app, dyno, options } => {
            let environment = Environment::new(std::env::vars_os());
            let app = runtime.block_on(heroku::app(app, &environment))?;
            let name: DynoName = dyno.as_deref().unwrap_or(heroku::USUAL).parse()?;
            let config = Config { app: app.clone(), dyno: name, program: None, preload: true, environment };
            let found = runtime.block_on(heroku::find(config, dyno.as_ref()));
            (Host::Heroku(found.heroku), options, format!("leakhunt heroku -a {app} -d {}", found.dyno))
        }
        DoctorHost::Ssh { target, login, options } => {
            let target = login.target(target)?;
            (login.host(&target)?, options, login.typed(&target))
        }
        DoctorHost::Local { options } => (local::host(), options, "leakhunt local".to_owned()),
        DoctorHost::Docker { container, options } => {
            let docker = container.docker()?;
            (docker::host(&docker), options, ContainerArgs::typed(&docker))
        }
        DoctorHost::Kubectl { which, options } => {
            let kubectl = which.kubectl(&runtime)?;
            (kubectl::host(&kubectl), options, PodArgs::typed(&kubectl))
        }
        DoctorHost::Fly { which, options } => {
            let fly = which.fly(&runtime)?;
            (fly::host(&fly), options, MachineArgs::typed(&fly))
        }
        DoctorHost::Command { way, options } => (way.host(), options, way.typed()),
    };
    let plan = Plan {
        profile: options.profile.iter().copied().map(Into::into).collect(),
        route: options.route.into(),
        max_pause: options.max_pause,
        accept: options.accept.iter().copied().filter_map(Risk::of_a_hunt).collect(),
        pid: options.pid,
        named: options.name.clone(),
        own_only: matches!(host, Host::Local(_)),
        ..Plan::default()
    };
    let quiet = options.json && !options.verbose;
    let progress = Progress::new(std::io::stderr().is_terminal() && !options.json, quiet, options.verbose);
    let watch = |event: &Event| progress.event(event);
    let found = runtime.block_on(async {
        tokio::select! {
            code = interrupted() => Err(Failure::new(code, "interrupted; nothing was changed")),
            found = leakhunt_capture::examine(&plan, &host, &watch) => Ok(found),
        }
    });
    progress.finish();
    end(options, found?, &command)
}

/// Whatever runs is dropped then, and its process group killed.
async fn interrupted() -> u8 {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Ok(mut int), Ok(mut term), Ok(mut hup)] = kinds.map(signal) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = int.recv() => exit::INTERRUPTED,
        _ = term.recv() => exit::TERMINATED,
        _ = hup.recv() => exit::TERMINATED,
    }
}

fn end(options: &DoctorOptions, mut found: Examination, command: &str) -> Result<u8, Failure> {
    if !found.left {
        terminal::say(&[Line::own("warning: the shell that looked was killed and not seen gone")]);
    }
    let verdict = std::mem::replace(&mut found.verdict, Ok(()));
    let no_go = verdict.err().map(Failure::from);
    if options.json {
        let document = Document {
            schema_version: 1,
            target: &found.target,
            verdict: match (&no_go, found.undecided) {
                (Some(_), _) => "no-go",
                (None, Some(_)) => "depends",
                (None, None) => "go",
            },
            exit_code: no_go.as_ref().map_or(exit::DONE, Failure::code),
            error: no_go.as_ref().map(Failure::message),
            hint: no_go.as_ref().and_then(Failure::advice),
            checks: found.checks.iter().map(Answered::of).collect(),
            look: found.look.as_ref(),
        };
        terminal::print_json(&document)?;
    } else {
        let mut command = command.to_owned();
        for risk in &options.accept {
            command.push_str(&format!(" --accept {risk}"));
        }
        if let Some(pid) = options.pid {
            command.push_str(&format!(" --pid {pid}"));
        }
        for profile in options.profile.iter().filter_map(|profile| profile.to_possible_value()) {
            if options.profile != [Profile::Heap] {
                command.push_str(&format!(" --profile {}", profile.get_name()));
            }
        }
        let advised = (options.profile == [Profile::Heap]).then_some(LIGHTER);
        terminal::answer(&render(&found, no_go.as_ref(), (&command, advised), text_width()))?;
    }
    Ok(no_go.map_or(exit::DONE, |failure| failure.code()))
}

/// `leakhunt doctor --json`.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    target: &'a str,
    verdict: &'static str,
    exit_code: u8,
    error: Option<&'a str>,
    hint: Option<&'a str>,
    checks: Vec<Answered<'a>>,
    look: Option<&'a Look>,
}

#[derive(Serialize)]
struct Answered<'a> {
    what: &'a str,
    answer: &'a str,
    ms: u128,
}

impl<'a> Answered<'a> {
    fn of(check: &'a Check) -> Self {
        Self { what: check.what, answer: &check.answer, ms: check.took.as_millis() }
    }
}
