//! What kind of thing holds what grows: a timer, a listener, a stream, a promise, or one of the containers.

use leakhunt_heap::{EdgeType, NodeType};
use leakhunt_text::is_data;

use crate::findings::Kind;
use crate::graph::{Edge, Node};
use crate::shown::is_key;
use crate::suspects::cluster::{Cluster, is_collection};
use crate::view::View;

pub(crate) fn kind(cluster: &Cluster, container: Node, between: &[Edge], view: &View<'_>) -> Kind {
    let graph = view.graph;
    let new: Vec<Node> = between.iter().map(|edge| edge.to).filter(|node| !view.is_part(*node)).collect();
    let timer =
        |node: Node| named_class(view, node, &["Timeout", "Immediate", "TimersList", "ImmediateList"]);
    if timer(container) || new.iter().any(|node| timer(*node)) {
        return Kind::Timer;
    }
    if event(cluster, between, view).is_some() {
        return Kind::Listener;
    }
    if stream_above(container, view).is_some() {
        return Kind::Stream;
    }
    let reaction =
        |node: Node| graph.name(node) == "system / PromiseReaction" || named_class(view, node, &["Promise"]);
    if reaction(container)
        || (!is_collection(view, container) && new.last().is_some_and(|node| reaction(*node)))
    {
        return Kind::Promise;
    }
    match (graph.kind(container), &*graph.name(container)) {
        (NodeType::Object, "Map") => Kind::Map,
        (NodeType::Object, "Set") => Kind::Set,
        (NodeType::Object, "Array") => Kind::Array,
        _ if is_chain(&new, view) => Kind::List,
        (NodeType::Object, "system / Context") => Kind::Closure,
        (NodeType::Object, _) => Kind::Object,
        (NodeType::Closure, _) => Kind::Closure,
        _ => Kind::Native,
    }
}

/// The event and the emitter, when what grows are listeners.
///
/// `EventEmitter` has them in `_events`, by event; `EventTarget` in a map under `kEvents`, each event a linked list.
pub(crate) fn event(cluster: &Cluster, between: &[Edge], view: &View<'_>) -> Option<(String, Node)> {
    let graph = view.graph;
    let mut name: Option<String> = None;
    let above = view.path_up(cluster.container).take(8);
    for edge in between.iter().copied().chain(above) {
        if view.is_part(edge.from) && edge.kind != EdgeType::Property {
            continue;
        }
        let called = graph.edge_name(edge);
        if edge.kind == EdgeType::Property && called == "_events" {
            return Some((name.unwrap_or_default(), edge.from));
        }
        if edge.kind == EdgeType::Property && called.contains("kEvents") {
            return Some((target_event(edge.to, cluster, view).unwrap_or_default(), edge.from));
        }
        let passes = matches!(graph.kind(edge.from), NodeType::Array)
            || named_class(view, edge.from, &["Array", "Object", "Map", "Listener", "EventListener"])
            || view.is_part(edge.from)
            || between.iter().any(|below| below.from == edge.from || below.to == edge.from);
        if !passes {
            return None;
        }
        if edge.kind == EdgeType::Property {
            name = (!is_key(view, edge)).then(|| called.into_owned());
        }
    }
    None
}

/// The stream in whose buffer the container is.
pub(crate) fn stream_above(container: Node, view: &View<'_>) -> Option<Node> {
    let mut at = container;
    for _ in 0..4 {
        let states = ["_writableState", "_readableState"];
        for edge in view.retainers(at).take(50) {
            if edge.kind == EdgeType::Property && states.contains(&&*view.graph.edge_name(edge)) {
                return Some(edge.from);
            }
        }
        at = view.path_up(at).find(|edge| !view.is_part(edge.from))?.from;
    }
    None
}

/// The edges from the container to the example, the one next to the example first.
pub(crate) fn between(cluster: &Cluster, view: &View<'_>) -> Vec<Edge> {
    let mut edges = Vec::new();
    if cluster.example == cluster.container {
        return edges;
    }
    for edge in view.path_up(cluster.example) {
        edges.push(edge);
        if edge.from == cluster.container {
            return edges;
        }
    }
    Vec::new()
}

/// The event of an `EventTarget`'s map under which the container hangs: the key that lies before it in the table.
fn target_event(map: Node, cluster: &Cluster, view: &View<'_>) -> Option<String> {
    let graph = view.graph;
    let table = graph.internal(map, "table")?;
    let on_path: Vec<Node> = std::iter::once(cluster.container)
        .chain(view.path_up(cluster.container).take(8).map(|edge| edge.from))
        .chain(between(cluster, view).into_iter().map(|edge| edge.to))
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

/// Whether the way down leads through many of the same class, one by the next.
fn is_chain(new: &[Node], view: &View<'_>) -> bool {
    new.len() >= 4 && {
        let class = view.graph.name(new[0]);
        new.iter().filter(|node| view.graph.name(**node) == class).count() * 10 >= new.len() * 8
    }
}

fn named_class(view: &View<'_>, node: Node, names: &[&str]) -> bool {
    view.graph.kind(node) == NodeType::Object && names.contains(&&*view.graph.name(node))
}
