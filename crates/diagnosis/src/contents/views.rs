//! Views of buffers: what `subarray` returns has no bytes of its own, but keeps the whole buffer that it was cut from.
//!
//! No snapshot tells how long a view is: that it is one, the program's source does, where it is put in.

use leakhunt_heap::EdgeType;
use rustc_hash::FxHashSet;

use crate::graph::Node;
use crate::source::{Sources, Written};
use crate::suspects::Suspect;
use crate::view::View;

/// So many of the growing objects are looked at.
const SAMPLE: usize = 256;
/// A buffer of less is hardly more than its view.
const LEAST_BUFFER: u64 = 500;

/// What views of buffers keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Views {
    /// Bytes of a buffer, on average.
    pub(crate) each: u64,
    /// The call whose result is kept.
    pub(crate) cut_by: Written,
}

/// What the views keep that are put in by a call, if most of what grows is the memory of their buffers.
pub(super) fn recognise(
    suspect: &Suspect,
    insertion: &Written,
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Views> {
    let members = suspect.cluster.members();
    let every = members.len().div_ceil(SAMPLE).max(1);
    let looked: Vec<Node> = members.iter().step_by(every).filter_map(|id| view.node(*id)).collect();
    // Of a typed array `slice` makes a copy, of a Buffer it does not.
    let cuts: &[&str] = match &*view.graph.name(*looked.first()?) {
        "Buffer" | "FastBuffer" => &["subarray", "slice"],
        "Uint8Array" | "Uint16Array" | "Uint32Array" | "Float32Array" | "Float64Array" => &["subarray"],
        _ => return None,
    };
    let each = each_buffer(&looked, view)?;
    let cut_by = sources.view_put_in(&insertion.place, cuts)?;
    Some(Views { each, cut_by })
}

/// Bytes of the buffers of these views, on average; none where they have few.
fn each_buffer(views: &[Node], view: &View<'_>) -> Option<u64> {
    let below = |node: Node, class: &'static str| {
        let kept = view.graph.edges(node).filter(|edge| edge.kind != EdgeType::Weak);
        kept.map(|edge| edge.to).find(|node| view.graph.name(*node) == class)
    };
    let memory = |node: &Node| below(below(*node, "ArrayBuffer")?, "system / JSArrayBufferData");
    let buffers: FxHashSet<Node> = views.iter().filter_map(memory).collect();
    let kept: u64 = buffers.iter().map(|buffer| u64::from(view.graph.size(*buffer))).sum();
    kept.checked_div(buffers.len() as u64).filter(|each| *each >= LEAST_BUFFER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Heap;

    #[track_caller]
    fn check(bytes: u32, expected: Option<u64>) {
        let mut heap = Heap::new();
        let list = heap.global("headers", "Array");
        let views: Vec<Node> = (0..5).map(|_| heap.buffer(bytes)).collect();
        for (buffer, at) in views.iter().zip(0..) {
            heap.element(list, at, *buffer);
        }
        assert_eq!(heap.view(list, |view| each_buffer(&views, view)), expected);
    }

    #[test]
    fn views_keep_the_buffer_that_they_were_cut_from() {
        check(6_000, Some(6_000));
    }

    #[test]
    fn what_keeps_little_is_nothing_unusual() {
        check(64, None);
    }
}
