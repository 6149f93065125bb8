//! The teardown matrix of the exec tunnel: at each stage of a hunt by `leakhunt command` what can end it, and what is left.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::hosts::Leak;
use crate::support::{Hunt, print};

/// A stage, and the line by which it is recognised.
const STAGES: [(&str, &str); 7] = [
    ("exec running", "\"event\":\"command\""),
    ("signalled", "\"order\":\"signal "),
    ("tunnel up", "\"event\":\"step_started\",\"step\":\"attach\""),
    ("planted", "\"event\":\"planted\""),
    ("waiting", "\"event\":\"reading\""),
    ("writing", "\"event\":\"snapshot_started\""),
    ("leaving", "\"event\":\"step_started\",\"step\":\"leave\""),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Int,
    Term,
    /// `leakhunt cleanup` follows.
    Kill,
    /// The relay is killed, and whatever it runs in.
    TunnelCut,
    /// All that leakhunt has started is.
    CommandsKilled,
}

const EVENTS: [Event; 5] = [Event::Int, Event::Term, Event::Kill, Event::TunnelCut, Event::CommandsKilled];

type Cell = ((&'static str, &'static str), Event);

impl Event {
    /// The exit codes that are right. A hunt that has all it came for before the event strikes ends with 0.
    fn codes(self) -> &'static [Option<i32>] {
        match self {
            Self::Int => &[Some(0), Some(130)],
            Self::Term => &[Some(0), Some(143)],
            Self::Kill => &[None],
            Self::TunnelCut | Self::CommandsKilled => &[Some(0), Some(30), Some(34)],
        }
    }
}

/// Runs one cell; gives what was seen, or what was wrong.
fn cell(((stage, line), event): Cell) -> Result<String, String> {
    let mut leak = Leak::start(24);
    let pid = leak.pid();
    let args = ["command", "--exec", "sh -c {}", "--pid", &pid, "--samples", "2", "--growth", "1GB"];
    let args = [&args[..], &["--max-wait", "3s", "--no-report"]].concat();
    let mut hunt = Hunt::spawn(leak.leakhunt(), &args, None);
    let deadline = Instant::now() + Duration::from_secs(90);
    while !hunt.has(line) {
        if hunt.has_ended() || Instant::now() > deadline {
            return Err(format!("{stage} did not come:\n{}", hunt.end().stderr));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    match event {
        Event::Int => hunt.signal("INT"),
        Event::Term => hunt.signal("TERM"),
        Event::Kill => hunt.signal("KILL"),
        Event::TunnelCut => hunt.kill_started("a relay of leakhunt"),
        Event::CommandsKilled => hunt.kill_started(""),
    }
    let ran = hunt.end();
    let wrong = |what: String| Err(format!("{what}\n--- stderr\n{}", ran.stderr));
    if !event.codes().contains(&ran.code) {
        return wrong(format!("exit {:?}, not one of {:?}", ran.code, event.codes()));
    }
    if event == Event::Kill {
        let cleaned = ran.again(leak.leakhunt(), &["cleanup"]);
        if !cleaned.status.success() {
            return wrong(format!("cleanup: {}", String::from_utf8_lossy(&cleaned.stderr)));
        }
    }
    // The dead-man closes within 4.8 s where the tunnel was cut.
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let left = (ran.remains(), leak.listens(), leak.journals());
        if left == (Vec::new(), false, 0) {
            break;
        }
        if Instant::now() > until {
            return wrong(format!("left here, an inspector, journals: {left:?}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    if !leak.lives() {
        return wrong("the app is dead".to_owned());
    }
    let whole = ran.whole_snapshots()?;
    Ok(format!("exit {:?}, {whole} whole", ran.code))
}

/// Two at a time; all of them are green.
#[track_caller]
fn run(cells: &[Cell]) {
    let (next, red) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(one) = cells.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                    let name = format!("{} × {:?}", one.0.0, one.1);
                    match cell(one) {
                        Ok(seen) => print(&format!("{name:<32} ok   {seen}\n")),
                        Err(wrong) => {
                            print(&format!("{name:<32} RED  {wrong}\n"));
                            red.lock()
                                .unwrap_or_else(PoisonError::into_inner)
                                .push(format!("{name}: {wrong}"));
                        }
                    }
                }
            });
        }
    });
    let red = red.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(red.is_empty(), "{}", red.join("\n\n"));
}

/// What of it no other test has: those that Ctrl-C ends are like any hunt's.
#[test]
fn a_sample_of_the_matrix() {
    let at = |name: &str| STAGES.into_iter().find(|(stage, _)| *stage == name).unwrap();
    run(&[
        (at("signalled"), Event::Kill),
        (at("planted"), Event::CommandsKilled),
        (at("writing"), Event::Kill),
        (at("writing"), Event::TunnelCut),
    ]);
}

#[test]
#[ignore = "35 hunts: `cargo xtask matrix --exec` runs them"]
fn the_whole_matrix() {
    let cells: Vec<Cell> =
        STAGES.into_iter().flat_map(|stage| EVENTS.into_iter().map(move |event| (stage, event))).collect();
    run(&cells);
}
