//! Profiles and timelines as real Node.js writes them, analysed.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::analyze::analyze;
use crate::support::node;

/// A shop that keeps every order, recorded by DevTools' allocation timeline with stacks, and without if that is asked for.
const SHOP: &str = "\
const { createWriteStream } = require('node:fs');
const { Session } = require('node:inspector');
const kept = [];
class Order {
  constructor(number) { this.lines = new Array(40).fill(number); }
}
function take(number) {
  kept.push(new Order(number));
}
const [file, trackAllocations] = process.argv.slice(2);
const session = new Session();
session.connect();
const post = (method, params) => new Promise((resolve, reject) =>
  session.post(method, params, (error) => (error ? reject(new Error(error.message)) : resolve())));
(async () => {
  await post('HeapProfiler.startTrackingHeapObjects', { trackAllocations: trackAllocations === 'true' });
  for (let number = 0; number < 3000; number++) take(number);
  const out = createWriteStream(file);
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ params }) => out.write(params.chunk));
  await post('HeapProfiler.stopTrackingHeapObjects', { reportProgress: false });
  out.end();
})();
";

fn timeline(folder: &Path, major: u32, has_stacks: bool) -> PathBuf {
    let (script, file) = (folder.join("shop.js"), folder.join(format!("{major}.heaptimeline")));
    std::fs::write(&script, SHOP).expect("the script is written");
    let status = Command::new(node(major)).arg(&script).arg(&file).arg(has_stacks.to_string()).status();
    assert!(status.expect("node runs").success());
    file
}

#[test]
fn a_timeline_of_every_node_names_the_line_that_allocates_what_lives() {
    let folder = tempfile::tempdir().expect("a folder");
    for major in [18, 20, 22, 24, 26] {
        let sources = folder.path().to_str().expect("UTF-8");
        let answer = analyze(&["--json", "--sources", sources], &[timeline(folder.path(), major, true)]);
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
        let findings: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        // It is one snapshot.
        assert_eq!(findings["memory"]["snapshot"].as_array().map(Vec::len), Some(1), "{findings:#}");
        assert_eq!(findings["warnings"], serde_json::json!([]), "Node {major}");
        let first = &findings["allocations"][0];
        let at = &first["location"];
        let best = if first["function"] == "fill" { &first["called_from"] } else { at };
        assert!(
            best["file"].as_str().is_some_and(|file| file.ends_with("shop.js")),
            "Node {major}: {first:#}"
        );
        // From Node 24 on V8 inlines the constructor into its caller.
        let told = (best["function"].as_str(), best["line"].as_u64());
        assert!(
            [(Some("Order"), Some(5)), (Some("take"), Some(7))].contains(&told),
            "Node {major}: {first:#}"
        );
    }
}

#[test]
fn a_timeline_without_stacks_is_a_snapshot_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    for major in [20, 24] {
        let answer = analyze(&["--json"], &[timeline(folder.path(), major, false)]);
        let findings: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        assert_eq!(findings["memory"]["snapshot"].as_array().map(Vec::len), Some(1), "{findings:#}");
        assert!(
            findings["warnings"][0]
                .as_str()
                .is_some_and(|text| text.contains("recorded without allocation stacks")),
            "{findings:#}"
        );
    }
}
