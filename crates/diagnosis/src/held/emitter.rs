//! Listeners on an `EventEmitter`, which has them in `_events`, by event.

use super::kinds::Held;
use super::listeners::{EVENTS, callback, is_property, is_target_events, up};
use crate::graph::Node;
use crate::shown::is_key;
use crate::suspects::Suspect;
use crate::view::View;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    let mut event = None;
    for edge in up(suspect, view).filter(is_property) {
        let name = view.graph.edge_name(edge);
        if name == EVENTS && view.extends(edge.from, "EventEmitter") {
            return Some(Held::Listener { emitter: edge.from, event, callback: callback(suspect, view) });
        }
        // What is nearer counts.
        if is_target_events(&name) {
            return None;
        }
        event = (!is_key(view, edge)).then(|| name.into_owned());
    }
    None
}

/// What `pipe` listens for on the stream that it pipes into.
const OF_PIPE: [&str; 5] = ["close", "drain", "error", "finish", "unpipe"];

/// Whether listeners for an event are those of several streams that are piped into this one: no one but `pipe` listens for `unpipe`.
pub(crate) fn are_of_pipe(emitter: Node, event: &str, view: &View<'_>) -> bool {
    let unpipe = || {
        let events = view.graph.property(emitter, EVENTS)?;
        view.graph.property(events, "unpipe")
    };
    OF_PIPE.contains(&event) && unpipe().is_some_and(|listeners| view.is_builtin(listeners, &["Array"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::held::callback::Callback;
    use crate::testing::{APP, EVENTS as EVENTS_SCRIPT, Heap};

    /// An instance of `Bus` whose listeners for `change` are an array with one function.
    fn bus_with_listener(heap: &mut Heap) -> (Node, Node, Node) {
        let (bus, events) = (heap.instance("Bus", APP), heap.builtin("Object"));
        heap.keep("bus", bus);
        heap.property(bus, "_events", events);
        let (listeners, listener) = (heap.builtin("Array"), heap.function("onChange", APP));
        heap.property(events, "change", listeners);
        heap.table(listeners, &[listener]);
        (bus, listeners, listener)
    }

    #[test]
    fn a_listener_has_its_emitter_and_its_event() {
        let mut heap = Heap::new();
        heap.extend(("Bus", APP), ("EventEmitter", EVENTS_SCRIPT));
        let (bus, listeners, listener) = bus_with_listener(&mut heap);
        let expected = Held::Listener {
            emitter: bus,
            event: Some("change".to_owned()),
            callback: Some(Callback { handed: listener, runs: listener }),
        };
        assert_eq!(heap.held(listeners, listener), expected);
    }

    #[test]
    fn eventemitter3_keeps_listeners_in_objects_of_its_own() {
        const PACKAGE: &str = "/app/node_modules/eventemitter3/index.js";
        let mut heap = Heap::new();
        heap.extend(("Proxy", APP), ("EventEmitter", PACKAGE));
        let (proxy, events) = (heap.instance("Proxy", APP), heap.instance("Events", PACKAGE));
        heap.keep("proxy", proxy);
        heap.property(proxy, "_events", events);
        let (listeners, entry) = (heap.builtin("Array"), heap.instance("EE", PACKAGE));
        heap.property(events, "change", listeners);
        heap.table(listeners, &[entry]);
        let listener = heap.function("onChange", APP);
        heap.property(entry, "fn", listener);
        let expected = Held::Listener {
            emitter: proxy,
            event: Some("change".to_owned()),
            callback: Some(Callback { handed: listener, runs: listener }),
        };
        assert_eq!(heap.held(listeners, entry), expected);
    }

    #[test]
    fn listeners_of_pipe_are_known_by_what_only_pipe_listens_for() {
        let mut heap = Heap::new();
        let (journal, events) = (heap.instance("Journal", APP), heap.builtin("Object"));
        heap.keep("journal", journal);
        heap.property(journal, "_events", events);
        let once = heap.function("onunpipe", APP);
        heap.property(events, "unpipe", once);
        let one = heap.view(journal, |view| are_of_pipe(journal, "close", view));
        assert!(!one, "one stream is piped into it, which is as it should be");
        let mut heap = Heap::new();
        let (journal, events) = (heap.instance("Journal", APP), heap.builtin("Object"));
        heap.keep("journal", journal);
        heap.property(journal, "_events", events);
        let several = heap.builtin("Array");
        heap.property(events, "unpipe", several);
        let told = |event| heap.view(journal, |view| are_of_pipe(journal, event, view));
        assert_eq!(["close", "unpipe", "rain"].map(told), [true, true, false]);
    }

    #[test]
    fn a_class_of_the_program_with_a_field_of_that_name_is_no_emitter() {
        let mut heap = Heap::new();
        let (_, listeners, listener) = bus_with_listener(&mut heap);
        assert!(matches!(heap.held(listeners, listener), Held::Collection { .. }));
    }

    #[test]
    fn what_an_emitter_holds_besides_is_no_listener() {
        let mut heap = Heap::new();
        heap.extend(("Bus", APP), ("EventEmitter", EVENTS_SCRIPT));
        let (bus, ..) = bus_with_listener(&mut heap);
        let (history, event) = (heap.builtin("Array"), heap.instance("Change", APP));
        heap.property(bus, "history", history);
        heap.table(history, &[event]);
        assert!(matches!(heap.held(history, event), Held::Collection { .. }));
    }
}
