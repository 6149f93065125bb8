//! Hunts in a row on apps near their limits of descriptors, threads and memory, in worlds that are hostile to a debugger, on
//! Node.js 18 to 26; a quarter of the hunts is killed at a random moment.
//!
//! After each: the app lives, its inspector is closed, and what the receipt says is held against what Node.js itself has said on
//! its standard error of the signal and of its inspector.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::programs::{Program, as_user, near};
use crate::soak::{Random, in_turns};
use crate::support::{Hunt, Ran, node, print, scratch};

const NODES: [u32; 5] = [18, 20, 22, 24, 26];
const WORLDS: [&str; 7] = ["", "", "frozen", "frozenFiles", "polluted", "deleted", "stubbed"];

/// What became of the hunts.
#[derive(Debug, Default)]
struct Tally {
    done: u32,
    /// Exit 20, or 31 for a cluster's primary: nothing was done, or no evidence was taken.
    refused: u32,
    killed: u32,
    /// The app itself could not start within its limit, or in its world.
    not_started: u32,
    /// Another exit code, with what was said last.
    other: Vec<String>,
    dead_apps: u32,
    open_inspectors: u32,
    false_receipts: u32,
}

impl Tally {
    fn add(&mut self, seen: Self) {
        self.done += seen.done;
        self.refused += seen.refused;
        self.killed += seen.killed;
        self.not_started += seen.not_started;
        self.other.extend(seen.other);
        self.dead_apps += seen.dead_apps;
        self.open_inspectors += seen.open_inspectors;
        self.false_receipts += seen.false_receipts;
    }
}

/// Where each Node.js and the app lie for every user of the machine.
struct Shared(tempfile::TempDir);

impl Shared {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("lh-").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        std::fs::copy(near(), folder.path().join("near.js")).expect("a copy");
        for major in NODES {
            std::fs::copy(node(major), folder.path().join(format!("node{major}"))).expect("a copy");
        }
        Self(folder)
    }

    fn node(&self, major: u32) -> PathBuf {
        self.0.path().join(format!("node{major}"))
    }

    fn script(&self) -> PathBuf {
        self.0.path().join("near.js")
    }
}

#[test]
#[ignore = "hundreds of hunts: `cargo xtask soak --hostile` runs them"]
fn hunts_in_a_row() {
    let shared = Shared::new();
    let (tally, began) = (Mutex::new(Tally::default()), Instant::now());
    let hunts = in_turns(|count, random| turn(count, random, &shared, &tally));
    let tally = tally.into_inner().expect("nobody panicked");
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    print(&format!("{hunts} hostile hunts in {minutes:.0} min: {tally:?}\n"));
    assert_eq!((tally.dead_apps, tally.open_inspectors, tally.false_receipts), (0, 0, 0), "{tally:?}");
}

/// One app, one hunt, and what is left.
fn turn(count: u64, mut random: Random, shared: &Shared, tally: &Mutex<Tally>) {
    let (Some(mut program), name) = app(count, &mut random, shared) else {
        tally.lock().expect("nobody panicked").not_started += 1;
        return;
    };
    let folders = scratch();
    let killed_after = (random.below(4) == 0).then(|| Duration::from_millis(random.below(6_000)));
    let ran = one(&program, folders.path(), killed_after);
    let mut seen = Tally::default();
    match ran.code {
        None => seen.killed += 1,
        Some(0) => seen.done += 1,
        Some(20 | 31) => seen.refused += 1,
        Some(code) => seen.other.push(format!("{code}: {}", last_error(&ran))),
    }
    let closed = Instant::now() + Duration::from_secs(10);
    while program.inspector_is_open() && Instant::now() < closed {
        std::thread::sleep(Duration::from_millis(50));
    }
    if ran.code.is_none() {
        // Killed between the signal and the planting of the dead-man, it needs this.
        let cleaned = leakhunt(folders.path()).arg("cleanup").output().expect("leakhunt starts");
        if !cleaned.status.success() {
            seen.other.push(format!("cleanup: {}", String::from_utf8_lossy(&cleaned.stderr)));
        }
    }
    let (lives, open) = (program.lives(), program.inspector_is_open());
    seen.dead_apps += u32::from(!lives);
    seen.open_inspectors += u32::from(open);
    let lie = ran.code.and_then(|_| false_receipt(&ran, &program, lives, open));
    seen.false_receipts += u32::from(lie.is_some());
    let wrong = !lives || open || lie.is_some();
    let ended = ran.code.map_or("killed".to_owned(), |code| format!("exit {code}"));
    if wrong {
        let (app, hunt) = (program.said(), &ran.stderr);
        print(&format!("{count:>4} {name}: {ended}, {lie:?}\n--- the app\n{app}--- the hunt\n{hunt}\n"));
    }
    let mut tally = tally.lock().expect("nobody panicked");
    tally.add(seen);
    print(&format!("{count:>4} {name:<40} {ended:<8} {tally:?}\n"));
}

/// An app near a limit, or near none, in a world; and what it is.
fn app(count: u64, random: &mut Random, shared: &Shared) -> (Option<Program>, String) {
    let major = NODES[count as usize % NODES.len()];
    let world = WORLDS[random.below(WORLDS.len() as u64) as usize];
    let left = random.below(64) as u32;
    let kind =
        ["none", "files", "sockets", "pipes", "dgram", "workers", "pool", "threads", "memory", "cluster"]
            [random.below(10) as usize];
    let (prefix, kind_of_app, left) = match kind {
        "files" | "sockets" | "pipes" | "dgram" => ("ulimit -n 192;".to_owned(), kind, left),
        "workers" => ("ulimit -n 256;".to_owned(), kind, 4 + left / 3),
        // As many threads as its own, and some: nobody else has this user.
        "pool" | "threads" => {
            let (most, user) = (15 + random.below(40), as_user(30_000 + (count % 30_000) as u32));
            (format!("prlimit --nproc={most}:{most} {user}"), "pool", left)
        }
        "cluster" => (String::new(), kind, 1 + left % 3),
        _ => (String::new(), kind, left),
    };
    // Node.js itself can start neither from a frozen process.
    let world = if matches!(kind, "workers" | "cluster") && world == "frozen" { "" } else { world };
    let prefix = match (world, prefix.ends_with(';')) {
        ("", _) => prefix,
        (world, true) => format!("export WORLD={world}; {prefix}"),
        (world, false) => format!("env WORLD={world} {prefix}"),
    };
    let program = Program::near_by(&shared.node(major), &shared.script(), &prefix, kind_of_app, left);
    (program, format!("Node {major}, {kind} {left}, {world}"))
}

/// `leakhunt` on this machine, with journals in the hunt's own folders.
fn leakhunt(folders: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    command.env("XDG_STATE_HOME", folders.join("state"));
    command.env("TMPDIR", folders.join("tmp")).env("XDG_RUNTIME_DIR", folders.join("run"));
    command
}

fn one(program: &Program, folders: &Path, killed_after: Option<Duration>) -> Ran {
    let pid = program.pid().to_string();
    let args =
        ["local", "--pid", &pid, "--samples", "2", "--growth", "1KB", "--max-wait", "1s", "--no-report"];
    let mut hunt = Hunt::spawn(leakhunt(folders), &args, None);
    if let Some(patience) = killed_after {
        let until = Instant::now() + patience;
        while Instant::now() < until && !hunt.has_ended() {
            std::thread::sleep(Duration::from_millis(5));
        }
        if !hunt.has_ended() {
            hunt.signal("KILL");
        }
    }
    hunt.end()
}

fn last_error(ran: &Ran) -> String {
    ran.stderr.lines().filter(|line| line.starts_with("error:")).collect::<Vec<_>>().join(" ")
}

/// What the receipt says of the inspector and is not so.
fn false_receipt(ran: &Ran, program: &Program, lives: bool, open: bool) -> Option<String> {
    let session = ran.session_json();
    let undone = session["teardown"]["undone"].as_array()?.clone();
    let line = undone.iter().find(|line| line["what"] == "inspector")?;
    let (how, verified) = (line["how"].as_str()?, line["seen"] == "verified");
    let signalled = program.was_signalled();
    let wrong = [
        ("no signal was sent", signalled),
        ("no longer listens", !signalled || open),
        ("does not listen", open),
        ("ended after SIGUSR1", lives),
        ("is gone", lives),
    ];
    let said = wrong.into_iter().find(|(words, wrong)| *wrong && how.contains(words));
    let sure_of_an_open_one = verified && open;
    let in_vain = ran.code == Some(40) && verified && undone.iter().all(|line| line["seen"] == "verified");
    (said.is_some() || sure_of_an_open_one || in_vain).then(|| how.to_owned())
}
