//! The allocation profile between snapshots: where a package holds what grows, the program's own line is named.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::programs::Program;
use crate::support::{Hunt, Ran, node};

/// A package that keeps whatever it is asked for, and holds on to it in a list of another name.
const PACKAGE: &str = "\
class Entry { constructor(key) { this.key = key; this.body = { text: 'entry ' + key, at: [key, key + 1] }; } }
const entries = [];
function insert(entry) { entries.push(entry); return entry; }
exports.lookup = function lookup(key) { const entry = new Entry(key); return insert(entry); };
";

/// The program uses it in two functions, of which one makes it grow.
const PROGRAM: &str = "\
const store = require('keep-all');
function warmUp() { return store.lookup(-1); }
function onTick(tick) {
  for (let i = 0; i < 60; i++) {
    const key = tick * 60 + i;
    store.lookup(key);
  }
}
warmUp();
let tick = 0;
setInterval(() => onTick(tick++), 20);
";

fn hunted(folder: &Path, more: &[&str]) -> (Ran, Value) {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("app.js", PROGRAM);
    write("node_modules/keep-all/index.js", PACKAGE);
    write("node_modules/keep-all/package.json", r#"{"name":"keep-all","version":"2.4.0"}"#);
    let app = folder.join("app.js").display().to_string();
    // What V8 has inlined is on no stack.
    let args = ["--inspect-port=0", "--no-turbo-inlining", &app];
    let program = Program::start(&node(22).display().to_string(), &args).catches_usr1();
    let journals = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    command.env("XDG_STATE_HOME", journals.path());
    let pid = program.pid().to_string();
    let hunt = ["local", "--pid", &pid, "--samples", "4", "--growth", "600KB", "--max-wait", "20s"];
    // What else this machine has to do is nothing to this test.
    let hunt = [&hunt, &["--accept", "memory,pause"][..], more].concat();
    let ran = Hunt::spawn(command, &hunt, None).end();
    ran.code(0);
    let text = std::fs::read(ran.session().join("findings.json")).expect("findings");
    let findings: Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(findings["verdict"], "leak", "{findings:#}");
    (ran, findings["suspects"][0].clone())
}

#[test]
fn the_programs_own_call_is_named_and_the_packages_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ran, suspect) = hunted(folder.path(), &[]);
    let location = &suspect["location"];
    assert!(location["file"].as_str().is_some_and(|file| file.ends_with("/app.js")), "{suspect:#}");
    assert_eq!(
        (&location["line"], &location["from"]),
        (&6.into(), &"allocation-profile".into()),
        "{suspect:#}"
    );
    assert_eq!(suspect["package"]["version"], "2.4.0");
    let sentence = suspect["sentence"].as_str().expect("a sentence");
    assert!(
        sentence.contains("keep-all 2.4.0") && sentence.contains("allocated by store.lookup in onTick"),
        "{sentence}"
    );
    let session = ran.session_json();
    let file = session["allocations"]["file"].as_str().expect("it is told of");
    assert!(ran.session().join(file).exists());
}

#[test]
fn without_the_profile_nothing_is_said_to_be_known_by_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ran, suspect) = hunted(folder.path(), &["--no-allocations"]);
    assert_eq!(suspect["location"]["from"], Value::Null, "{suspect:#}");
    assert!(suspect["sentence"].as_str().is_some_and(|text| !text.contains("allocated by")), "{suspect:#}");
    assert_eq!(ran.session_json()["allocations"], Value::Null);
    assert!(!ran.session().join("allocations.heapprofile").exists());
}
