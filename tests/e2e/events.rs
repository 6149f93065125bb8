//! `--events`: what a program reads along while a hunt or a run goes on.

use std::io::Read as _;
use std::os::unix::net::UnixListener;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{Hunt, node, scratch};

/// A leak, here.
struct App(Child);

impl App {
    fn start() -> Self {
        const CODE: &str = "const kept = []; setInterval(() => kept.push({ at: Date.now() }), 10);";
        let child =
            Command::new(node(24)).args(["--inspect-port=0", "-e", CODE]).stdin(Stdio::null()).spawn();
        Self(child.unwrap())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines, each with a moment and a name, as the schema in the tree wants them.
#[track_caller]
pub(crate) fn read(text: &str) -> Vec<Value> {
    let schema = serde_json::from_str(include_str!("../../schemas/events.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    for line in &lines {
        assert!(validator.is_valid(line), "{line}");
    }
    assert_eq!(lines[0]["event"], "opened");
    assert_eq!(lines[0]["schema_version"], 1);
    lines
}

fn leakhunt(args: &[&str]) -> Hunt {
    let scratch = scratch();
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.env("XDG_STATE_HOME", scratch.path().join("state"));
    Hunt::spawn_in(scratch, leakhunt, args, None)
}

#[test]
fn a_program_reads_along() {
    let app = App::start();
    let folder = scratch();
    let socket = folder.path().join("events");
    let listener = UnixListener::bind(&socket).unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
        text
    });
    let (pid, events) = (app.0.id().to_string(), format!("unix:{}", socket.display()));
    let args = ["local", "--pid", &pid, "--samples", "2", "--growth", "1KB", "--max-wait", "1s", "--json"];
    let ran = leakhunt(&[&args[..], &["--events", &events]].concat()).end();
    ran.code(0).left_nothing_here();
    let lines = read(&reader.join().unwrap());
    let named = |name: &str| lines.iter().filter(|line| line["event"] == name).count();
    assert_eq!(named("snapshot_done"), 2);
    assert!(named("download") > 0, "progress, too, which the session does not keep");
    let kept: Vec<&Value> = lines
        .iter()
        .filter(|line| {
            !["opened", "download", "snapshot_progress", "hunt_ended"]
                .contains(&line["event"].as_str().unwrap())
        })
        .collect();
    let in_session = std::fs::read_to_string(ran.session().join("events.ndjson")).unwrap();
    assert_eq!(kept.len(), in_session.lines().count());
    let (last, document) = (lines.last().unwrap(), serde_json::from_str::<Value>(&ran.stdout).unwrap());
    assert_eq!(last["event"], "hunt_ended");
    for fact in ["exit_code", "session", "verdict", "sentence", "outcome"] {
        assert_eq!(last[fact], document[fact], "{fact}");
    }
}

/// All steps and what happens in them, in one stream, and nothing else on stdout.
#[test]
fn a_run_tells_the_events_of_its_hunts() {
    let app = App::start();
    let scratch = scratch();
    let file = scratch.path().join("run.yaml");
    let runbook = "name: look\nhost: local\ninputs:\n  pid: {type: int, required: true}\nsteps:\n\
        - id: hunt\n  uses: hunt\n  with: {pid: \"{{ inputs.pid }}\", profile: sampling, duration: 1s}\n\
        - run: echo done\n";
    std::fs::write(&file, runbook).unwrap();
    let pid = format!("pid={}", app.0.id());
    let ran = leakhunt(&["run", file.to_str().unwrap(), "--input", &pid, "--events", "-"]).end();
    ran.code(0).left_nothing_here();
    let lines = read(&ran.stdout);
    let names: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    let place =
        |name: &str| names.iter().position(|one| *one == name).unwrap_or_else(|| panic!("{name}: {names:?}"));
    let order = [
        "opened",
        "run_started",
        "run_step_started",
        "started",
        "profile_done",
        "hunt_ended",
        "run_step_ended",
    ];
    assert!(order.map(place).is_sorted(), "{names:?}");
    assert_eq!(names.last(), Some(&"run_ended"));
    assert_eq!(lines[place("profile_done")]["in_step"], "hunt");
    assert_eq!(lines[place("run_step_ended")]["in_step"], Value::Null);
}

/// Whoever reads along may go: the hunt is another matter.
#[test]
fn a_reader_that_goes_ends_nothing() {
    let app = App::start();
    let folder = scratch();
    let socket = folder.path().join("events");
    let listener = UnixListener::bind(&socket).unwrap();
    let reader = std::thread::spawn(move || drop(listener.accept()));
    let (pid, events) = (app.0.id().to_string(), format!("unix:{}", socket.display()));
    let args = ["local", "--pid", &pid, "--profile", "sampling", "--duration", "1s", "--events", &events];
    let ran = leakhunt(&args).end();
    reader.join().unwrap();
    ran.code(0).says("all else goes on without it").left_nothing_here();

    let ran = leakhunt(&["local", "--pid", &pid, "--events", "unix:nobody"]).end();
    ran.code(2).says("--events unix:nobody").says("start what listens");
    let ran = leakhunt(&["local", "--pid", &pid, "--events", "-", "--json"]).end();
    ran.code(2).says("both write to stdout");
}
