//! Measures the ways to a process on the rig, for `cargo xtask bench ways`, which builds this, runs it and says what the figures mean.
//!
//! One JSON object a line on stdout: `{"figure": NAME, "value": MICROSECONDS}`. All take turns, and every other round in the opposite
//! order, so that a machine that slows down slows down all.
//!
//! - the unit of a way: its tool's own command that does nothing there (`ssh HOST true`, `docker exec CONTAINER true`), from start to exit;
//! - attaching: from the start of `leakhunt` to the end of its step `attach`, which `--events` dates, and what it is made of: until the
//!   platform was asked, until the shell there has told what runs and one was chosen, until its inspector was open, until attached;
//! - bytes: what the app at the end of the way sends when it is asked for so many, by leakhunt's own forward (its example `pull`), beside
//!   a port that OpenSSH's `ssh -L` forwards to the same app on this machine;
//! - what is Node.js's own: from SIGUSR1 until its inspector listens, and how long a Node.js that does nothing takes.

mod places;

use std::error::Error;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use jiff::Timestamp;
use leakhunt_rig::Machine;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use places::{Source, Way, openssh, ways};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Parser)]
#[command(name = "bench-ways", about = "Measures the ways to a process; `cargo xtask bench ways` runs it")]
struct Args {
    /// The `leakhunt` to measure
    #[arg(long)]
    leakhunt: PathBuf,
    /// The example of leakhunt-host that pulls bytes
    #[arg(long)]
    pull: PathBuf,
    /// The `node` of the apps
    #[arg(long)]
    node: PathBuf,
    /// Which ways
    #[arg(long, value_delimiter = ',')]
    ways: Vec<String>,
    /// How often each of them is gone
    #[arg(long)]
    runs: u32,
    /// The bytes that are pulled
    #[arg(long)]
    bytes: u64,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: failed to {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let source = Source::start(&args.node)?;
    let (machine, mut pids) = (Machine::start()?, Vec::new());
    let mut all = ways(args, &source)?;
    // What caches there are fill at the first time.
    for way in &all {
        plain(way)?;
        pids.push(hunt(way)?.pid);
    }
    for round in 0..args.runs {
        say(&format!("round {}", round + 1));
        node_itself(&args.node)?;
        reference(args, &machine, &source)?;
        for (way, pid) in all.iter().zip(&pids) {
            measure(args, way, *pid, round)?;
        }
        all.reverse();
        pids.reverse();
    }
    Ok(())
}

fn measure(args: &Args, way: &Way, pid: u64, round: u32) -> Result<()> {
    let tell = |what: &str, took: Duration| tell(&format!("{}/{what}", way.name), took);
    let attach = || -> Result<()> {
        let hunted = hunt(way)?;
        for (what, took) in hunted.parts {
            tell(what, took)?;
        }
        tell("attached", hunted.attached)
    };
    let unit = || plain(way)?.map_or(Ok(()), |took| tell("plain", took));
    if round.is_multiple_of(2) {
        unit()?;
        attach()?;
    } else {
        attach()?;
        unit()?;
    }
    if args.bytes > 0 {
        tell("bytes", pulled(&way.pull, pid, way.port, args.bytes)?)?;
    }
    Ok(())
}

/// One figure.
fn tell(figure: &str, took: Duration) -> Result<()> {
    let value = u64::try_from(took.as_micros())?;
    writeln!(io::stdout(), "{}", json!({ "figure": figure, "value": value })).map_err(Into::into)
}

fn say(text: &str) {
    let _ = writeln!(io::stderr(), "bench: {text}");
}

/// The tool's own command, once.
fn plain(way: &Way) -> Result<Option<Duration>> {
    way.plain.as_ref().map(|plain| ran(again(plain)).map(|(took, _)| took)).transpose()
}

/// What one hunt took.
struct Hunted {
    /// The process, by its number there.
    pid: u64,
    /// From the start of leakhunt until it was attached.
    attached: Duration,
    parts: [(&'static str, Duration); 4],
}

/// A hunt that takes nothing, and ends a second after it is attached.
fn hunt(way: &Way) -> Result<Hunted> {
    let scratch = tempfile::tempdir()?;
    let events = scratch.path().join("events");
    let mut leakhunt = again(&way.hunt);
    leakhunt.args(["--hold", "--hold-for", "1s", "--quiet", "--events"]).arg(&events);
    leakhunt.arg("--out").arg(scratch.path()).env("XDG_STATE_HOME", scratch.path());
    let started = Timestamp::now();
    ran(leakhunt).map_err(|error| format!("hunt by {}: {error}", way.name))?;
    let text = std::fs::read_to_string(events)?;
    let events = text.lines().map(serde_json::from_str).collect::<std::result::Result<Vec<Value>, _>>()?;
    let find = |name: &str, step: Option<&str>| {
        let is_it = |event: &&Value| event["event"] == name && step.is_none_or(|step| event["step"] == step);
        events.iter().find(is_it).ok_or_else(|| format!("find the event {name} of {}", way.name))
    };
    let at = |name: &str, step: Option<&str>| -> Result<Duration> {
        let at: Timestamp = find(name, step)?["at"].as_str().ok_or("find when it was")?.parse()?;
        Ok(at.duration_since(started).try_into()?)
    };
    let done = "step_done";
    let [asked, chosen, opened, attached] = [
        at(done, Some("preflight"))?,
        at("chosen", None)?,
        at(done, Some("reach"))?,
        at(done, Some("attach"))?,
    ];
    let parts = [
        ("asked", asked),
        ("chosen", chosen.saturating_sub(asked)),
        ("opened", opened.saturating_sub(chosen)),
        ("joined", attached.saturating_sub(opened)),
    ];
    let pid = find("chosen", None)?["pid"].as_u64().ok_or("find the process")?;
    Ok(Hunted { pid, attached, parts })
}

/// How long the bytes take.
fn pulled(pull: &Command, pid: u64, port: u16, bytes: u64) -> Result<Duration> {
    let mut pull = again(pull);
    pull.args([pid, port.into(), bytes].map(|number| number.to_string()));
    let (_, said) = ran(pull)?;
    Ok(Duration::from_micros(said.trim().parse()?))
}

/// The same bytes by OpenSSH's own forward.
fn reference(args: &Args, machine: &Machine, source: &Source) -> Result<()> {
    if args.bytes == 0 {
        return Ok(());
    }
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut ssh = openssh(machine)?;
    ssh.arg("-N").arg("-L").arg(format!("127.0.0.1:{port}:127.0.0.1:{}", source.port));
    let _ssh = Ended(ssh.stdin(Stdio::null()).spawn()?);
    listening(port)?;
    let mut pull = Command::new(&args.pull);
    pull.arg("local");
    tell("ssh -L/bytes", pulled(&pull, 0, port, args.bytes)?)
}

/// What is Node.js's own of what attaching takes.
fn node_itself(node: &Path) -> Result<()> {
    let start = Instant::now();
    ran({
        let mut nothing = Command::new(node);
        nothing.args(["-e", "0"]);
        nothing
    })?;
    tell("node/nothing", start.elapsed())?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut app = Command::new(node);
    app.arg(format!("--inspect-port={port}")).args(["-e", "console.log(1); setInterval(() => {}, 1000)"]);
    let mut app = Ended(app.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
    // Its first word comes when the handler is there.
    let mut word = [0];
    io::Read::read_exact(&mut app.0.stdout.take().ok_or("hear Node.js")?, &mut word)?;
    let pid = i32::try_from(app.0.id()).ok().and_then(Pid::from_raw).ok_or("find Node.js")?;
    let start = Instant::now();
    kill_process(pid, Signal::USR1)?;
    listening(port)?;
    tell("node/opens", start.elapsed())
}

/// A child that ends with this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn listening(port: u16) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() > deadline {
            return Err(format!("see somebody listen on port {port}").into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// The same command once more.
fn again(command: &Command) -> Command {
    let mut same = Command::new(command.get_program());
    same.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => same.env(name, value),
            None => same.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        same.current_dir(folder);
    }
    same
}

/// Runs it; gives how long it took, and what it printed.
fn ran(mut command: Command) -> Result<(Duration, String)> {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // Open until the end, as a person's terminal is: the Heroku CLI may trip over a stdin that ends before it is connected.
    let stdin = child.stdin.take();
    let output = child.wait_with_output()?;
    let took = start.elapsed();
    drop(stdin);
    if !output.status.success() {
        let (program, said) = (command.get_program().display(), String::from_utf8_lossy(&output.stderr));
        return Err(format!("run {program}: {}: {}", output.status, said.trim()).into());
    }
    Ok((took, String::from_utf8_lossy(&output.stdout).into_owned()))
}
