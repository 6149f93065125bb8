//! The buffer of a stream, and the list of those that it is piped into.

use leakhunt_heap::EdgeType;

use super::kinds::Held;
use crate::graph::{Edge, Node};
use crate::suspects::Suspect;
use crate::view::View;

/// The properties under which a stream has its states.
const STATES: [&str; 2] = ["_writableState", "_readableState"];
/// So far above the container the state may be.
const HIGHEST: usize = 4;
/// So many retainers of an object are looked at.
const RETAINERS: usize = 50;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    let stream = stream_above(suspect.holder, view)?;
    let is_piped =
        view.retainers(suspect.holder).take(RETAINERS).any(|edge| view.graph.edge_name(edge) == "pipes");
    let is_readable = view.graph.property(stream, STATES[1]).is_some();
    Some(Held::Stream { stream, is_piped, is_readable })
}

/// The stream in whose state the container is.
fn stream_above(container: Node, view: &View<'_>) -> Option<Node> {
    let is_state = |edge: &Edge| {
        edge.kind == EdgeType::Property
            && STATES.contains(&&*view.graph.edge_name(*edge))
            && view.extends(edge.from, "Stream")
    };
    let mut at = container;
    for _ in 0..HIGHEST {
        if let Some(state) = view.retainers(at).take(RETAINERS).find(is_state) {
            return Some(state.from);
        }
        at = view.path_up(at).find(|edge| !view.is_part(edge.from))?.from;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap};

    const STREAMS: &str = "node:internal/streams/writable";

    fn buffer_of(heap: &mut Heap, field: &str) -> (Node, Node, Node) {
        let (audit, state) = (heap.instance("Audit", APP), heap.instance("WritableState", STREAMS));
        heap.keep("audit", audit);
        heap.property(audit, "_writableState", state);
        let (buffer, entry) = (heap.builtin("Array"), heap.builtin("Object"));
        heap.property(state, field, buffer);
        heap.table(buffer, &[entry]);
        (audit, buffer, entry)
    }

    #[test]
    fn the_buffer_of_a_stream_is_told_from_what_it_is_piped_into() {
        for (field, is_piped) in [("buffered", false), ("pipes", true)] {
            let mut heap = Heap::new();
            heap.extend(("Audit", APP), ("Stream", "node:internal/streams/legacy"));
            let (stream, buffer, entry) = buffer_of(&mut heap, field);
            assert_eq!(
                heap.held(buffer, entry),
                Held::Stream { stream, is_piped, is_readable: false },
                "{field}"
            );
        }
    }

    #[test]
    fn a_class_of_the_program_with_such_a_field_is_no_stream() {
        let mut heap = Heap::new();
        let (_, buffer, entry) = buffer_of(&mut heap, "buffered");
        assert!(matches!(heap.held(buffer, entry), Held::Collection { .. }));
    }
}
