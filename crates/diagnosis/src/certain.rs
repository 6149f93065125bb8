//! Would one snapshot more change the answer?
//!
//! Hardly, where it is a leak, and the suspect that leads now has led before the last snapshot came as well: a snapshot costs the
//! process its pause, and an answer that two analyses agree on is worth no more with a third.

use crate::findings::{Findings, Suspect, Verdict};

/// Of suspects that are said with this confidence no one was false, in all hunts of programs whose leaks are known.
const SURE: f64 = 0.7;

/// Whether `now`, which has one snapshot more than `before`, will do.
#[must_use]
pub fn is_certain(before: &Findings, now: &Findings) -> bool {
    let (Some(led), Some(leads)) = (before.suspects.first(), now.suspects.first()) else { return false };
    now.verdict == Verdict::Leak && leads.confidence >= SURE && leads.bound.is_none() && is_same(led, leads)
}

fn is_same(one: &Suspect, other: &Suspect) -> bool {
    one.kind == other.kind
        && one.class == other.class
        && one.best_location() == other.best_location()
        && one.holder == other.holder
}
