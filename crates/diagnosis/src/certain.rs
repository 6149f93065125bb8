//! Would more evidence change the answer?
//!
//! A snapshot hardly does where it is a leak, and the suspect that leads now has led before the last snapshot came as well: a snapshot
//! costs the process its pause, and an answer that two analyses agree on is worth no more with a third. And none tells more of what
//! is not in the heap that it shows.

use crate::findings::{Findings, Memory, Outside, Suspect, Verdict, WorkerHeap};
use crate::observed::HeapTrend;

/// Of suspects that four snapshots and more say with this confidence no one was false, in all hunts of programs whose leaks are known.
const SURE: f64 = 0.7;

/// Whether `now` will do, which has one snapshot more than `before`. The first two of a process that was observed before them stand
/// for themselves: they are called a leak only where one suspect explains what was seen to grow then.
#[must_use]
pub fn is_certain(before: Option<&Findings>, now: &Findings) -> bool {
    let Some(leads) = now.suspects.first() else { return false };
    let led = before.and_then(|before| before.suspects.first());
    now.verdict == Verdict::Leak
        && leads.confidence >= SURE
        && leads.bound.is_none()
        && (now.memory.snapshot.len() == 2 || led.is_some_and(|led| is_same(led, leads)))
}

/// Whether `now` will do for a process that was observed before its snapshots, because two analyses agree that it is healthy: of a heap
/// that grew while it was observed, snapshots told twice that what grew has levelled off, or that the same thing bounds it.
#[must_use]
pub fn is_certainly_healthy(before: Option<&Findings>, now: &Findings) -> bool {
    let bounded =
        |findings: &Findings| findings.suspects.first().cloned().filter(|leads| leads.bound.is_some());
    now.verdict == Verdict::Healthy
        && before.is_some_and(|before| {
            let same = bounded(before).zip(bounded(now)).is_some_and(|(one, other)| is_same(&one, &other));
            before.verdict == Verdict::Healthy || same
        })
}

/// Whether findings without a snapshot will do: what grows is known not to be held by the heap of the main thread, or nothing grows.
#[must_use]
pub fn is_certain_without_snapshots(findings: &Findings) -> bool {
    let trend = HeapTrend::of(&findings.memory);
    match &findings.outside {
        None => trend == Some(HeapTrend::Still),
        // Sockets and files may be held by what a snapshot shows.
        Some(Outside::Descriptors { .. }) => trend == Some(HeapTrend::Still),
        Some(Outside::ArrayBuffers { owned, .. }) => !owned,
        Some(Outside::WorkerHeap { .. }) => true,
        // Who starts worker threads a snapshot shows, and each has memory of its own.
        Some(Outside::Malloc { .. } | Outside::Mapped { .. }) => !starts_workers(&findings.memory),
        Some(Outside::External { .. } | Outside::Resident { .. } | Outside::WorkerThreads { .. }) => false,
    }
}

/// Whether other worker threads run at the end than at the beginning; where that is not known, they may.
fn starts_workers(memory: &Memory) -> bool {
    let threads = |workers: &Vec<WorkerHeap>| workers.iter().map(|worker| worker.thread).collect::<Vec<_>>();
    match (memory.workers.first(), memory.workers.last()) {
        (Some(first), Some(last)) => threads(first) != threads(last),
        _ => true,
    }
}

fn is_same(one: &Suspect, other: &Suspect) -> bool {
    one.kind == other.kind
        && one.class == other.class
        && one.best_location() == other.best_location()
        && one.holder == other.holder
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::findings::Bound;

    /// A leak that so many snapshots show, with suspects of these shares.
    fn leak(snapshots: usize, shares: &[f64]) -> Findings {
        let suspect = |share: &f64| {
            json!({
                "rank": 1, "confidence": 0.9, "share": share, "class": "Map", "key": "Map", "kind": "map", "sentence": "",
                "location": null, "holder": null, "path": [],
                "growth": { "counts": [], "bytes": [], "per_step": 0, "per_minute": null },
            })
        };
        let suspects: Vec<_> = shares.iter().map(suspect).collect();
        let snapshot = vec![0; snapshots];
        let memory = json!({ "at_ms": [], "used": [], "external": [], "rss": [], "snapshot": snapshot });
        let findings = json!({
            "schema_version": 1, "verdict": "leak", "sentence": "", "memory": memory, "suspects": suspects, "warnings": [],
        });
        serde_json::from_value(findings).expect("they are as findings.json has them")
    }

    #[test]
    fn two_snapshots_that_are_called_a_leak_do() {
        assert!(is_certain(None, &leak(2, &[0.9])));
        let two = Findings { verdict: Verdict::Inconclusive, ..leak(2, &[0.9]) };
        assert!(!is_certain(None, &two));
    }

    #[test]
    fn memory_of_worker_threads_that_come_and_go_is_left_to_snapshots() {
        let workers = |threads: &[u64]| {
            threads.iter().map(|thread| WorkerHeap { thread: *thread, ..WorkerHeap::default() }).collect()
        };
        let check = |workers: Vec<Vec<WorkerHeap>>, certain: bool| {
            let mut findings = leak(0, &[]);
            findings.outside = Some(Outside::Mapped { bytes: 9_000_000, allocator: None });
            findings.memory.workers = workers;
            assert_eq!(is_certain_without_snapshots(&findings), certain);
        };
        check(vec![workers(&[1]), workers(&[1])], true);
        check(vec![workers(&[1]), workers(&[1, 2])], false);
        check(vec![workers(&[1]), workers(&[2])], false);
        check(Vec::new(), false);
    }

    #[test]
    fn two_analyses_agree_that_it_is_healthy() {
        let healthy = |snapshots| Findings { verdict: Verdict::Healthy, ..leak(snapshots, &[]) };
        let too_early = Findings { verdict: Verdict::Inconclusive, ..leak(2, &[]) };
        assert!(is_certainly_healthy(Some(&healthy(3)), &healthy(4)));
        assert!(!is_certainly_healthy(Some(&too_early), &healthy(3)));
        assert!(!is_certainly_healthy(None, &healthy(3)));
        assert!(!is_certainly_healthy(Some(&healthy(3)), &leak(4, &[0.9])));
    }

    #[test]
    fn a_bound_that_two_snapshots_show_needs_one_more() {
        let bounded = |snapshots, verdict| {
            let mut findings = Findings { verdict, ..leak(snapshots, &[0.9]) };
            findings.suspects[0].bound = Some(Bound::Limit { held: 8, limit: 50, location: None });
            findings
        };
        let two = bounded(2, Verdict::Inconclusive);
        assert!(is_certainly_healthy(Some(&two), &bounded(3, Verdict::Healthy)));
        let other = Findings { suspects: Vec::new(), ..two };
        assert!(!is_certainly_healthy(Some(&other), &bounded(3, Verdict::Healthy)));
    }

    #[test]
    fn of_more_two_analyses_agree() {
        assert!(!is_certain(None, &leak(4, &[0.9])));
        assert!(is_certain(Some(&leak(3, &[0.9])), &leak(4, &[0.9, 0.8])));
    }
}
