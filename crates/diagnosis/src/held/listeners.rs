//! The way up from a listener to what it listens to, and the function that it is.

use leakhunt_heap::{EdgeType, NodeType};

use super::callback::Callback;
use crate::graph::{Edge, Node};
use crate::source::Author;
use crate::suspects::Suspect;
use crate::view::View;

/// So far above the container the emitter may be.
const HIGHEST: usize = 8;

/// The property under which an `EventEmitter` has its listeners.
pub(super) const EVENTS: &str = "_events";

/// Whether a property is where an `EventTarget` has its listeners: Node's symbol `kEvents`.
pub(super) fn is_target_events(name: &str) -> bool {
    name.contains("kEvents")
}

/// The references from a growing object up, as far as they lead through what listeners are kept in, and the one above.
pub(super) fn up<'s>(suspect: &'s Suspect, view: &'s View<'_>) -> impl Iterator<Item = Edge> + 's {
    let between = suspect.between();
    let above = view.path_up(suspect.cluster.container).take(HIGHEST);
    let mut ended = false;
    between.iter().copied().chain(above).enumerate().map_while(move |(at, edge)| {
        let goes_on = at < between.len()
            || view.is_part(edge.from)
            || view.is_builtin(edge.from, &["Array", "Object", "Map"])
            || view.is_nodes(edge.from, &["Listener", "EventListener"])
            || is_eventemitter3s(edge.from, view);
        (!std::mem::replace(&mut ended, !goes_on)).then_some(edge)
    })
}

/// What the package eventemitter3 keeps listeners in: an `Events` of the emitter's, with an `EE` for each function.
fn is_eventemitter3s(node: Node, view: &View<'_>) -> bool {
    let is_users =
        |node: Node| view.graph.spot(node).is_none_or(|spot| view.scripts.author(spot) == Author::User);
    view.is_named(node, &["Events", "EE"]) && !is_users(node)
}

/// Whether a reference is a property of an object, not a part of V8's own between it and another.
pub(super) fn is_property(edge: &Edge) -> bool {
    edge.kind == EdgeType::Property
}

/// The function that listens.
pub(super) fn callback(suspect: &Suspect, view: &View<'_>) -> Option<Callback> {
    let graph = view.graph;
    suspect
        .objects()
        .chain([suspect.cluster.container])
        .map(|node| {
            ["listener", "callback", "fn"].iter().find_map(|name| graph.property(node, name)).unwrap_or(node)
        })
        .find(|node| graph.kind(*node) == NodeType::Closure)
        .map(|handed| Callback::of_listener(handed, view))
}
