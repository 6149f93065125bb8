//! What keeps the event loop alive, by kind: which of it is ever more.

use std::collections::BTreeMap;

use crate::findings::Memory;
use crate::series::growth::{LEAST_STEPS, baseline};

/// The kind of resource of which most more are active at the last snapshot, and how many were at the first judged one and are now:
/// more at every step.
pub(crate) fn growing(memory: &Memory) -> Option<(&str, u64, u64)> {
    let judged = memory.resources.get(baseline(memory.resources.len())..)?;
    let (last, steps) = (judged.last()?, judged.len() - 1);
    let of = |counts: &BTreeMap<String, u64>, kind: &String| counts.get(kind).copied().unwrap_or(0);
    let growing = last.iter().filter_map(|(kind, last)| {
        let counts: Vec<u64> = judged.iter().map(|counts| of(counts, kind)).collect();
        let grows = steps >= LEAST_STEPS && counts.is_sorted_by(|one, next| one < next);
        grows.then_some((kind.as_str(), *counts.first()?, *last))
    });
    growing.max_by_key(|(_, first, last)| last - first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_that_is_ever_more_is_told() {
        let growing = |sockets: [u64; 5], timers: [u64; 5]| {
            let of = |(sockets, timers)| {
                [("TCPSocketWrap", sockets), ("Timeout", timers)]
                    .map(|(kind, count)| (kind.to_owned(), count))
            };
            let resources = sockets.into_iter().zip(timers).map(|counts| of(counts).into()).collect();
            let memory = Memory { resources, ..Memory::default() };
            super::growing(&memory).map(|(kind, first, last)| (kind.to_owned(), first, last))
        };
        let told = |kind: &str, first, last| Some((kind.to_owned(), first, last));
        assert_eq!(growing([1, 5, 9, 13, 17], [2, 2, 3, 2, 2]), told("TCPSocketWrap", 5, 17));
        assert_eq!(growing([1, 5, 9, 13, 17], [1, 20, 40, 60, 80]), told("Timeout", 20, 80));
        assert_eq!(growing([1, 5, 9, 9, 17], [2, 2, 3, 2, 2]), None);
        assert_eq!(super::growing(&Memory::default()), None);
    }
}
