//! What a program opens and does not close is in no snapshot; a hunt says so all the same.

use std::process::Command;

use serde_json::Value;

use crate::programs::Program;
use crate::support::{Hunt, node};

/// Opens itself again and again, beside a server that nobody asks.
const PROGRAM: &str = "\
const { openSync } = require('node:fs');
require('node:http').createServer().listen(0);
setInterval(() => openSync(__filename), 50);
";

#[test]
fn files_that_are_opened_and_not_closed_are_told() {
    for major in [18, 24] {
        let folder = tempfile::tempdir().expect("a folder");
        let app = folder.path().join("app.js");
        std::fs::write(&app, PROGRAM).expect("a file");
        let args = ["--inspect-port=0", app.to_str().expect("UTF-8")];
        let program = Program::start(&node(major).display().to_string(), &args).catches_usr1();
        let mut command = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        command.env("XDG_STATE_HOME", folder.path());
        let pid = program.pid().to_string();
        let hunt = ["local", "--pid", &pid, "--samples", "5", "--growth", "100MB", "--max-wait", "2s"];
        let ran = Hunt::spawn(command, &[&hunt[..], &["--accept", "memory,pause"]].concat(), None).end();
        ran.code(0);
        let text = std::fs::read(ran.session().join("findings.json")).expect("findings");
        let findings: Value = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(findings["verdict"], "not-heap", "Node {major}: {findings:#}");
        let outside = &findings["outside"];
        assert_eq!((&outside["kind"], &outside["of"]), (&"descriptors".into(), &"files".into()), "{outside}");
        assert!(outside["last"].as_u64() > outside["first"].as_u64(), "{outside}");
        assert!(ran.stdout.contains("open files went from"), "{}", ran.stdout);
    }
}
