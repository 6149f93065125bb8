//! The teardown matrix of the exec tunnel: at each stage of a hunt by `leakhunt command`, of one on a Fir app by either way into its
//! dyno, and of one by `heroku --forward exec`, what can end it, and what is left.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use leakhunt_rig::{Dyno, FirWay, Options, Rig};

use crate::hosts::Leak;
use crate::support::{Hunt, print, with_sturdy_node};

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

/// Where it is hunted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Command,
    Fir(FirWay),
    PsExec,
}

const WAYS: [Way; 4] = [Way::Command, Way::Fir(FirWay::Ssh), Way::Fir(FirWay::Rendezvous), Way::PsExec];

type Cell = (Way, (&'static str, &'static str), Event);

/// The app under study.
enum App {
    Here(Leak),
    InDyno(Box<Rig>, Dyno, [&'static str; 2]),
}

impl App {
    fn start(way: Way) -> Result<Self, String> {
        let (fir, args) = match way {
            Way::Command => return Ok(Self::Here(Leak::start(24))),
            Way::Fir(way) => (Some(way), ["--accept", "unverified-link"]),
            Way::PsExec => (None, ["--forward", "exec"]),
        };
        let rig = Rig::start_blocking(&Options { fir, ..with_sturdy_node() });
        let rig = rig.map_err(|error| format!("no rig: {error}"))?;
        let dyno = rig.dyno("web.1").map_err(|error| error.to_string())?;
        Ok(Self::InDyno(Box::new(rig), dyno, args))
    }

    fn leakhunt(&self) -> Command {
        match self {
            Self::Here(leak) => leak.leakhunt(),
            Self::InDyno(rig, ..) => rig.command(env!("CARGO_BIN_EXE_leakhunt")),
        }
    }

    fn hunt(&self) -> Hunt {
        const BRIEF: [&str; 7] = ["--samples", "2", "--growth", "1GB", "--max-wait", "3s", "--no-report"];
        match self {
            Self::Here(leak) => {
                let pid = leak.pid();
                let args = ["command", "--exec", "sh -c {}", "--pid", &pid];
                Hunt::spawn(leak.leakhunt(), &[&args[..], &BRIEF].concat(), None)
            }
            Self::InDyno(rig, _, args) => Hunt::start(rig, &[&args[..], &BRIEF].concat()),
        }
    }

    /// What is open in it, what lies beside it, and which journals are left.
    fn left(&self) -> Vec<String> {
        match self {
            Self::Here(leak) => {
                let open = leak.listens().then(|| "an inspector".to_owned());
                open.into_iter().chain((0..leak.journals()).map(|_| "a journal".to_owned())).collect()
            }
            Self::InDyno(rig, dyno, _) => {
                let journals = rig.home().join(".local/state/leakhunt/hunts");
                let journals = std::fs::read_dir(journals).into_iter().flatten().flatten();
                let ports = dyno.inspector_ports().into_iter().map(|port| format!("port {port}"));
                let files = dyno.leftovers().into_iter().map(|left| format!("{left:?}"));
                ports.chain(files).chain(journals.map(|entry| entry.path().display().to_string())).collect()
            }
        }
    }

    fn lives(&mut self) -> bool {
        match self {
            Self::Here(leak) => leak.lives(),
            Self::InDyno(_, dyno, _) => dyno.alive() && dyno.answers(),
        }
    }
}

impl Event {
    /// The exit codes that are right. A hunt that has all it came for before the event strikes ends with 0.
    fn codes(self, way: Way) -> &'static [Option<i32>] {
        match self {
            // The CLI does not tell its ssh that the connection is gone, so nobody may be there to see the inspector closed.
            Self::TunnelCut if way == Way::Fir(FirWay::Ssh) => &[Some(0), Some(30), Some(34), Some(40)],
            Self::Int => &[Some(0), Some(130)],
            Self::Term => &[Some(0), Some(143)],
            Self::Kill => &[None],
            Self::TunnelCut | Self::CommandsKilled => &[Some(0), Some(30), Some(34)],
        }
    }
}

/// Runs one cell; gives what was seen, or what was wrong.
fn cell((way, (stage, line), event): Cell) -> Result<String, String> {
    let mut app = App::start(way)?;
    let mut hunt = app.hunt();
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
        Event::TunnelCut => match &app {
            App::Here(_) => hunt.kill_started("a relay of leakhunt"),
            App::InDyno(rig, ..) => rig.cut_tunnels(),
        },
        Event::CommandsKilled => hunt.kill_started(""),
    }
    let ran = hunt.end();
    let wrong = |what: String| Err(format!("{what}\n--- stderr\n{}", ran.stderr));
    if !event.codes(way).contains(&ran.code) {
        return wrong(format!("exit {:?}, not one of {:?}", ran.code, event.codes(way)));
    }
    if event == Event::Kill || ran.code == Some(40) {
        let cleaned = ran.again(app.leakhunt(), &["cleanup"]);
        if !cleaned.status.success() {
            return wrong(format!("cleanup: {}", String::from_utf8_lossy(&cleaned.stderr)));
        }
    }
    // The dead-man closes within 4.8 s where the tunnel was cut.
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let left = [ran.remains(), app.left()].concat();
        if left.is_empty() {
            break;
        }
        if Instant::now() > until {
            return wrong(format!("left: {left:?}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    if !app.lives() {
        return wrong("the app is dead".to_owned());
    }
    let whole = ran.whole_snapshots()?;
    Ok(format!("exit {:?}, {whole} whole", ran.code))
}

fn name((way, (stage, _), event): &Cell) -> String {
    format!("{way:?}: {stage} x {event:?}")
}

/// Two at a time; all of them are green.
#[track_caller]
fn run(cells: &[Cell]) {
    let (next, red) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(one) = cells.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                    let name = name(&one);
                    match cell(one) {
                        Ok(seen) => print(&format!("{name:<48} ok   {seen}\n")),
                        Err(wrong) => {
                            print(&format!("{name:<48} RED  {wrong}\n"));
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
        (Way::Command, at("signalled"), Event::Kill),
        (Way::Command, at("planted"), Event::CommandsKilled),
        (Way::Command, at("writing"), Event::Kill),
        (Way::Command, at("writing"), Event::TunnelCut),
        (Way::Fir(FirWay::Ssh), at("signalled"), Event::Kill),
        (Way::Fir(FirWay::Ssh), at("writing"), Event::CommandsKilled),
        (Way::Fir(FirWay::Rendezvous), at("waiting"), Event::TunnelCut),
        (Way::PsExec, at("planted"), Event::Kill),
        (Way::PsExec, at("writing"), Event::TunnelCut),
    ]);
}

#[test]
#[ignore = "140 hunts: `cargo xtask matrix --exec` runs them"]
fn the_whole_matrix() {
    let of = |way| {
        STAGES.into_iter().flat_map(move |stage| EVENTS.into_iter().map(move |event| (way, stage, event)))
    };
    let wanted = std::env::var("LEAKHUNT_MATRIX").unwrap_or_default();
    let cells: Vec<Cell> = WAYS.into_iter().flat_map(of).filter(|one| name(one).contains(&wanted)).collect();
    run(&cells);
}
