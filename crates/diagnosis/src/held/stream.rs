//! The buffer of a stream, and the list of those that it is piped into; of a stream of the Web's its queue.

use leakhunt_heap::EdgeType;

use super::kinds::Held;
use crate::graph::{Edge, Node};
use crate::suspects::Suspect;
use crate::view::View;

/// The properties under which a stream has its states.
const STATES: [&str; 2] = ["_writableState", "_readableState"];
/// So far above the container the state may be.
const HIGHEST: usize = 4;
/// Node's classes for the streams of the Web: the private ones are made by `tee` and `pipeThrough`.
const WEB: [&str; 4] =
    ["ReadableStream", "InternalReadableStream", "WritableStream", "InternalWritableStream"];
/// So many retainers of an object are looked at.
const RETAINERS: usize = 50;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    if let Some(stream) = web_stream_above(suspect.holder, view) {
        let is_readable = view.graph.name(stream).ends_with("ReadableStream");
        return Some(Held::Stream { stream, is_piped: false, is_readable, is_web: true });
    }
    let stream = stream_above(suspect.holder, view)?;
    let is_piped =
        view.retainers(suspect.holder).take(RETAINERS).any(|edge| view.graph.edge_name(edge) == "pipes");
    let is_readable = view.graph.property(stream, STATES[1]).is_some();
    Some(Held::Stream { stream, is_piped, is_readable, is_web: false })
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

/// The stream in the state of whose controller the container is: its queue, or the list of that.
fn web_stream_above(container: Node, view: &View<'_>) -> Option<Node> {
    let mut at = container;
    for _ in 0..HIGHEST {
        let above = view.path_up(at).find(|edge| !view.is_part(edge.from))?;
        let stream = view.graph.property(above.from, "stream").filter(|stream| view.is_nodes(*stream, &WEB));
        if view.graph.edge_name(above) == "queue" && stream.is_some() {
            return stream;
        }
        at = above.from;
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
                Held::Stream { stream, is_piped, is_readable: false, is_web: false },
                "{field}"
            );
        }
    }

    #[test]
    fn what_a_stream_of_the_web_has_not_passed_on_lies_in_the_queue_of_its_controller() {
        const WEB_STREAMS: &str = "node:internal/webstreams/readablestream";
        let held = |script| {
            let mut heap = Heap::new();
            let (stream, state) = (heap.instance("ReadableStream", script), heap.builtin("Object"));
            let (queue, list) =
                (heap.instance("Queue", "node:internal/webstreams/util"), heap.builtin("Array"));
            let entry = heap.builtin("Object");
            heap.keep("feed", stream);
            heap.property(stream, "<symbol kState>", state);
            heap.property(state, "stream", stream);
            heap.property(state, "queue", queue);
            heap.property(queue, "list", list);
            heap.table(list, &[entry]);
            (heap.held(list, entry), stream)
        };
        let (of_node, stream) = held(WEB_STREAMS);
        assert_eq!(of_node, Held::Stream { stream, is_piped: false, is_readable: true, is_web: true });
        assert!(matches!(held(APP).0, Held::Collection { .. }));
    }

    #[test]
    fn a_class_of_the_program_with_such_a_field_is_no_stream() {
        let mut heap = Heap::new();
        let (_, buffer, entry) = buffer_of(&mut heap, "buffered");
        assert!(matches!(heap.held(buffer, entry), Held::Collection { .. }));
    }
}
