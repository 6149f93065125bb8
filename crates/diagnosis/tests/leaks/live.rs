//! The quickest programs of the corpus, run under the Node on the PATH.

use std::path::PathBuf;
use std::process::Command;
use std::sync::PoisonError;

use leakhunt_diagnosis::{Evidence, Findings, Verdict, diagnose};
use leakhunt_heap::Snapshot;

use crate::corpus::recording::Recording;
use crate::programs;

/// Runs a program of the corpus and records its snapshots into a folder of this name.
fn record(name: &str, into: &str) -> Recording {
    let _alone = crate::PROCESSORS.write().unwrap_or_else(PoisonError::into_inner);
    let (program, out) = (programs().join(name), PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(into));
    let status = Command::new("node")
        .arg(programs().join("run.mjs"))
        .args([&program, &out])
        .arg("node")
        .status()
        .expect("these tests need Node.js 18 or newer on the PATH");
    assert!(status.success(), "{name} could not be recorded");
    Recording::whole(&out).expect("what was just recorded")
}

#[track_caller]
fn check(name: &str) {
    crate::check(name, &record(name, name));
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
    // Snapshots by process and number, from 1; what the one warning says, if there is one.
    let check = |chosen: &[(&Recording, usize)], verdict: Verdict, warning: Option<&str>| {
        let evidence = Evidence::of_sources(&|_| None);
        let snapshots: Vec<&[u8]> =
            chosen.iter().map(|(process, k)| process.snapshots[k - 1].as_slice()).collect();
        let findings = diagnose(snapshots.len(), |k| Snapshot::parse(snapshots[k], 2), &evidence)
            .expect("whole snapshots");
        assert_eq!(findings.verdict, verdict, "{}", findings.sentence);
        match (warning, findings.warnings.as_slice()) {
            (None, []) => {}
            (Some(part), [said]) if said.contains(part) => {}
            (expected, said) => panic!("{said:?} instead of {expected:?}"),
        }
        findings
    };
    let names_it = |findings: &Findings| {
        findings.suspects.iter().any(|suspect| suspect.sentence.contains("responseCache"))
    };
    let (a, b) = (&one, &other);

    let none = check(&[], Verdict::Inconclusive, None);
    assert!(none.suspects.is_empty());
    assert!(names_it(&check(&[(a, 6)], Verdict::Inconclusive, None)));
    assert!(names_it(&check(&[(a, 1), (a, 5)], Verdict::Inconclusive, None)));
    assert!(names_it(&check(&[(a, 1), (a, 3), (a, 5)], Verdict::Inconclusive, None)));
    let backwards = [(a, 6), (a, 5), (a, 4), (a, 3), (a, 2), (a, 1)];
    let reversed = check(&backwards, Verdict::Leak, Some("6, 5, 4, 3, 2, 1"));
    assert_eq!(reversed.suspects[0].growth.counts, [150, 300, 450, 600, 750, 900]);
    // No source was at hand: the line comes from what the snapshot has of the script.
    assert_eq!(reversed.suspects[0].location.as_ref().map(|place| place.line), Some(6));
    assert!(names_it(&check(
        &[(a, 1), (b, 3), (a, 6)],
        Verdict::Inconclusive,
        Some("object ids are not comparable")
    )));
    let restarted = [(a, 1), (a, 2), (b, 1), (b, 2), (b, 3), (b, 4)];
    assert!(names_it(&check(&restarted, Verdict::Leak, Some("only across snapshots 3 to 6"))));
}
