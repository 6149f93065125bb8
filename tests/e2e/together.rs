//! Others at work on the same process: a debugger, a second hunt.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use leakhunt_rig::{Dyno, Options};

use crate::support::{Hunt, QUICK, hunt, node, rig};

/// What DevTools is to the process: a client of its own on the inspector's port, its heap profiler on.
struct Debugger(TcpStream);

impl Debugger {
    fn attach(dyno: &Dyno) -> Self {
        let port = dyno.inspector_ports()[0];
        let list =
            ask(&mut dyno.connect(port).unwrap(), "GET /json/list HTTP/1.1\r\nHost: localhost\r\n\r\n", "]");
        let id = list.split("\"id\": \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a target");
        let mut stream = dyno.connect(port).unwrap();
        let upgrade = format!(
            "GET /{id} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        assert!(ask(&mut stream, &upgrade, "\r\n\r\n").contains(" 101 "));
        let mut debugger = Self(stream);
        assert!(debugger.call("HeapProfiler.enable").contains("\"result\""));
        debugger
    }

    /// One short call (RFC 6455: final text frame, masked, here with zeros).
    fn call(&mut self, method: &str) -> String {
        let message = format!("{{\"id\":1,\"method\":\"{method}\"}}");
        let length = 0x80 | u8::try_from(message.len()).expect("a short one");
        self.0.write_all(&[&[0x81, length, 0, 0, 0, 0], message.as_bytes()].concat()).unwrap();
        read_until(&mut self.0, "\"id\":1")
    }
}

fn ask(stream: &mut TcpStream, request: &str, end: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    read_until(stream, end)
}

fn read_until(stream: &mut TcpStream, end: &str) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let (mut heard, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut chunk).expect("the inspector answers");
        assert!(count > 0, "the debugger was disconnected");
        heard.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&heard).into_owned();
        if text.contains(end) {
            return text;
        }
    }
}

#[test]
fn a_debugger_that_is_attached_is_left_alone() {
    let rig = rig(&Options { node: Some(node(22)), ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();
    let process = dyno.processes().into_iter().find(|process| Some(process.pid) == dyno.node_pid()).unwrap();
    let signalled =
        std::process::Command::new("kill").args(["-USR1", &process.host_pid.to_string()]).status();
    assert!(signalled.unwrap().success());
    crate::support::poll("the inspector is open", || (!dyno.inspector_ports().is_empty()).then_some(()));
    let mut debugger = Debugger::attach(&dyno);
    let ran = hunt(&rig, &QUICK);
    ran.code(30)
        .says("somebody is attached to the inspector")
        .says("hint:")
        .says("no signal was sent")
        .left_nothing_here();
    let looked = Hunt::spawn(
        rig.command(env!("CARGO_BIN_EXE_leakhunt")),
        &["doctor", "heroku", "-a", rig.app_name()],
        None,
    );
    looked.end().code(30);
    assert!(debugger.call("Runtime.getHeapUsage").contains("usedSize"), "it is connected still");
    assert!(!dyno.inspector_ports().is_empty(), "what was open stays open");
    assert!(dyno.alive() && dyno.answers());
}

#[test]
fn a_debugger_that_comes_and_goes_ends_the_series() {
    let rig = rig(&Options { node: Some(node(18)), ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();
    let mut hunt = Hunt::start(&rig, &["--samples", "2", "--growth", "2MB", "--max-wait", "20s"]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    drop(Debugger::attach(&dyno));
    let ran = hunt.end();
    ran.code(0).says("a new series begins").left_nothing();
    let snapshots = &ran.session_json()["snapshots"];
    assert_eq!((&snapshots[0]["id_space"], &snapshots[1]["id_space"]), (&1.into(), &2.into()));
}

#[test]
fn a_second_hunt_on_one_dyno_does_nothing_and_says_why() {
    let rig = rig(&Options::default());
    let mut first = Hunt::start(&rig, &["--samples", "2", "--growth", "1GB", "--max-wait", "40s"]);
    first.wait_for("\"event\":\"snapshot_done\"");
    let second = hunt(&rig, &QUICK);
    second.code(30).says("another hunt is under way in process").says("hint:").left_nothing_here();
    assert!(second.snapshots().is_empty());
    let ran = first.end();
    ran.code(0).left_nothing();
    assert_eq!(ran.snapshots().len(), 2);
    assert_eq!(ran.session_json()["snapshots"][1]["id_space"], 1, "the second one did not touch it");
}

/// A hunt from another machine has no journal here; its connection is what can be seen of it.
#[test]
fn a_second_hunt_from_elsewhere_sees_the_first_ones_connection() {
    let rig = rig(&Options { node: Some(node(22)), ..Options::default() });
    let mut first = Hunt::start(&rig, &["--samples", "2", "--growth", "1GB", "--max-wait", "40s"]);
    first.wait_for("\"event\":\"snapshot_done\"");
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = rig.command(env!("CARGO_BIN_EXE_leakhunt"));
    command.env("XDG_STATE_HOME", elsewhere.path());
    let second =
        Hunt::spawn(command, &[&["heroku", "--app", rig.app_name()], &QUICK[..]].concat(), None).end();
    second.code(30).says("somebody is attached to the inspector").left_nothing_here();
    let ran = first.end();
    ran.code(0).left_nothing();
    assert_eq!(ran.session_json()["snapshots"][1]["id_space"], 1, "the second one did not touch it");
}

/// Both probe before either has signalled: one of them hunts, the other one steps back.
#[test]
fn two_hunts_started_at_once_on_one_dyno() {
    let rig = rig(&Options::default());
    let dyno = rig.dyno("web.1").unwrap();
    let hunts =
        [(); 2].map(|()| Hunt::start(&rig, &["--samples", "2", "--growth", "1GB", "--max-wait", "15s"]));
    let ran = hunts.map(Hunt::end);
    let mut codes = ran.each_ref().map(|ran| ran.code);
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(30)], "{}\n{}", ran[0].stderr, ran[1].stderr);
    for ran in &ran {
        ran.left_nothing();
    }
    assert!(dyno.alive() && dyno.answers());
}
