//! Measures hunts on the rig, for `cargo xtask bench hunt`, which builds this, runs it and says what the figures mean.
//!
//! One JSON object a line on stdout: `{"figure": NAME, "value": N}`, microseconds or bytes. The sides of a comparison take
//! turns, and every other round in the opposite order, so that a machine that slows down slows down both. Each capture is
//! the first one of a freshly booted dyno, whose heap does not grow: the sides meet the same heap.
//!
//! - the unit: a bare `heroku ps:exec -- true`, from start to exit;
//! - attaching: from the start of `leakhunt heroku` to the end of its step `attach`, which `events.ndjson` dates; by hand,
//!   from the first `ps:exec` to the first answer of `/json` through `ps:forward`, without the person's own time;
//! - a snapshot's wall time: from the request to the whole file, as each client measures it; attaching is not in it;
//! - its pause: the longest time without an answer that the same [`Visitor`] saw, whoever took the snapshot;
//! - the sentence: from the last snapshot's end until the hunt's answer is certain, as its events date both, beside an analysis of
//!   that snapshot alone; and from the start of a hunt to the first line on its stdout;
//! - memory: the kernel's high-water mark of leakhunt's own process, when the hunt was over and when it had also given its
//!   answer, for which it reads the snapshot back.

mod sentence;

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Output, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use jiff::Timestamp;
use leakhunt_rig::{App, Dyno, Fault, Options, Pace, Rig, Visitor};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Where an inspector that SIGUSR1 opened listens in the dyno.
const INSPECTOR: u16 = 9229;
/// The slow tunnel, bytes a second.
const SLOW: u64 = 2_000_000;
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Parser)]
#[command(name = "bench-hunt", about = "Measures hunts on the rig; `cargo xtask bench hunt` runs it")]
struct Args {
    /// The `leakhunt` to measure
    #[arg(long)]
    leakhunt: PathBuf,
    /// The `node` of the dynos and of the JavaScript client
    #[arg(long)]
    node: PathBuf,
    /// The JavaScript client: takes a port and a file, prints its wall time
    #[arg(long)]
    client: PathBuf,
    /// The node_modules in which the client finds its packages
    #[arg(long)]
    modules: PathBuf,
    /// What to measure
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Attach, Part::Capture, Part::Memory, Part::Sentence])]
    parts: Vec<Part>,
    /// How often each side of a comparison runs
    #[arg(long)]
    runs: u32,
    /// The heap of the comparison with the client, megabytes
    #[arg(long)]
    heap: u32,
    /// The heap of the memory measurement, megabytes
    #[arg(long)]
    large_heap: u32,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Part {
    Attach,
    Capture,
    Memory,
    Sentence,
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
    args.parts.iter().try_for_each(|part| match part {
        Part::Attach => attaching(args),
        Part::Capture => capturing(args),
        Part::Memory => memory(args),
        Part::Sentence => sentence::sentence(args),
    })
}

/// One figure, in microseconds or bytes.
fn tell(figure: &str, value: u64) -> Result<()> {
    writeln!(io::stdout(), "{}", json!({ "figure": figure, "value": value })).map_err(Into::into)
}

fn say(text: &str) {
    let _ = writeln!(io::stderr(), "bench: {text}");
}

/// Does both, in this order in even rounds and in the other one in odd rounds.
fn in_turn(round: u32, one: impl FnOnce() -> Result<()>, other: impl FnOnce() -> Result<()>) -> Result<()> {
    if round.is_multiple_of(2) {
        one()?;
        other()
    } else {
        other()?;
        one()
    }
}

/// How long it takes to be attached, by leakhunt and by hand, and what one CLI call costs here.
fn attaching(args: &Args) -> Result<()> {
    let options = Options { app: App::Banner, node: Some(args.node.clone()), ..Options::default() };
    let rig = Rig::start_blocking(&options)?;
    let dyno = rig.dyno("web.1")?;
    // The CLI fills its caches in a fresh HOME.
    exec(&rig, "true")?;
    for round in 0..args.runs {
        say(&format!("attaching, round {}", round + 1));
        let start = Instant::now();
        exec(&rig, "true")?;
        tell("unit", micros(start.elapsed()))?;
        let ours = || tell("attach/leakhunt", micros(hunt(&rig, &args.leakhunt)?.attached));
        let by_hand = || {
            tell("attach/by-hand", micros(attach_by_hand(&rig)?))?;
            // Its inspector is open still: the next one starts from a closed one.
            dyno.restart().map_err(Into::into)
        };
        in_turn(round, ours, by_hand)?;
    }
    Ok(())
}

/// The article's way: look for the process, signal it, forward the inspector's port, ask it.
fn attach_by_hand(rig: &Rig) -> Result<Duration> {
    const PROCESSES: &str =
        r#"for p in /proc/[0-9]*; do echo "${p#/proc/} $(tr '\0' ' ' <$p/cmdline)"; done | grep node"#;
    let start = Instant::now();
    let listed = exec(rig, PROCESSES)?;
    let server = |line: &str| {
        let (pid, command) = line.trim().split_once(' ')?;
        (command.starts_with("node ") && command.contains("server.js")).then(|| pid.parse::<u32>().ok())?
    };
    let pid = listed.lines().find_map(server).ok_or_else(|| format!("find the app in: {listed}"))?;
    exec(rig, &format!("kill -USR1 {pid}"))?;
    let _forward = Forward::open(rig)?;
    Ok(start.elapsed())
}

/// What a snapshot costs in time, at either speed of the tunnel, beside the usual client.
fn capturing(args: &Args) -> Result<()> {
    let rig = heap_rig(args, args.heap)?;
    for round in 0..args.runs {
        for (speed, rate) in [("unlimited", None), ("slow", Some(SLOW))] {
            match rate {
                Some(rate) => rig.set(Fault::TunnelSlow(rate)),
                None => rig.clear(Fault::TunnelSlow(SLOW)),
            }
            let tell_all = |who: &str, captured: &Captured| {
                tell(&format!("{speed}/{who}/wall"), captured.wall_us)?;
                tell(&format!("{speed}/{who}/pause"), micros(captured.pause))?;
                tell(&format!("{speed}/{who}/bytes"), captured.bytes)
            };
            say(&format!("capturing, tunnel {speed}, round {}", round + 1));
            in_turn(
                round,
                || {
                    let (captured, hunted) = capture_by_hunt(&rig, args)?;
                    tell(&format!("{speed}/leakhunt/pause-told"), hunted.pause_us)?;
                    tell_all("leakhunt", &captured)
                },
                || tell_all("client", &capture_by_client(&rig, args)?),
            )?;
        }
    }
    Ok(())
}

/// leakhunt's own memory while a large snapshot comes home.
fn memory(args: &Args) -> Result<()> {
    say("a large snapshot");
    let rig = heap_rig(args, args.large_heap)?;
    let hunted = hunt(&rig, &args.leakhunt)?;
    tell("large/bytes", hunted.bytes)?;
    tell("large/peak", hunted.peak)?;
    tell("large/peak-analysed", hunted.peak_analysed)
}

fn heap_rig(args: &Args, megabytes: u32) -> Result<Rig> {
    let var = |name: &str, value: u32| (name.to_owned(), value.to_string());
    Ok(Rig::start_blocking(&Options {
        app: App::Heap,
        node: Some(args.node.clone()),
        config: vec![var("HEAP_MB", megabytes), var("GROWTH_KB", 0)],
        dyno_type: "Performance-L".to_owned(),
        ..Options::default()
    })?)
}

/// What one snapshot cost.
struct Captured {
    wall_us: u64,
    pause: Duration,
    bytes: u64,
}

fn capture_by_hunt(rig: &Rig, args: &Args) -> Result<(Captured, Hunted)> {
    let visitor = fresh(&rig.dyno("web.1")?)?;
    let hunted = hunt(rig, &args.leakhunt)?;
    let captured =
        Captured { wall_us: hunted.wall_us, pause: visitor.seen().longest_gap(), bytes: hunted.bytes };
    Ok((captured, hunted))
}

fn capture_by_client(rig: &Rig, args: &Args) -> Result<Captured> {
    let dyno = rig.dyno("web.1")?;
    let visitor = fresh(&dyno)?;
    // The signal comes from outside: this comparison is about what follows the attaching.
    let app = dyno.node_pid();
    let process = dyno.processes().into_iter().find(|process| Some(process.pid) == app);
    process.ok_or("find the app's process")?.signal(Signal::USR1)?;
    let forward = Forward::open(rig)?;
    let scratch = tempfile::tempdir()?;
    let file = scratch.path().join("1.heapsnapshot");
    let mut client = rig.command(&args.node);
    client.arg(&args.client).arg(forward.port.to_string()).arg(&file).env("NODE_PATH", &args.modules);
    let said: Value = serde_json::from_slice(
        &checked(client.stdin(Stdio::null()).output()?, "take a snapshot by the client")?.stdout,
    )?;
    Ok(Captured {
        wall_us: said["wall_us"].as_u64().ok_or("read the client's wall time")?,
        pause: visitor.seen().longest_gap(),
        bytes: whole(&file)?,
    })
}

/// Boots the dyno again and watches it from outside.
fn fresh(dyno: &Dyno) -> Result<Visitor> {
    dyno.restart()?;
    let pace = Pace { every: Duration::from_millis(10), gap: Duration::from_millis(10), ..Pace::default() };
    let visitor = dyno.visit(pace)?;
    poll("an answer of the app", || (visitor.seen().answered > 0).then_some(()))?;
    Ok(visitor)
}

/// The size of a snapshot, which ends as a whole one does.
fn whole(file: &Path) -> Result<u64> {
    let text = std::fs::read(file)?;
    if !text.trim_ascii_end().ends_with(b"]}") {
        return Err(format!("read a whole snapshot of {} bytes", text.len()).into());
    }
    Ok(text.len() as u64)
}

/// What `leakhunt heroku --samples 1` did.
struct Hunted {
    /// From the start of the process until it was attached.
    attached: Duration,
    wall_us: u64,
    /// The pause that it tells of.
    pause_us: u64,
    bytes: u64,
    /// Its own largest resident set until everything was undone.
    peak: u64,
    /// The same until it ended: the analysis reads the snapshot back.
    peak_analysed: u64,
}

fn hunt(rig: &Rig, leakhunt: &Path) -> Result<Hunted> {
    let scratch = tempfile::tempdir()?;
    let mut command = rig.command(leakhunt);
    command.args(["heroku", "--app", rig.app_name(), "--dyno", "web.1", "--samples", "1", "--json"]);
    // A large heap's cost may be predicted to be more than what is allowed without consent.
    command.args(["--accept", "memory,pause"]);
    command.arg("--out").arg(scratch.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Timestamp::now();
    let child = command.spawn()?;
    let pid = child.id();
    let marks = std::thread::spawn(move || high_water_marks(pid));
    let ended = child.wait_with_output()?;
    let marks = marks.join().map_err(|_| "watch leakhunt's memory")?;
    let document: Value = serde_json::from_slice(&checked(ended, "hunt")?.stdout)?;
    let session = document["session"].as_str().ok_or("read where the session is")?;
    let (attached, undone) = attached_and_undone(Path::new(session))?;
    let peak = |until| marks.iter().filter(|(at, _)| *at <= until).map(|(_, mark)| *mark).max();
    let snapshot = &document["snapshots"][0];
    let number = |name: &str| snapshot[name].as_u64().ok_or_else(|| format!("read {name} of {document}"));
    Ok(Hunted {
        attached: attached.duration_since(started).try_into()?,
        wall_us: number("wall_ms")? * 1000,
        pause_us: number("pause_ms")? * 1000,
        bytes: number("bytes")?,
        peak: peak(undone).ok_or("read leakhunt's memory")?,
        peak_analysed: peak(Timestamp::MAX).ok_or("read leakhunt's memory")?,
    })
}

/// When the step `attach` was done, and when the last thing happened in the hunt.
fn attached_and_undone(session: &Path) -> Result<(Timestamp, Timestamp)> {
    let text = std::fs::read_to_string(session.join("events.ndjson"))?;
    let events = text.lines().map(serde_json::from_str).collect::<std::result::Result<Vec<Value>, _>>()?;
    let is_attached = |event: &&Value| event["event"] == "step_done" && event["step"] == "attach";
    let at = |event: Option<&Value>| -> Result<Timestamp> {
        Ok(event.and_then(|event| event["at"].as_str()).ok_or("find an event's time")?.parse()?)
    };
    Ok((at(events.iter().find(is_attached))?, at(events.last())?))
}

/// The largest resident set that a process had had by then, bytes, each time that it was found higher; returns when the
/// process has ended.
///
/// Not by `wait4`: Linux adds to its answer what the process has waited for itself, so that of a hunt it tells the memory
/// of the Heroku CLI. The mark only rises, so what is missed is what was new in the last milliseconds.
fn high_water_marks(pid: u32) -> Vec<(Timestamp, u64)> {
    let mut marks = vec![];
    loop {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        // One that has ended has no memory left to tell of.
        let Some(mark) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) else { return marks };
        let kibibytes = mark.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default();
        if marks.last().is_none_or(|(_, highest)| *highest < kibibytes * 1024) {
            marks.push((Timestamp::now(), kibibytes * 1024));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A bare `heroku ps:forward` to the inspector, on a port of its own; it ends when dropped.
struct Forward {
    child: Child,
    port: u16,
}

impl Forward {
    /// Starts it and waits until the inspector answers through it.
    fn open(rig: &Rig) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let ports = format!("{port}:{INSPECTOR}");
        let child = rig
            .heroku()
            .args(["ps:forward", &ports, "-a", rig.app_name(), "-d", "web.1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let mut forward = Self { child, port };
        poll("an answer of the inspector through ps:forward", || {
            match forward.child.try_wait() {
                Ok(None) => {}
                ended => {
                    return Some(Err(format!("forward a port: {ended:?} (is another one running here?)")));
                }
            }
            asked(port).is_ok().then_some(Ok(()))
        })??;
        Ok(forward)
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        // Of major 11 it takes no SIGTERM.
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// One request for the inspector's list of targets.
///
/// The answer is read to its end: a connection that is closed with something unread is reset, which kills a bare ps:forward.
fn asked(port: u16) -> io::Result<()> {
    let unusable = || io::Error::from(io::ErrorKind::InvalidData);
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    (&stream).write_all(b"GET /json HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut answer = BufReader::new(&stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if answer.read_line(&mut head)? == 0 {
            return Err(unusable());
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
    answer.read_exact(&mut vec![0; length.ok_or_else(unusable)?])?;
    if head.starts_with("HTTP/1.0 200") || head.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(unusable())
    }
}

/// Runs a command in the dyno and returns what it printed.
fn exec(rig: &Rig, command: &str) -> Result<String> {
    let mut child = rig
        .heroku()
        .args(["ps:exec", "-a", rig.app_name(), "-d", "web.1", "--", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Open until the end, as a person's terminal is: the CLI may trip over a stdin that ends before it is connected.
    let stdin = child.stdin.take();
    let output = child.wait_with_output()?;
    drop(stdin);
    Ok(String::from_utf8_lossy(&checked(output, "run ps:exec")?.stdout).into_owned())
}

fn checked(output: Output, what: &str) -> Result<Output> {
    if output.status.success() {
        return Ok(output);
    }
    Err(format!("{what}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()).into())
}

/// Looks again and again until there is something to see.
fn poll<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return Ok(seen);
        }
        if Instant::now() > deadline {
            return Err(format!("see in {} s {what}", PATIENCE.as_secs()).into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
