//! Would more evidence change the answer?
//!
//! A snapshot hardly does where it is a leak, and the suspect that leads now has led before the last snapshot came as well: a snapshot
//! costs the process its pause, and an answer that two analyses agree on is worth no more with a third. And none tells more of what
//! is not in the heap that it shows.

use crate::findings::{Findings, Outside, Suspect, Verdict};
use crate::observed::HeapTrend;

/// Of suspects that are said with this confidence no one was false, in all hunts of programs whose leaks are known.
const SURE: f64 = 0.7;

/// Whether `now` will do, which has one snapshot more than `before`. The first two of a process that was observed before them stand
/// for themselves: what leads between them explains what was seen to grow then.
#[must_use]
pub fn is_certain(before: Option<&Findings>, now: &Findings) -> bool {
    let Some(leads) = now.suspects.first() else { return false };
    let led = before.and_then(|before| before.suspects.first());
    now.verdict == Verdict::Leak
        && leads.confidence >= SURE
        && leads.bound.is_none()
        && (now.memory.snapshot.len() == 2 || led.is_some_and(|led| is_same(led, leads)))
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
        Some(Outside::Malloc { .. } | Outside::Mapped { .. } | Outside::WorkerHeap { .. }) => true,
        Some(Outside::External { .. } | Outside::Resident { .. } | Outside::WorkerThreads { .. }) => false,
    }
}

fn is_same(one: &Suspect, other: &Suspect) -> bool {
    one.kind == other.kind
        && one.class == other.class
        && one.best_location() == other.best_location()
        && one.holder == other.holder
}
