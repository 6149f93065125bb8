//! leakhunt-heap against the answers of DevTools' own engine, kept in `tests/fixtures` beside the snapshots they are about:
//! no difference in any class of any view, nor in any node.
//!
//! `cargo xtask parity --record` records the fixtures again, with the programs in `tests/fixtures/programs` and the engine.

mod archive;
mod check;

use std::io::BufRead;
use std::path::Path;

use leakhunt_heap::{Census, Snapshot};

#[track_caller]
fn check(archive: &str, cases: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let read =
        archive::read(&folder.join(format!("{archive}.tar.zst"))).expect("the fixtures are in the tree");
    assert_eq!(read.len(), cases, "cases in {archive}");
    let mut report = String::new();
    for (name, case) in &read {
        let files = [&case["1.heapsnapshot"], &case["2.heapsnapshot"]];
        let censuses =
            files.map(|bytes| Census::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}")));
        let snapshots =
            files.map(|bytes| Snapshot::parse(bytes, 2).unwrap_or_else(|error| panic!("{name}: {error}")));
        let facts = |file: &str| Some(Box::new(case.get(file)?.as_slice()) as Box<dyn BufRead>);
        let found = check::differences(&censuses, &snapshots, &facts);
        if !found.is_empty() {
            report += &format!("{archive}/{name}:\n{found}\n");
        }
    }
    assert!(report.is_empty(), "differs from DevTools:\n{report}");
}

#[test]
fn node_18() {
    check("node-18", 1);
}

/// With allocation tracking, as Node 18 and 20 write it: more trace functions than the header counts.
#[test]
fn node_20() {
    check("node-20", 2);
}

#[test]
fn node_22() {
    check("node-22", 1);
}

/// With nodes for numbers, and one with V8's internals, where the root has no child that is not synthetic.
#[test]
fn node_24() {
    check("node-24", 2);
}

#[test]
fn node_26() {
    check("node-26", 2);
}

/// A page's DOM, owners and owned, islands, a deep chain.
#[test]
fn handmade() {
    check("handmade", 6);
}

/// Small heaps, dense in what the engine treats specially.
#[test]
fn random() {
    check("random", 93);
}
