//! The quickest programs of the corpus, run under the Node on the PATH: the rest is `cargo xtask diagnose`.

mod corpus;

use std::path::{Path, PathBuf};
use std::process::Command;

use leakhunt_diagnosis::{Evidence, Findings, Verdict, diagnose};

/// Runs a program of the corpus and records its snapshots into a folder of this name.
fn record(name: &str, into: &str) -> PathBuf {
    let (program, out) = (leaks().join(name), PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(into));
    let status = Command::new("node")
        .arg(leaks().join("run.mjs"))
        .args([&program, &out])
        .arg("node")
        .status()
        .expect("these tests need Node.js 18 or newer on the PATH");
    assert!(status.success(), "{name} could not be recorded");
    out
}

fn leaks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/leaks").canonicalize().expect("the corpus")
}

#[track_caller]
fn check(name: &str) {
    let row = corpus::judge(&leaks().join(name), &record(name, name));
    assert!(
        row.is_right(),
        "{name}: {:?}, true suspect at {:?}, line {}, holder {}, unsaid {:?}\n{:#?}",
        row.verdict,
        row.rank,
        row.line_right,
        row.holder_right,
        row.unsaid,
        row.findings
    );
}

#[test]
fn an_interval_started_in_a_constructor() {
    check("banner-interval");
}

#[test]
fn a_map_that_is_never_emptied() {
    check("response-cache");
}

#[test]
fn listeners_that_are_never_removed() {
    check("config-listeners");
}

#[test]
fn a_worker_thread_grows_beside_the_heap() {
    check("worker-inner");
}

#[test]
fn a_bounded_cache_is_healthy() {
    check("healthy-lru");
}

/// What is said of snapshots that are too few, out of order, or of two processes.
#[test]
fn snapshots_that_do_not_make_a_series() {
    let (one, other) =
        (record("response-cache", "first-process"), record("response-cache", "second-process"));
    let check = |snapshots: &[(&Path, usize)], verdict: Verdict, warning: &str| {
        let files: Vec<_> = snapshots.iter().map(|(folder, k)| corpus::open(folder, *k)).collect();
        let evidence = Evidence::of_sources(&|_| None);
        let findings = diagnose(files.len(), |k| files[k].snapshot(2), &evidence).expect("whole snapshots");
        assert_eq!(findings.verdict, verdict, "{snapshots:?}: {}", findings.sentence);
        let warned = findings.warnings.iter().any(|text| text.contains(warning));
        assert!(warned || warning.is_empty() && findings.warnings.is_empty(), "{:?}", findings.warnings);
        findings
    };
    let names_it = |findings: &Findings| {
        findings.suspects.iter().any(|suspect| suspect.sentence.contains("responseCache"))
    };
    let (a, b) = (one.as_path(), other.as_path());

    let none = check(&[], Verdict::Inconclusive, "");
    assert!(none.suspects.is_empty());
    assert!(names_it(&check(&[(a, 6)], Verdict::Inconclusive, "")));
    assert!(names_it(&check(&[(a, 1), (a, 5)], Verdict::Inconclusive, "")));
    assert!(names_it(&check(&[(a, 1), (a, 3), (a, 5)], Verdict::Leak, "")));
    let backwards = [(a, 6), (a, 5), (a, 4), (a, 3), (a, 2), (a, 1)];
    let reversed = check(&backwards, Verdict::Leak, "6, 5, 4, 3, 2, 1");
    assert_eq!(reversed.suspects[0].growth.counts, [150, 300, 450, 600, 750, 900]);
    // No source was at hand: the line comes from what the snapshot has of the script.
    assert_eq!(reversed.suspects[0].location.as_ref().map(|place| place.line), Some(6));
    assert!(names_it(&check(&[(a, 1), (b, 3), (a, 6)], Verdict::Inconclusive, "not of one id space")));
    let restarted = [(a, 1), (a, 2), (b, 1), (b, 2), (b, 3), (b, 4)];
    assert!(names_it(&check(&restarted, Verdict::Leak, "only snapshots 3 to 6")));
}
