//! Sliced strings: V8 makes no copy of a part of a string of 13 characters or more, but keeps the whole string.

use leakhunt_heap::{EdgeType, NodeType};
use rustc_hash::FxHashSet;

use crate::graph::Node;
use crate::suspects::Suspect;
use crate::view::View;

/// So many of the growing objects are looked at.
const SAMPLE: usize = 256;
/// A slice lies so many references below a growing object at the most: in an entry, or in an object's field.
const DEEPEST: usize = 3;
/// A whole string of less is hardly more than its slice; how long that is no snapshot tells.
const LEAST_PARENT: u64 = 500;

/// What slices keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slices {
    /// Bytes of a string that a slice was cut from, on average.
    pub(crate) each: u64,
}

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Slices> {
    // Those that came since the baseline, and what came with them.
    let (members, bytes) = (suspect.cluster.members(), suspect.cluster.gain());
    let every = members.len().div_ceil(SAMPLE).max(1);
    let looked: Vec<Node> = members.iter().step_by(every).filter_map(|id| view.node(*id)).collect();
    let sampled = looked.len() as f64 / members.len().max(1) as f64;
    of(&looked, (bytes as f64 * sampled) as u64, view)
}

/// What slices in these objects keep, if it is most of the bytes that these keep.
fn of(objects: &[Node], bytes: u64, view: &View<'_>) -> Option<Slices> {
    let parents: FxHashSet<Node> = objects.iter().flat_map(|object| parents_below(*object, view)).collect();
    let kept: u64 = parents.iter().map(|parent| u64::from(view.graph.size(*parent))).sum();
    let each = kept.checked_div(parents.len() as u64)?;
    (each >= LEAST_PARENT && 2 * kept >= bytes).then_some(Slices { each })
}

/// The strings that the slices in a growing object were cut from, or the slice that it is.
fn parents_below(member: Node, view: &View<'_>) -> Vec<Node> {
    let graph = view.graph;
    let (mut level, mut found) = (vec![member], Vec::new());
    for _ in 0..=DEEPEST {
        let mut below = Vec::new();
        for node in level {
            if graph.kind(node) == NodeType::SlicedString {
                found.extend(graph.internal(node, "parent"));
                continue;
            }
            let kept = graph.edges(node).filter(|edge| {
                !matches!(edge.kind, EdgeType::Weak | EdgeType::Shortcut) && !view.is_permanent(edge.to)
            });
            below.extend(kept.map(|edge| edge.to).take(SAMPLE));
        }
        level = below;
        level.truncate(SAMPLE);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Heap;

    /// A list of titles, each cut out of a page of so many bytes.
    #[track_caller]
    fn check(page: u32, others: u64, expected: Option<Slices>) {
        let mut heap = Heap::new();
        let list = heap.global("titles", "Array");
        let titles: Vec<Node> = (0..5).map(|_| heap.slice(page)).collect();
        for (title, at) in titles.iter().zip(0..) {
            heap.element(list, at, *title);
        }
        let bytes = 5 * u64::from(page) + others;
        assert_eq!(heap.view(list, |view| of(&titles, bytes, view)), expected);
    }

    #[test]
    fn slices_keep_what_they_were_cut_from() {
        check(18_000, 1_000, Some(Slices { each: 18_000 }));
    }

    #[test]
    fn what_is_cut_out_of_short_strings_is_nothing_unusual() {
        check(40, 0, None);
    }

    #[test]
    fn slices_that_are_little_of_what_grows_do_not_explain_it() {
        check(1_000, 100_000, None);
    }
}
