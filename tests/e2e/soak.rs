//! Hunts in a row on the same apps, Node.js 18 to 26 by turns, a third of them killed at a random moment.
//!
//! After each: the app is the process that it was, and answers; its inspector closes within ten seconds, whatever became
//! of the hunt; nothing lies in the dyno; what a killed hunt left is finished by `leakhunt cleanup`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use leakhunt_rig::{Options, Rig};

use crate::support::{Hunt, Ran, node};

const NODES: [u32; 5] = [18, 20, 22, 24, 26];

/// What became of the hunts.
#[derive(Debug, Default)]
struct Tally {
    done: u32,
    killed: u32,
    /// Ended before its killer came, or with another code: its exit code and message.
    other: Vec<String>,
    /// Killed, and `leakhunt cleanup` could not finish it.
    not_cleaned: u32,
    /// Killed between the signal and the planting of the dead-man: what `leakhunt cleanup` closed.
    closed_by_cleanup: u32,
    dead_apps: u32,
    open_inspectors: u32,
    left_files: u32,
}

impl Tally {
    fn add(&mut self, seen: Self) {
        self.done += seen.done;
        self.killed += seen.killed;
        self.other.extend(seen.other);
        self.not_cleaned += seen.not_cleaned;
        self.closed_by_cleanup += seen.closed_by_cleanup;
        self.dead_apps += seen.dead_apps;
        self.open_inspectors += seen.open_inspectors;
        self.left_files += seen.left_files;
    }
}

#[test]
#[ignore = "hundreds of hunts: `cargo xtask soak` runs them"]
fn hunts_in_a_row() {
    let rigs = NODES.map(|major| Mutex::new(rig(major)));
    let (tally, began) = (Mutex::new(Tally::default()), Instant::now());
    let hunts = in_turns(|count, random| turn(count, random, &rigs, &tally));
    let tally = tally.into_inner().expect("nobody panicked");
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    crate::support::print(&format!("{hunts} hunts in {minutes:.0} min: {tally:?}\n"));
    assert_eq!((tally.dead_apps, tally.open_inspectors, tally.left_files), (0, 0, 0), "{tally:?}");
    assert!(tally.other.is_empty() && tally.not_cleaned == 0, "{tally:?}");
}

/// As many hunts as LEAKHUNT_SOAK_HUNTS asks for, each with its number and moments of its own by LEAKHUNT_SOAK_SEED; gives how
/// many there were. Two at a time, as there may be two people on call.
pub(crate) fn in_turns(turn: impl Fn(u64, Random) + Sync) -> u64 {
    let number = |name: &str, default| {
        std::env::var(name).map_or(default, |text| text.parse::<u64>().expect("a number"))
    };
    let (hunts, seed) = (number("LEAKHUNT_SOAK_HUNTS", 200), number("LEAKHUNT_SOAK_SEED", 1));
    let next = AtomicU64::new(1);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let count = next.fetch_add(1, Ordering::Relaxed);
                    if count > hunts {
                        break;
                    }
                    turn(count, Random(seed.wrapping_mul(1 << 32).wrapping_add(count)));
                }
            });
        }
    });
    hunts
}

/// One hunt on the app whose turn it is; what a killed one left is cleaned up.
fn turn(count: u64, mut random: Random, rigs: &[Mutex<Rig>], tally: &Mutex<Tally>) {
    let turn = count as usize % NODES.len();
    let mut rig_now = rigs[turn].lock().expect("nobody panicked");
    let killed_after = (random.below(3) == 0).then(|| Duration::from_millis(random.below(12_000)));
    let ran = one(&rig_now, killed_after);
    let mut seen = Tally::default();
    let alive = look(&rig_now, &ran, &mut seen);
    if ran.code.is_none() {
        seen.not_cleaned += u32::from(!ran.cleanup(&rig_now, &[]).status.success());
    }
    let ended = ran.code.map_or("killed".to_owned(), |code| format!("exit {code}"));
    let mut tally = tally.lock().expect("nobody panicked");
    tally.add(seen);
    crate::support::print(&format!("{count:>4} Node {} {ended:<8} {tally:?}\n", NODES[turn]));
    drop(tally);
    if !alive {
        *rig_now = rig(NODES[turn]);
    }
}

#[track_caller]
fn rig(major: u32) -> Rig {
    // Slow enough not to fill the machine's memory in an hour.
    let config = [("BANNERS", "10"), ("BANNER_TEXT", "200")].map(|(name, value)| (name.into(), value.into()));
    crate::support::rig(&Options { node: Some(node(major)), config: config.to_vec(), ..Options::default() })
}

fn one(rig: &Rig, killed_after: Option<Duration>) -> Ran {
    let args =
        ["--samples", "2", "--growth", "1KB", "--max-wait", "2s", "--no-report", "--accept", "memory,pause"];
    let mut hunt = Hunt::start(rig, &args);
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

/// Counts what is seen; true while the app is what it was.
fn look(rig: &Rig, ran: &Ran, tally: &mut Tally) -> bool {
    let dyno = rig.dyno("web.1").expect("the rig has one dyno");
    // While a snapshot is written nothing runs in the app, the dead-man neither; on a busy machine that takes its time.
    let until = Instant::now() + Duration::from_secs(120);
    while dyno.alive() && !dyno.answers() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    let left =
        || !dyno.inspector_ports().is_empty() || !dyno.leftovers().is_empty() || !ran.remains().is_empty();
    // What was killed has its partial files still: those are for `leakhunt cleanup`.
    while left() && ran.code.is_some() && Instant::now() < deadline
        || !dyno.inspector_ports().is_empty() && Instant::now() < deadline
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    match ran.code {
        None => tally.killed += 1,
        Some(0) => tally.done += 1,
        Some(code) => tally.other.push(format!("{code}: {}", ran.stderr.lines().last().unwrap_or_default())),
    }
    if ran.code.is_none() && !dyno.inspector_ports().is_empty() {
        let cleaned = ran.cleanup(rig, &[]);
        let planted = ran.events().contains("dead man's switch armed");
        if planted {
            crate::support::print(&format!("its inspector stayed open:\n{}\n", ran.events()));
        }
        tally.closed_by_cleanup += u32::from(cleaned.status.success() && !planted);
        tally.open_inspectors += u32::from(planted);
    }
    tally.open_inspectors += u32::from(!dyno.inspector_ports().is_empty());
    tally.left_files += u32::from(!dyno.leftovers().is_empty());
    let alive = dyno.alive() && dyno.answers();
    tally.dead_apps += u32::from(!alive);
    alive
}

/// SplitMix64 (Steele, Lea and Flood, 2014): enough for moments.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}
