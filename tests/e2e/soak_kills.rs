//! leakhunt killed at a random moment of a snapshot, on Node.js 18 to 26 and by both routes: how many apps go with it.
//!
//! Node before 24.19 may crash when a connection is reset that it is just writing to (nodejs/node#64209), whoever debugs it. Here
//! the connection is leakhunt's own, without a tunnel between, so that a SIGKILL closes it at once.

use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::soak::Random;
use crate::support::{Hunt, node, poll, print};

const NODES: [u32; 5] = [18, 20, 22, 24, 26];
const ROUTES: [&str; 2] = ["file", "stream"];
/// A new app for each so many kills: what a snapshot leaves in the resident set is not given back.
const KILLS_AN_APP: u32 = 25;

const APP: &str = "
    const kept = [];
    for (let i = 0; i < 40000; i++) kept.push({ order: i, lines: [`line ${i}`] });
    setInterval(() => { for (let i = 0; i < 60; i++) kept[i] = { order: i, lines: [i] }; }, 50);
    const { writeFileSync } = require('fs');
    setInterval(() => writeFileSync(__dirname + '/beat', ''), 100);";

/// What became of the apps of one version by one route.
#[derive(Debug, Default)]
struct Tally {
    kills: u32,
    dead: u32,
    open: u32,
    /// The hunt had ended before its killer came.
    too_late: u32,
}

#[test]
#[ignore = "hundreds of kills: `cargo xtask soak --kills N` runs them"]
fn kills_by_version() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = number("LEAKHUNT_SOAK_KILLS").unwrap_or(10) as u32;
    let seed = number("LEAKHUNT_SOAK_SEED").unwrap_or(1);
    let kinds: Vec<(u32, &str)> =
        NODES.iter().flat_map(|major| ROUTES.map(|route| (*major, route))).collect();
    let (next, told) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((major, route)) = kinds.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                    let tally = on(major, route, kills, seed);
                    print(&format!("Node {major} by {route:<6} {tally:?}\n"));
                    told.lock().expect("nobody panicked").push((major, route, tally));
                }
            });
        }
    });
    let told = told.into_inner().expect("nobody panicked");
    let open: u32 = told.iter().map(|(_, _, tally)| tally.open).sum();
    let sturdy_dead: u32 =
        told.iter().filter(|(major, _, _)| *major >= 24).map(|(_, _, tally)| tally.dead).sum();
    assert_eq!((open, sturdy_dead), (0, 0), "{told:?}");
}

fn on(major: u32, route: &str, kills: u32, seed: u64) -> Tally {
    let mut random = Random(seed.wrapping_mul(1 << 32).wrapping_add(u64::from(major)));
    let mut tally = Tally::default();
    let mut app = App::start(major);
    while tally.kills + tally.too_late < kills {
        if (tally.kills + 1).is_multiple_of(KILLS_AN_APP) {
            app = App::start(major);
        }
        if app.hunted_and_killed(route, random.below(1500)) {
            tally.kills += 1;
        } else {
            tally.too_late += 1;
        }
        // While a snapshot is written nothing runs in the app, the dead-man neither; on a busy machine that takes its time.
        let killed = std::time::SystemTime::now();
        app.wait(Duration::from_secs(180), |app| app.last_beat().is_none_or(|beat| beat <= killed));
        app.wait(Duration::from_secs(10), App::listens);
        if !app.lives() {
            tally.dead += 1;
            app = App::start(major);
        } else if app.listens() {
            tally.open += 1;
            app = App::start(major);
        }
    }
    tally
}

struct App {
    node: Child,
    folder: tempfile::TempDir,
}

impl App {
    fn start(major: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("app.js");
        std::fs::write(&script, APP).unwrap();
        let node = Command::new(node(major))
            .arg("--inspect-port=0")
            .arg(script)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        poll("the app is up", || folder.path().join("beat").exists().then_some(()));
        Self { node, folder }
    }

    /// False where the hunt had ended by itself.
    fn hunted_and_killed(&self, route: &str, after_ms: u64) -> bool {
        let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        leakhunt.env("XDG_STATE_HOME", self.folder.path());
        let pid = self.node.id().to_string();
        let args = [
            "local",
            "--pid",
            &pid,
            "--samples",
            "2",
            "--growth",
            "1KB",
            "--max-wait",
            "1s",
            "--no-report",
            "--accept",
            "memory,pause",
            "--route",
            route,
        ];
        let mut hunt = Hunt::spawn(leakhunt, &args, None);
        let until = Instant::now() + Duration::from_secs(120);
        while !hunt.has("\"event\":\"snapshot_started\"") && !hunt.has_ended() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        let until = Instant::now() + Duration::from_millis(after_ms);
        while Instant::now() < until && !hunt.has_ended() {
            std::thread::sleep(Duration::from_millis(2));
        }
        let killed = !hunt.has_ended();
        if killed {
            hunt.signal("KILL");
        }
        hunt.end();
        killed
    }

    /// Waits as long as it lives and is so.
    fn wait(&mut self, patience: Duration, is_so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + patience;
        while self.lives() && is_so(self) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn last_beat(&self) -> Option<std::time::SystemTime> {
        std::fs::metadata(self.folder.path().join("beat")).and_then(|file| file.modified()).ok()
    }

    fn lives(&mut self) -> bool {
        self.node.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// It has no port of its own: what listens is the inspector.
    fn listens(&self) -> bool {
        let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{}/fd", self.node.id()))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some(std::fs::read_link(entry.path()).ok()?.to_str()?.to_owned()))
            .collect();
        std::fs::read_to_string("/proc/net/tcp").unwrap_or_default().lines().any(|line| {
            let column: Vec<&str> = line.split_whitespace().collect();
            column.len() > 9 && column[3] == "0A" && sockets.contains(&format!("socket:[{}]", column[9]))
        })
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}
