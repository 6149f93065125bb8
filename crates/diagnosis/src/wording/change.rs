//! What has changed since an earlier analysis.

use super::size;
use crate::findings::{Change, Kind, Pace, State, Suspect, Verdict};

/// `Map responseCache, cache.js:5`, `timer with Banner, banner.js:7`.
pub(crate) fn suspect_in_short(suspect: &Suspect) -> String {
    let holder = suspect.holder.as_ref();
    let variable = holder.and_then(|holder| holder.variable.as_ref());
    let mut text = match (suspect.kind, holder, variable) {
        (Kind::Timer, ..) => format!("timer with {}", suspect.class),
        (Kind::Native, ..) => format!("open {}", suspect.class),
        (Kind::Listener, Some(holder), Some(variable)) => format!("listener on {} {variable}", holder.class),
        (_, Some(holder), Some(variable)) => format!("{} {variable}", holder.class),
        (_, Some(holder), None) => format!("{} in {}", suspect.class, holder.class),
        (_, None, _) => suspect.class.clone(),
    };
    if let Some(at) = suspect.best_location() {
        text.push_str(&format!(", {}:{}", at.short_file(), at.line));
    }
    text
}

/// What has changed, in one sentence.
pub(crate) fn changes(before: Verdict, after: Verdict, changes: &[Change]) -> String {
    let with = |wanted: &[State]| -> Vec<&Change> {
        changes.iter().filter(|change| wanted.contains(&change.state)).collect()
    };
    let gone = with(&[State::Gone]);
    let lost = with(&[State::NotSeen]);
    let there = with(&[State::Slower, State::Same, State::Faster]);
    let new = with(&[State::New]);
    if changes.is_empty() {
        return match (before, after) {
            (Verdict::NotHeap, Verdict::NotHeap) => {
                "the growth outside of the JavaScript heap is still there".to_owned()
            }
            (Verdict::NotHeap, Verdict::Healthy) => {
                "the growth outside of the JavaScript heap is gone, given the same traffic".to_owned()
            }
            _ => "neither before nor now is there a suspect".to_owned(),
        };
    }
    let mut parts = Vec::new();
    if !there.is_empty() {
        parts.push(format!("still there: {}", listed(&there)));
    }
    if !new.is_empty() {
        parts.push(format!("new: {}", listed(&new)));
    }
    if !gone.is_empty() {
        parts.push(format!("gone, given the same traffic: {}", listed(&gone)));
    }
    if !lost.is_empty() {
        parts.push(format!(
            "not seen, which proves nothing as the verdict is inconclusive: {}",
            listed(&lost)
        ));
    }
    parts.join("; ")
}

fn listed(changes: &[&Change]) -> String {
    let first: Vec<String> = changes
        .iter()
        .take(3)
        .map(|change| match (change.state, change.before, change.after) {
            (State::Slower | State::Same | State::Faster, Some(before), Some(after)) => {
                let state = match change.state {
                    State::Slower => "slower",
                    State::Faster => "faster",
                    _ => "as before",
                };
                format!("{} ({state}, {})", change.what, from_to(before, after))
            }
            _ => change.what.clone(),
        })
        .collect();
    let more = changes.len() - first.len();
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}

fn from_to(before: Pace, after: Pace) -> String {
    match (before.per_minute, after.per_minute) {
        (Some(before), Some(after)) => format!("{} → {} a minute", size(before), size(after)),
        _ => format!("{} → {} per snapshot", size(before.per_step), size(after.per_step)),
    }
}
