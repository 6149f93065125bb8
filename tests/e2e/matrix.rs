//! The teardown matrix: at each stage of a hunt, each thing that can happen to it; then what is left.
//!
//! A cell is one hunt with the real CLI on a rig of its own. The stage is recognised by a line of `events.ndjson`, the
//! event is brought about, the hunt ends, and then: no process, no private folder, no partial file here; the inspector
//! closed within ten seconds, or exit 40 that says it is not; no file in the dyno; every `.heapsnapshot` whole; the app alive
//! and answering. Where the exit code was 40, and after a SIGKILL, `leakhunt cleanup` has to finish it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use leakhunt_rig::{App, Call, Dyno, Fault, Options, Rig};

use crate::hold::event;
use crate::support::{Hunt, Ran, hunt, node, print, scratch, with_sturdy_node};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Preflight,
    ExecRunning,
    Signalling,
    Signalled,
    TunnelUp,
    Planted,
    Waiting,
    Profiling,
    Writing,
    Downloading,
    Held,
    Leaving,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Error,
    Int,
    IntTwice,
    Term,
    HangUp,
    Panic,
    Kill,
    TunnelCut,
    TunnelStalled,
    Restart,
    CliKilled,
    DiskFull,
}

const STAGES: [Stage; 12] = [
    Stage::Preflight,
    Stage::ExecRunning,
    Stage::Signalling,
    Stage::Signalled,
    Stage::TunnelUp,
    Stage::Planted,
    Stage::Waiting,
    Stage::Profiling,
    Stage::Writing,
    Stage::Downloading,
    Stage::Held,
    Stage::Leaving,
];

const EVENTS: [Event; 12] = [
    Event::Error,
    Event::Int,
    Event::IntTwice,
    Event::Term,
    Event::HangUp,
    Event::Panic,
    Event::Kill,
    Event::TunnelCut,
    Event::TunnelStalled,
    Event::Restart,
    Event::CliKilled,
    Event::DiskFull,
];

/// A cell, and what was seen or what was wrong.
type Judged = ((Stage, Event), Result<String, String>);

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Preflight => "preflight",
            Self::ExecRunning => "exec running",
            Self::Signalling => "no inspector yet",
            Self::Signalled => "signalled",
            Self::TunnelUp => "tunnel up",
            Self::Planted => "planted, no facts",
            Self::Waiting => "waiting",
            Self::Profiling => "profiling",
            Self::Writing => "snapshot being written",
            Self::Downloading => "downloading",
            Self::Held => "held",
            Self::Leaving => "leaving",
        }
    }

    /// The line by which it is recognised; before the folder exists there is none.
    fn line(self) -> &'static str {
        match self {
            Self::Preflight => "\"event\":\"step_started\",\"step\":\"preflight\"",
            Self::ExecRunning => "ps:exec",
            // What is next is the signal.
            Self::Signalling => "\"event\":\"chosen\"",
            Self::Signalled => "\"order\":\"signal ",
            Self::TunnelUp => "\"event\":\"step_started\",\"step\":\"attach\"",
            Self::Planted => "\"event\":\"planted\"",
            Self::Waiting => "\"event\":\"reading\"",
            Self::Profiling => "\"event\":\"sampling\"",
            Self::Writing => "\"event\":\"snapshot_started\"",
            Self::Downloading => "\"event\":\"snapshot_arriving\"",
            Self::Held => "\"event\":\"held\"",
            Self::Leaving => "\"event\":\"step_started\",\"step\":\"leave\"",
        }
    }

    /// Stages at which the app must be busy for a while.
    fn needs_a_heap(self) -> bool {
        matches!(self, Self::Writing | Self::Downloading)
    }
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Int => "SIGINT",
            Self::IntTwice => "SIGINT twice",
            Self::Term => "SIGTERM",
            Self::HangUp => "SIGHUP",
            Self::Panic => "panic",
            Self::Kill => "SIGKILL, cleanup",
            Self::TunnelCut => "tunnel cut",
            Self::TunnelStalled => "tunnel stalled",
            Self::Restart => "dyno restart",
            Self::CliKilled => "CLI killed",
            Self::DiskFull => "disk full",
        }
    }

    /// The exit codes that are right. A hunt that has all it came for before the event strikes ends with 0.
    fn codes(self, stage: Stage) -> &'static [i32] {
        match (self, stage) {
            (Self::Error, Stage::Preflight | Stage::ExecRunning) => &[30],
            // The inspector is open, and only through the tunnel that is refused could it be closed.
            (Self::Error, Stage::TunnelUp) => &[40],
            (Self::Error, Stage::Signalled) => &[32],
            // No inspector opens in this app, whatever strikes: it is the signal that is under way.
            (Self::TunnelCut | Self::CliKilled, Stage::Signalling) => &[30, 32, 34],
            (Self::TunnelStalled, Stage::Signalling) => &[30, 32, 34, 40],
            (Self::DiskFull, Stage::Signalling) => &[32],
            (Self::Error, _) => &[20],
            (Self::Int, Stage::Leaving) => &[0, 130],
            (Self::Int, _) => &[130],
            // In a hurry nobody waits for the last look.
            (Self::IntTwice, _) => &[0, 130, 40],
            (Self::Term | Self::HangUp, Stage::Leaving) => &[0, 143],
            (Self::Term | Self::HangUp, _) => &[143],
            (Self::Panic, Stage::Leaving) => &[0],
            (Self::Panic, _) => &[1],
            (Self::Kill, _) => &[],
            (Self::TunnelCut | Self::CliKilled, _) => &[0, 30, 34],
            (Self::TunnelStalled, _) => &[0, 30, 34, 40],
            // Before the process was chosen it is no restart: the new one is found, or the way there breaks off.
            (Self::Restart, Stage::Preflight | Stage::ExecRunning) => &[0, 30, 34],
            // It is seen that it ended, if it did before the last look.
            (Self::Restart, Stage::Leaving) => &[0, 33],
            (Self::Restart, _) => &[33],
            (Self::DiskFull, Stage::Preflight) => &[2],
            (Self::DiskFull, _) => &[34],
        }
    }
}

/// Why a cell makes no sense.
fn not_applicable(stage: Stage, event: Event) -> Option<&'static str> {
    match (stage, event) {
        (Stage::Preflight, Event::TunnelCut | Event::TunnelStalled) => Some("there is no tunnel yet"),
        (Stage::Preflight, Event::CliKilled) => Some("no ps:exec or ps:forward was started yet"),
        (Stage::Writing | Stage::Downloading, Event::Error) => {
            Some("what can go wrong here is the tunnel, the dyno, the CLI or the disk: their own columns")
        }
        (Stage::Signalling | Stage::Planted, Event::Error) => {
            Some("what can go wrong here is in the columns beside it: no inspector, no tunnel, no connection")
        }
        (Stage::Held | Stage::Profiling, Event::Error) => {
            Some("what can go wrong here is the tunnel, the dyno or the CLI: their own columns")
        }
        (Stage::Leaving, Event::Error) => {
            Some("the way out has no error of its own: what fails is a line of the receipt")
        }
        _ => None,
    }
}

/// Runs one cell; gives what was seen, or what was wrong.
fn cell(stage: Stage, event: Event) -> Result<String, String> {
    let rig = Rig::start_blocking(&options(stage, event)).map_err(|error| format!("no rig: {error}"))?;
    let dyno = rig.dyno("web.1").map_err(|error| error.to_string())?;
    let folders = scratch();
    let disk = (event == Event::DiskFull).then(|| SmallDisk::mount(&folders.path().join("out")));
    if let (Some(disk), Stage::Preflight) = (&disk, stage) {
        disk.fill();
    }
    let mut command = rig.command(env!("CARGO_BIN_EXE_leakhunt"));
    if event == Event::Panic {
        command.env("LEAKHUNT_TEST_PANIC_AT", stage.line());
    }
    let args = arguments(&rig, stage, event);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut hunt = Hunt::spawn_in(folders, command, &args, Some(dyno.clone()));
    let mut debugger = None;
    let from_the_start =
        matches!(event, Event::Error | Event::Panic) || (event, stage) == (Event::DiskFull, Stage::Preflight);
    if !from_the_start {
        reach(&rig, &mut hunt, stage)?;
        // In use while it strikes.
        debugger = (stage == Stage::Held).then(|| Debugger::attach(&mut hunt));
        strike(&rig, &dyno, &mut hunt, event, disk.as_ref())?;
    } else if event == Event::Error && stage == Stage::TunnelUp {
        // The next connection, which is the forward's, is refused.
        reach(&rig, &mut hunt, Stage::ExecRunning)?;
        if !rig.wait_for_call(Duration::from_secs(60), |call| matches!(call, Call::Tunnel { .. })) {
            return Err("no tunnel came".into());
        }
        rig.set(Fault::TunnelClosed);
    }
    rig.clear(Fault::TunnelSlow(1));
    let began = Instant::now();
    let deadline = began + Duration::from_secs(300);
    while !hunt.has_ended() {
        if Instant::now() > deadline {
            hunt.signal("KILL");
            return Err(format!("it did not end in 300 s:\n{}", hunt.end().stderr));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let ran = hunt.end();
    drop(debugger);
    let seen = judge(&rig, &dyno, &ran, stage, event);
    drop(disk);
    let took = began.elapsed().as_secs();
    seen.map(|seen| format!("{seen} ({took} s)"))
        .map_err(|wrong| format!("{wrong}\n--- stderr\n{}", ran.stderr))
}

fn options(stage: Stage, event: Event) -> Options {
    let faults = match (event, stage) {
        (Event::Error, Stage::Preflight) => vec![Fault::NoApp],
        (Event::Error, Stage::ExecRunning) => vec![Fault::ExecManagerAnswers(500)],
        _ => Vec::new(),
    };
    let app = match (event, stage) {
        (Event::Error, Stage::Signalled) | (_, Stage::Signalling) => App::OwnHandler,
        _ if stage.needs_a_heap() => App::Heap,
        _ => App::Banner,
    };
    let config = match app {
        App::Heap => vec![("HEAP_MB".to_owned(), "25".to_owned())],
        _ => Vec::new(),
    };
    Options { app, faults, config, ..with_sturdy_node() }
}

fn arguments(rig: &Rig, stage: Stage, event: Event) -> Vec<String> {
    let mut args = vec!["heroku", "--app", rig.app_name(), "--samples", "2", "--growth", "2MB"];
    args.extend(["--max-wait", "20s", "--no-report"]);
    if stage == Stage::Leaving {
        args[4] = "1";
    }
    if stage.needs_a_heap() {
        args.extend(["--accept", "memory,pause"]);
    }
    if stage == Stage::Downloading {
        args.extend(["--route", "file"]);
    }
    if stage == Stage::Held {
        args.truncate(3);
        // A disk that is full keeps nothing from being held: it shows at the end.
        args.extend(["--hold", "--hold-for", if event == Event::DiskFull { "10s" } else { "10m" }]);
    }
    if stage == Stage::Profiling {
        args.truncate(3);
        // A disk that is full shows when the profile is to be kept.
        let brief = event == Event::DiskFull;
        args.extend(["--profile", "sampling", "--duration", if brief { "8s" } else { "5m" }]);
    }
    if (event, stage) == (Event::Error, Stage::Waiting) {
        args.extend(["--max-pause", "1ms"]);
    }
    args.into_iter().map(str::to_owned).collect()
}

/// Waits until the hunt is there.
fn reach(rig: &Rig, hunt: &mut Hunt, stage: Stage) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut slowed = false;
    loop {
        let there = match stage {
            // Which generation the app is of is asked before there is a hunt; its dynos are not.
            Stage::Preflight => rig
                .audit()
                .iter()
                .any(|call| matches!(call, Call::Api { path, .. } if path.ends_with("/dynos"))),
            _ => hunt.has(stage.line()),
        };
        if there {
            break;
        }
        if stage == Stage::Downloading && !slowed && hunt.has(Stage::Writing.line()) {
            // A download takes a moment then.
            rig.set(Fault::TunnelSlow(300_000));
            slowed = true;
        }
        if hunt.has_ended() {
            return Err(format!("it ended before \"{}\"", stage.name()));
        }
        if Instant::now() > deadline {
            return Err(format!("\"{}\" did not come in 120 s", stage.name()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn strike(
    rig: &Rig,
    dyno: &Dyno,
    hunt: &mut Hunt,
    event: Event,
    disk: Option<&SmallDisk>,
) -> Result<(), String> {
    match event {
        Event::Error | Event::Panic => {}
        Event::Int => hunt.signal("INT"),
        Event::IntTwice => {
            hunt.signal("INT");
            let deadline = Instant::now() + Duration::from_secs(30);
            while !hunt.has(Stage::Leaving.line()) && !hunt.has_ended() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(10));
            }
            if !hunt.has_ended() {
                hunt.signal("INT");
            }
        }
        Event::Term => hunt.signal("TERM"),
        Event::HangUp => hunt.signal("HUP"),
        Event::Kill => hunt.signal("KILL"),
        Event::TunnelCut | Event::TunnelStalled => {
            // The command is logged when its process starts; its tunnel comes a moment later.
            if !rig.wait_for_call(Duration::from_secs(60), |call| matches!(call, Call::Tunnel { .. })) {
                return Err("no tunnel came".into());
            }
            if event == Event::TunnelCut { rig.cut_tunnels() } else { rig.stall_tunnels() }
        }
        Event::Restart => dyno.restart().map_err(|error| error.to_string())?,
        Event::CliKilled => hunt.kill_clis(),
        Event::DiskFull => disk.expect("mounted for this event").fill(),
    }
    Ok(())
}

fn judge(rig: &Rig, dyno: &Dyno, ran: &Ran, stage: Stage, event: Event) -> Result<String, String> {
    let mut seen = match ran.code {
        None => "killed".to_owned(),
        Some(code) => format!("exit {code}"),
    };
    let right = event.codes(stage);
    match ran.code {
        None if event == Event::Kill => {}
        Some(code) if right.contains(&code) => {}
        code => return Err(format!("exit {code:?}, not one of {right:?}")),
    }
    if ran.code == Some(40) || event == Event::TunnelStalled {
        // What was stalled becomes what it is in the end, a connection that is gone, and what was refused is let in.
        rig.clear(Fault::TunnelClosed);
        rig.resume_tunnels();
        rig.cut_tunnels();
    }
    if event == Event::Kill || ran.code == Some(40) {
        let cleaned = ran.cleanup(rig, &[]);
        let said = String::from_utf8_lossy(&cleaned.stderr).into_owned();
        if cleaned.status.code() != Some(0) {
            return Err(format!("cleanup: {:?}\n{said}", cleaned.status.code()));
        }
        seen.push_str(", cleaned up");
    }
    eventually("nothing here", || ran.remains())?;
    eventually("no inspector", || dyno.inspector_ports())?;
    eventually("nothing in the dyno", || dyno.leftovers())?;
    eventually("no journal", || {
        let journals = rig.home().join(".local/state/leakhunt/hunts");
        std::fs::read_dir(journals).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    })?;
    let answering = || vec!["silent"; usize::from(!dyno.answers())];
    if event != Event::Restart && !dyno.alive() {
        return Err("the app is dead".into());
    }
    eventually("an app that answers", answering)?;
    if stage == Stage::Profiling && event != Event::Restart {
        no_profiler(rig)?;
    }
    let whole = ran.whole_snapshots()?;
    // The panic comes just before the request.
    let requested = !matches!(event, Event::Restart | Event::Panic);
    if stage == Stage::Writing && ran.code.is_some() && requested {
        // The app was paused for it, whether it was finished or not.
        let time = &ran.session_json()["app_time"];
        let counted = ["snapshots_ms", "unfinished_ms"]
            .iter()
            .any(|name| time[name].as_f64().is_some_and(|milliseconds| milliseconds >= 1.0));
        // A full disk takes no last session.json, and where nobody could look, nobody knows.
        let said = match event {
            Event::DiskFull => ran.stderr.contains("for snapshots"),
            Event::TunnelStalled | Event::IntTwice => ran.stderr.contains("not counted: the snapshot"),
            _ => false,
        };
        if !counted && !said {
            return Err(format!("the snapshot has cost the app nothing: {time}"));
        }
    }
    write!(seen, ", {whole} whole").map_err(|error| error.to_string())?;
    Ok(seen)
}

/// No profiler runs in the app: V8 has one sampler, and a second hunt finds it free.
fn no_profiler(rig: &Rig) -> Result<(), String> {
    let again = hunt(rig, &["--profile", "sampling", "--duration", "1s", "--no-report"]);
    if again.code == Some(0) { Ok(()) } else { Err(format!("a profiler was left behind: {}", again.stderr)) }
}

/// Ten seconds for everything to be gone.
fn eventually<T: std::fmt::Debug>(what: &str, left: impl Fn() -> Vec<T>) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let now = left();
        if now.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("{what}, but {now:?}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A debugger on the held port, for as long as this lives: it listens to all that the inspector tells.
struct Debugger(std::process::Child);

impl Debugger {
    fn attach(hunt: &mut Hunt) -> Self {
        const ATTACHES: &str = "
            const socket = new WebSocket(process.argv[1]);
            socket.onopen = () => ['Runtime', 'Debugger', 'HeapProfiler'].forEach((domain, id) => {
              socket.send(JSON.stringify({ id: id + 1, method: `${domain}.enable` }));
            });
            setInterval(() => {}, 1000);";
        let devtools = event(hunt, "held")["devtools"].as_str().expect("an address").to_owned();
        let (_, target) = devtools.split_once("&ws=").expect("a WebSocket's");
        let url = format!("ws://{target}");
        let script = Command::new(node(24)).args(["-e", ATTACHES, &url]).stdin(Stdio::null()).spawn();
        let debugger = Self(script.expect("node starts"));
        event(hunt, "hold_connected");
        debugger
    }
}

impl Drop for Debugger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A file system of its own, small enough to be filled.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Self {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=256m", "leakhunt-test"]).arg(at).status();
        assert!(mounted.expect("mount runs").success(), "a tmpfs can be mounted by root of a namespace");
        Self(at.to_owned())
    }

    fn fill(&self) {
        let mut filler = std::fs::File::create(self.0.join("filler")).expect("a file");
        for size in [1 << 20, 4096, 1] {
            let block = vec![0; size];
            while filler.write_all(&block).is_ok() {}
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: nothing of it is used any more, and it goes with its last user.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Runs cells, two at a time, and gives each one's result.
fn run(cells: &[(Stage, Event)]) -> Vec<Judged> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((stage, event)) = cells.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                    let result = cell(stage, event);
                    let shown = match &result {
                        Ok(seen) => format!("ok   {seen}"),
                        Err(wrong) => format!("RED  {wrong}"),
                    };
                    print(&format!("{:<22} {:<17} {shown}\n", stage.name(), event.name()));
                    done.lock().expect("no test panics with it").push(((stage, event), result));
                }
            });
        }
    });
    done.into_inner().expect("no test panics with it")
}

#[track_caller]
fn all_green(results: &[Judged]) {
    let red: Vec<String> = results
        .iter()
        .filter_map(|((stage, event), result)| {
            Some(format!("{} × {}: {}", stage.name(), event.name(), result.as_ref().err()?))
        })
        .collect();
    assert!(red.is_empty(), "{}", red.join("\n\n"));
}

/// A way through the matrix that meets each stage.
#[test]
fn a_sample_of_the_matrix() {
    all_green(&run(&[
        (Stage::Preflight, Event::HangUp),
        (Stage::ExecRunning, Event::Kill),
        (Stage::Signalled, Event::CliKilled),
        (Stage::TunnelUp, Event::IntTwice),
        (Stage::Signalling, Event::Kill),
        (Stage::Planted, Event::Panic),
        (Stage::Waiting, Event::Term),
        (Stage::Profiling, Event::Kill),
        (Stage::Writing, Event::Int),
        (Stage::Downloading, Event::Kill),
        (Stage::Held, Event::Restart),
        (Stage::Leaving, Event::TunnelCut),
    ]));
}

#[test]
#[ignore = "134 hunts: `cargo xtask matrix` runs them and prints the table"]
fn the_whole_matrix() {
    let all = || STAGES.iter().flat_map(|stage| EVENTS.iter().map(move |event| (*stage, *event)));
    let wanted = std::env::var("LEAKHUNT_MATRIX").unwrap_or_default();
    let named =
        |(stage, event): &(Stage, Event)| format!("{} x {}", stage.name(), event.name()).contains(&wanted);
    let cells: Vec<_> =
        all().filter(|(stage, event)| not_applicable(*stage, *event).is_none()).filter(named).collect();
    let results = run(&cells);
    print(&table(&results));
    for (stage, event) in all() {
        if let Some(why) = not_applicable(stage, event) {
            print(&format!("n/a  {} × {}: {why}\n", stage.name(), event.name()));
        }
    }
    all_green(&results);
}

fn table(results: &[Judged]) -> String {
    let mut text = format!("\n{:<18}", "");
    for stage in STAGES {
        let _ = write!(text, "{:<30}", stage.name());
    }
    for event in EVENTS {
        let _ = write!(text, "\n{:<18}", event.name());
        for stage in STAGES {
            let result = results.iter().find(|(cell, _)| *cell == (stage, event)).map(|(_, result)| result);
            let shown = match result {
                Some(Ok(seen)) => seen.split(" (").next().unwrap_or_default().to_owned(),
                Some(Err(_)) => "RED".to_owned(),
                None if not_applicable(stage, event).is_some() => "n/a".to_owned(),
                None => String::new(),
            };
            let _ = write!(text, "{shown:<30}");
        }
    }
    let green = results.iter().filter(|(_, result)| result.is_ok()).count();
    let _ = writeln!(text, "\n\n{green} of {} cells are green", results.len());
    text
}
