//! Listeners on an `EventTarget`, which has them in a map under `kEvents`, each event a linked list.

use leakhunt_text::is_data;

use super::kinds::Held;
use super::listeners::{callback, is_property, is_target_events, up};
use crate::graph::Node;
use crate::suspects::Suspect;
use crate::view::View;

/// So far above the container its map may be.
const HIGHEST: usize = 8;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    let events = up(suspect, view).filter(is_property).find(|edge| {
        is_target_events(&view.graph.edge_name(*edge)) && view.extends(edge.from, "EventTarget")
    })?;
    let event = event(events.to, suspect, view);
    Some(Held::Listener { emitter: events.from, event, callback: callback(suspect, view) })
}

/// The event of an `EventTarget`'s map under which the container hangs: the key that lies before it in the table.
fn event(map: Node, suspect: &Suspect, view: &View<'_>) -> Option<String> {
    let graph = view.graph;
    let table = graph.internal(map, "table")?;
    let container = suspect.cluster.container;
    let on_path: Vec<Node> = std::iter::once(container)
        .chain(view.path_up(container).take(HIGHEST).map(|edge| edge.from))
        .chain(suspect.between().iter().map(|edge| edge.to))
        .collect();
    let mut key = None;
    for edge in graph.edges(table) {
        if on_path.contains(&edge.to) && edge.to != map {
            return key;
        }
        if graph.kind(edge.to).is_string() {
            key = Some(graph.name(edge.to).into_owned()).filter(|name| view.quotes || !is_data(name));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::held::callback::Callback;
    use crate::testing::{APP, Heap};

    const TARGETS: &str = "node:internal/event_target";
    const SIGNALS: &str = "node:internal/abort_controller";

    fn signal_with_listener(heap: &mut Heap, script: &str) -> (Node, Node, Node, Node) {
        let (signal, map) = (heap.instance("AbortSignal", script), heap.builtin("Map"));
        heap.keep("signal", signal);
        heap.property(signal, "<symbol kEvents>", map);
        let (key, root) = (heap.string("abort"), heap.builtin("Object"));
        heap.table(map, &[key, root]);
        let (listener, callback) = (heap.instance("Listener", TARGETS), heap.function("onAbort", APP));
        heap.property(root, "next", listener);
        heap.property(listener, "callback", callback);
        (signal, root, listener, callback)
    }

    #[test]
    fn a_listener_has_its_target_and_its_event() {
        let mut heap = Heap::new();
        heap.extend(("AbortSignal", SIGNALS), ("EventTarget", TARGETS));
        let (signal, root, listener, callback) = signal_with_listener(&mut heap, SIGNALS);
        let expected = Held::Listener {
            emitter: signal,
            event: Some("abort".to_owned()),
            callback: Some(Callback { handed: callback, runs: callback }),
        };
        assert_eq!(heap.held(root, listener), expected);
    }

    #[test]
    fn a_class_of_the_program_that_looks_like_one_is_no_target() {
        let mut heap = Heap::new();
        let (_, root, listener, _) = signal_with_listener(&mut heap, APP);
        assert_eq!(heap.held(root, listener), Held::Object);
    }
}
