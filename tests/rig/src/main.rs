//! `leakhunt-rig serve`: a loopback Heroku for people and for the demo. `leakhunt-rig enter`: a place for one without root.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::mpsc;

use clap::{Parser, Subcommand};
use leakhunt_rig::{App, Disk, Fault, FirWay, Login, NEWEST_CLI, Options, Pace, Rig};
use serde_json::json;

#[derive(Parser)]
#[command(name = "leakhunt-rig", about = "A loopback Heroku for the real Heroku CLI")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run a rig until stdin closes; one JSON line on stdout tells when it is ready: {app, env}, another at the end how
    /// web.1 answered a visitor all the while: {answered, failed, longest_gap_ms}
    Serve(Serve),
    /// Run a command as root of a namespace of its own, where an ordinary user may have rigs
    Enter {
        /// The command
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
    /// The inside of `enter`: bring the loopback up, become the command
    #[command(hide = true)]
    Inside {
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

#[derive(clap::Args)]
struct Serve {
    /// What the dynos run
    #[arg(long, value_enum, default_value = "banner")]
    app: App,
    /// The node binary of the dynos [default: the one in the PATH]
    #[arg(long)]
    node: Option<PathBuf>,
    /// How many dynos
    #[arg(long, default_value_t = 1)]
    dynos: u32,
    /// What goes wrong, for example feature-off, tunnel-closed, tunnel-slow=BYTES_A_SECOND, tunnel-latency=MILLISECONDS,
    /// tunnel-cut-after=BYTES, tunnel-stalled-after=BYTES, exec-manager-hangs, private-space, no-app; repeatable
    #[arg(long)]
    fault: Vec<Fault>,
    /// A config var of the app, NAME=VALUE; repeatable
    #[arg(long, value_parser = config_var)]
    config: Vec<(String, String)>,
    /// The dynos' disk
    #[arg(long, value_enum, default_value = "roomy")]
    disk: Disk,
    /// The dynos' type, by the platform's name
    #[arg(long, default_value = "Standard-2X")]
    dyno_type: String,
    /// The dynos' memory limit in bytes
    #[arg(long)]
    memory_limit: Option<u64>,
    /// The major of the Heroku CLI to put first in the PATH
    #[arg(long, default_value_t = NEWEST_CLI)]
    cli: u32,
    /// How the CLI finds its token
    #[arg(long, value_enum, default_value = "api-key")]
    login: Login,
    /// The app is of the Fir generation, and run:inside comes in by this way
    #[arg(long, value_enum, value_name = "WAY")]
    fir: Option<FirWay>,
}

fn config_var(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn main() -> ExitCode {
    let done = match Cli::parse().verb {
        Verb::Serve(serve) => run(serve),
        Verb::Enter { command } => Err(enter(&command)),
        Verb::Inside { command } => inside(&command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            let _ = writeln!(io::stderr(), "error: failed to {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(serve: Serve) -> Result<(), String> {
    let end = ends();
    let rig = Rig::start_blocking(&Options {
        app: serve.app,
        node: serve.node,
        dynos: serve.dynos,
        faults: serve.fault,
        config: serve.config,
        disk: serve.disk,
        dyno_type: serve.dyno_type,
        memory_limit: serve.memory_limit,
        cli: serve.cli,
        login: serve.login,
        fir: serve.fir,
    })
    .map_err(|error| error.to_string())?;
    let env: serde_json::Map<_, _> =
        rig.env().into_iter().map(|(name, value)| (name, value.into())).collect();
    let ready = json!({ "app": rig.app_name(), "env": env });
    writeln!(io::stdout(), "{ready}").map_err(|error| format!("tell that the rig is ready: {error}"))?;
    let visitor = rig.dynos().first().map(|dyno| dyno.visit(Pace::default()));
    // An error says that every sender is gone, which is an end as well.
    let _ = end.recv();
    if let Some(Ok(visitor)) = visitor {
        let visits = visitor.seen();
        let longest = visits.longest_gap().as_millis();
        let seen =
            json!({ "answered": visits.answered, "failed": visits.failed.len(), "longest_gap_ms": longest });
        // Whoever started the rig may be gone, and with it the other end.
        let _ = writeln!(io::stdout(), "{seen}");
    }
    drop(rig);
    Ok(())
}

/// Tells when to end: stdin closed, SIGTERM, SIGINT or SIGHUP.
fn ends() -> mpsc::Receiver<()> {
    let (end, ended) = mpsc::channel();
    let by_stdin = end.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 256];
        while matches!(io::stdin().read(&mut buffer), Ok(1..)) {}
        let _ = by_stdin.send(());
    });
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
            let [Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)] = kinds.map(signal) else { return };
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {}, _ = hangup.recv() => {} }
        });
        let _ = end.send(());
    });
    ended
}

/// Becomes the command inside a user and network namespace, where this user is root and every port is free.
fn enter(command: &[String]) -> String {
    let this = match std::env::current_exe() {
        Ok(this) => this,
        Err(error) => return format!("find this program: {error}"),
    };
    let error = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net"])
        .arg(this)
        .args(["inside", "--"])
        .args(command)
        .exec();
    format!("run unshare: {error}")
}

fn inside(command: &[String]) -> Result<(), String> {
    leakhunt_rig::loopback_up().map_err(|error| format!("bring the loopback up: {error}"))?;
    let (program, arguments) = command.split_first().ok_or("run nothing")?;
    Err(format!("run {program}: {}", Command::new(program).args(arguments).exec()))
}
