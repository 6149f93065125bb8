//! A cluster of four workers, of which the third leaks, and the first is the largest.

use std::process::Command;

use leakhunt_rig::{App, Machine, Options};
use serde_json::{Value, json};

use crate::hosts::from_to;
use crate::programs::Program;
use crate::support::{Hunt, hunt, node, poll, rig};

const CLUSTER: &str = "const cluster = require('node:cluster');
const kept = [];
function keep() { for (let i = 0; i < 60; i++) kept.push({ order: i, lines: [i] }); }
if (cluster.isPrimary) {
  // A worker's inspector has the port after its primary's, and there is none after 0.
  cluster.setupPrimary({ inspectPort: 0 });
  let ready = 0;
  for (let number = 1; number <= 4; number++) {
    const worker = cluster.fork();
    worker.on('message', () => {
      console.log(`worker ${worker.id} is ${worker.process.pid}.`);
      if (++ready === 4) require('node:fs').writeFileSync(`${__dirname}/ready`, '');
    });
  }
} else {
  const ballast = Buffer.alloc(cluster.worker.id === 1 ? 64 << 20 : 0, 1);
  setInterval(cluster.worker.id === 3 ? keep : () => ballast, 50);
  process.send('ready');
}
";

const BRIEF: [&str; 6] = ["--samples", "5", "--growth", "100KB", "--max-wait", "2s"];

#[test]
fn the_one_that_grows_is_taken_and_not_the_largest() {
    let rig = rig(&Options { app: App::Cluster, node: Some(node(24)), ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();
    let third = poll("the third worker answers", || {
        dyno.get("/").unwrap().body.strip_prefix("worker 3 ").map(|pid| pid.trim().to_owned())
    });
    let ran = hunt(&rig, &BRIEF);
    ran.code(0).says("4 processes could be the one").says(": of 4 it grew, by ").left_nothing();
    assert_eq!(ran.session_json()["process"]["pid"].to_string(), third);
    assert!(ran.stdout.contains("kept"), "{}", ran.stdout);
}

#[test]
fn on_a_machine_by_ssh_too() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("cluster.js");
    std::fs::write(&script, CLUSTER).unwrap();
    let first = Machine::start().unwrap();
    let machine = Machine::beside(&first, &node(22), &script).unwrap();
    // The largest grows as well, while it starts.
    poll("all are there", || folder.path().join("ready").exists().then_some(()));
    let ran = from_to(&first, &machine, &["ssh"], &BRIEF);
    ran.code(0).says(": of 4 it grew, by ").left_nothing_here();
    assert!(ran.stdout.contains("cluster.js:3"), "{}", ran.stdout);
}

#[test]
fn each_is_hunted_one_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("cluster.js");
    std::fs::write(&script, CLUSTER).unwrap();
    let line = format!("exec '{}' --inspect-port=0 '{}'", node(24).display(), script.display());
    let mut cluster = Program::start("sh", &["-c", &line]);
    let third = poll("the third worker is there", || {
        let (_, rest) =
            cluster.said().split_once("worker 3 is ").map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        Some(rest.split_once('.')?.0.to_owned())
    });
    poll("all are there", || (cluster.said().matches("worker ").count() == 4).then_some(()));

    let pid = cluster.pid().to_string();
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.env("XDG_STATE_HOME", folder.path());
    let args = [&["local", "--pid", &pid, "--each-worker", "--json"], &BRIEF[..]].concat();
    let ran = Hunt::spawn(leakhunt, &args, None).end();
    ran.code(0).left_nothing_here();
    let hunted: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(hunted["leaks"].as_array().unwrap().len(), 1, "{hunted:#}");
    assert_eq!(hunted["leaks"][0]["members"], json!([format!("worker-{third}")]));
    let members = hunted["members"].as_array().unwrap();
    assert_eq!(members.iter().map(|fate| &fate["exit_code"]).collect::<Vec<_>>(), [0, 0, 0, 0], "{hunted:#}");

    // They share the inspector's port.
    let turns: Vec<bool> = ran
        .stderr
        .lines()
        .filter(|line| line.contains("the hunt begins") || line.contains('✓'))
        .map(|line| line.contains('✓'))
        .collect();
    assert_eq!(turns, [false, true, false, true, false, true, false, true], "{}", ran.stderr);
    // Each got the signal for itself, and the primary none, which it would have passed on.
    assert_eq!(cluster.said().matches("Debugger listening on").count(), 4, "{}", cluster.said());
    assert!(cluster.lives());
    for member in members {
        let session = std::path::Path::new(member["folder"].as_str().unwrap()).join("session.json");
        let session: Value = serde_json::from_slice(&std::fs::read(session).unwrap()).unwrap();
        let undone = session["teardown"]["undone"].as_array().unwrap();
        assert!(undone.iter().all(|line| line["seen"] == "verified"), "{undone:?}");
    }
}

#[test]
fn each_of_two_that_nothing_tells_apart() {
    let rig = rig(&Options { app: App::TwoEqual, ..Options::default() });
    let ran = hunt(&rig, &["--dyno", "worker.1", "--each-worker", "--samples", "2", "--max-wait", "1s"]);
    ran.code(0).left_nothing();
    assert!(ran.stdout.contains("no leak was found"), "{}", ran.stdout);
    for process in rig.dyno("worker.1").unwrap().processes() {
        if process.is_node() && process.cmdline.contains("work.js") {
            ran.says(&format!("process-{}", process.pid));
        }
    }
    let leakhunt = |args: &[&str]| hunt(&rig, &[&["--each-worker"], args].concat());
    leakhunt(&["--process-type", "worker"]).code(2).says("--each-worker is for one dyno");
}

#[test]
fn each_worker_of_a_cluster_in_a_dyno() {
    let config = vec![("WORKERS".to_owned(), "3".to_owned())];
    let rig = rig(&Options { app: App::Cluster, node: Some(node(24)), config, ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();
    let third = poll("the third worker answers", || {
        dyno.get("/").unwrap().body.strip_prefix("worker 3 ").map(|pid| pid.trim().to_owned())
    });
    let workers: Vec<String> = dyno
        .processes()
        .iter()
        .filter(|process| process.is_node() && process.cmdline.contains("server.js"))
        .map(|process| process.pid.to_string())
        .collect();
    let args = ["--each-worker", "--json", "--samples", "4", "--growth", "300KB", "--max-wait", "4s"];
    let ran = hunt(&rig, &args);
    ran.code(0).left_nothing();
    let hunted: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(hunted["leaks"].as_array().unwrap().len(), 1, "{hunted:#}");
    assert_eq!(hunted["leaks"][0]["members"], json!([format!("worker-{third}")]));
    let members = hunted["members"].as_array().unwrap();
    assert_eq!(members.len(), 3, "{hunted:#}");
    for member in members {
        assert_eq!(member["exit_code"], 0, "{member:#}");
        let session = std::path::Path::new(member["folder"].as_str().unwrap()).join("session.json");
        let session: Value = serde_json::from_slice(&std::fs::read(session).unwrap()).unwrap();
        let pid = session["process"]["pid"].to_string();
        assert_eq!(member["name"], format!("worker-{pid}"));
    }
    // The primary is one of the four, and none of these. It would have passed the signal on to each of its workers.
    assert_eq!(workers.len(), 4, "{workers:?}");
    let log = rig.heroku().args(["logs", "--num", "1500", "--app", rig.app_name()]).output().unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    assert_eq!(log.matches("Debugger listening on").count(), 3, "{log}");
    assert!(dyno.alive());
}
