//! The heap of a worker thread is hunted: chosen by its growth, or by its name.

use serde_json::{Value, json};

use crate::outside::{hunt_in, started};
use crate::programs::Program;
use crate::support::Ran;

/// Snapshots by time.
const SNAPSHOTS: [&str; 8] =
    ["--samples", "5", "--growth", "100MB", "--max-wait", "2s", "--accept", "memory,pause"];

/// A worker thread that keeps what it makes, another one that does not, and a main thread that is well.
const LEAKS: [(&str, &str); 2] = [
    (
        "app.js",
        "const { Worker } = require('node:worker_threads');
         new Worker(`${__dirname}/resize.js`, { name: 'thumbnails', workerData: 400 });
         new Worker(`${__dirname}/resize.js`, { workerData: 0 });
         require('node:http').createServer().listen(0);",
    ),
    (
        "resize.js",
        "const kept = [];
         const { workerData } = require('node:worker_threads');
         setInterval(() => { for (let i = 0; i < workerData; i++) kept.push({ order: i, lines: [i] }); }, 50);",
    ),
];

/// A worker thread that keeps what it makes, and ends when a file is there.
const ENDS: [(&str, &str); 2] = [
    (
        "app.js",
        "const { Worker } = require('node:worker_threads');
         new Worker(`${__dirname}/resize.js`, { name: 'thumbnails' });
         require('node:http').createServer().listen(0);",
    ),
    (
        "resize.js",
        "const kept = [];
         setInterval(() => {
           for (let i = 0; i < 400; i++) kept.push({ order: i, lines: [i] });
           if (require('node:fs').existsSync(`${__dirname}/end`)) process.exit();
         }, 50);",
    ),
];

/// A pool's worker, which waits for its tasks synchronously.
const WAITS: [(&str, &str); 2] = [
    (
        "app.js",
        "const { Worker } = require('node:worker_threads');
         new Worker(`${__dirname}/pool.js`, { name: 'pool' });
         require('node:http').createServer().listen(0);",
    ),
    ("pool.js", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"),
];

fn findings(ran: &Ran) -> Value {
    let text = std::fs::read(ran.session().join("findings.json")).expect("findings");
    serde_json::from_slice(&text).expect("JSON")
}

/// The leak of `LEAKS` is told with its file, its line and its thread.
#[track_caller]
fn told(major: u32, ran: &Ran) {
    let findings = findings(ran);
    assert_eq!(findings["verdict"], "leak", "Node {major}: {findings:#}");
    let thread = &findings["worker"];
    assert_eq!((&thread["thread"], &thread["name"]), (&json!(1), &json!("thumbnails")), "{findings:#}");
    let location = &findings["suspects"][0]["location"];
    assert!(location["file"].as_str().is_some_and(|file| file.ends_with("/resize.js")), "{findings:#}");
    assert!([1, 3].map(|line| json!(line)).contains(&location["line"]), "Node {major}: {findings:#}");
    ran.prints("leak in worker thread 1 (thumbnails, resize.js): ").prints("resize.js:");
    let session = ran.session_json();
    assert_eq!(session["worker"]["name"], "thumbnails", "{session:#}");
    // What else there was, is told of the main thread and the other worker.
    let others: Vec<&Value> = session["snapshots"][0]["workers"]
        .as_array()
        .map(|heaps| heaps.iter().map(|heap| &heap["thread"]).collect())
        .expect("other heaps");
    assert_eq!(others, [&json!(0), &json!(2)], "Node {major}");
    let page = std::fs::read_to_string(ran.session().join("report.html")).expect("a report");
    assert!(page.contains("worker thread 1 (thumbnails)"), "Node {major}");
}

/// Nothing is left here, the inspector is closed and the program lives.
#[track_caller]
fn left_alone(program: &mut Program, ran: &Ran) {
    ran.says("no longer listens on port").left_nothing_here();
    assert!(program.lives(), "{}", ran.stderr);
    assert!(!program.inspector_is_open(), "an inspector is open:\n{}", ran.stderr);
}

#[test]
fn the_one_that_grows_is_hunted_by_itself() {
    for major in [18, 22, 24, 26] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut program = started(major, folder.path(), &LEAKS);
        let ran = hunt_in(&folder, &program, &SNAPSHOTS).end();
        ran.code(0).says("2 worker threads: looking for 8").says("worker thread 1 (thumbnails) grew by ");
        told(major, &ran);
        left_alone(&mut program, &ran);
    }
}

#[test]
fn one_that_is_named_is_hunted_by_each_route() {
    for (major, route, name) in [(18, "stream", "thumbnails"), (26, "file", "1")] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut program = started(major, folder.path(), &LEAKS);
        let asked = [&["--worker", name, "--route", route][..], &SNAPSHOTS].concat();
        let ran = hunt_in(&folder, &program, &asked).end();
        ran.code(0).says("worker thread 1 (thumbnails) was asked for");
        told(major, &ran);
        assert_eq!(ran.session_json()["snapshots"][0]["route"], route);
        left_alone(&mut program, &ran);
    }
}

#[test]
fn lighter_evidence_is_of_that_thread_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut program = started(24, folder.path(), &LEAKS);
    let asked = ["--worker", "thumbnails", "--profile", "sampling", "--duration", "4s"];
    let ran = hunt_in(&folder, &program, &asked).end();
    ran.code(0).prints("resize.js");
    let allocations = &findings(&ran)["allocations"];
    assert!(allocations[0]["location"]["file"].as_str().is_some_and(|file| file.ends_with("/resize.js")));
    left_alone(&mut program, &ran);
}

#[test]
fn a_thread_that_is_not_there_is_told_from_those_that_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut program = started(22, folder.path(), &LEAKS);
    let ran = hunt_in(&folder, &program, &["--worker", "nobody"]).end();
    ran.code(31).says("has no worker thread \"nobody\"").says("--worker 1 thumbnails").says("--worker 2");
    left_alone(&mut program, &ran);
}

#[test]
fn a_worker_that_ends_in_the_middle_ends_the_hunt_and_nothing_else() {
    for major in [18, 24] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut program = started(major, folder.path(), &ENDS);
        let mut hunt = hunt_in(&folder, &program, &[&["--worker", "thumbnails"][..], &SNAPSHOTS].concat());
        hunt.wait_for("snapshot_done");
        std::fs::write(folder.path().join("end"), "").expect("a file");
        let ran = hunt.end();
        ran.code(33).says("worker thread 1 ended while it was hunted").says("complete snapshot");
        assert!(!ran.snapshots().is_empty());
        left_alone(&mut program, &ran);
    }
}

#[test]
fn a_worker_that_waits_synchronously_gives_no_evidence() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut program = started(22, folder.path(), &WAITS);
    let ran = hunt_in(&folder, &program, &["--worker", "pool"]).end();
    ran.code(34).says("worker thread 1 does not come back to its event loop").says("Atomics.wait");
    left_alone(&mut program, &ran);
}
