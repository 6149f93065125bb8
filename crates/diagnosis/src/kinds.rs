//! What kind of thing holds what grows: a timer, a listener, a stream, a promise, or one of the containers.

use leakhunt_heap::{EdgeType, NodeType};
use leakhunt_text::is_data;

use crate::clusters::{Cluster, is_collection};
use crate::findings::Kind;
use crate::graph::{Edge, Node};
use crate::last::Last;
use crate::shown::is_key;

pub(crate) fn kind(cluster: &Cluster, container: Node, between: &[Edge], last: &Last<'_>) -> Kind {
    let graph = last.graph;
    let new: Vec<Node> = between.iter().map(|edge| edge.to).filter(|node| !last.is_part(*node)).collect();
    let timer =
        |node: Node| named_class(last, node, &["Timeout", "Immediate", "TimersList", "ImmediateList"]);
    if timer(container) || new.iter().any(|node| timer(*node)) {
        return Kind::Timer;
    }
    if event(cluster, between, last).is_some() {
        return Kind::Listener;
    }
    if stream_above(container, last).is_some() {
        return Kind::Stream;
    }
    let reaction =
        |node: Node| graph.name(node) == "system / PromiseReaction" || named_class(last, node, &["Promise"]);
    if reaction(container)
        || (!is_collection(last, container) && new.last().is_some_and(|node| reaction(*node)))
    {
        return Kind::Promise;
    }
    match (graph.kind(container), &*graph.name(container)) {
        (NodeType::Object, "Map") => Kind::Map,
        (NodeType::Object, "Set") => Kind::Set,
        (NodeType::Object, "Array") => Kind::Array,
        _ if is_chain(&new, last) => Kind::List,
        (NodeType::Object, "system / Context") => Kind::Closure,
        (NodeType::Object, _) => Kind::Object,
        (NodeType::Closure, _) => Kind::Closure,
        _ => Kind::Native,
    }
}

/// The event and the emitter, when what grows are listeners.
///
/// `EventEmitter` has them in `_events`, by event; `EventTarget` in a map under `kEvents`, each event a linked list.
pub(crate) fn event(cluster: &Cluster, between: &[Edge], last: &Last<'_>) -> Option<(String, Node)> {
    let graph = last.graph;
    let mut name: Option<String> = None;
    let above = last.path_up(cluster.container).take(8);
    for edge in between.iter().copied().chain(above) {
        if last.is_part(edge.from) && edge.kind != EdgeType::Property {
            continue;
        }
        let called = graph.edge_name(edge);
        if edge.kind == EdgeType::Property && called == "_events" {
            return Some((name.unwrap_or_default(), edge.from));
        }
        if edge.kind == EdgeType::Property && called.contains("kEvents") {
            return Some((target_event(edge.to, cluster, last).unwrap_or_default(), edge.from));
        }
        let passes = matches!(graph.kind(edge.from), NodeType::Array)
            || named_class(last, edge.from, &["Array", "Object", "Map", "Listener", "EventListener"])
            || last.is_part(edge.from)
            || between.iter().any(|below| below.from == edge.from || below.to == edge.from);
        if !passes {
            return None;
        }
        if edge.kind == EdgeType::Property {
            name = (!is_key(last, edge)).then(|| called.into_owned());
        }
    }
    None
}

/// The stream in whose buffer the container is.
pub(crate) fn stream_above(container: Node, last: &Last<'_>) -> Option<Node> {
    let mut at = container;
    for _ in 0..4 {
        let states = ["_writableState", "_readableState"];
        for edge in last.retainers(at).take(50) {
            if edge.kind == EdgeType::Property && states.contains(&&*last.graph.edge_name(edge)) {
                return Some(edge.from);
            }
        }
        at = last.path_up(at).find(|edge| !last.is_part(edge.from))?.from;
    }
    None
}

/// The edges from the container to the example, the one next to the example first.
pub(crate) fn between(cluster: &Cluster, last: &Last<'_>) -> Vec<Edge> {
    let mut edges = Vec::new();
    if cluster.example == cluster.container {
        return edges;
    }
    for edge in last.path_up(cluster.example) {
        edges.push(edge);
        if edge.from == cluster.container {
            return edges;
        }
    }
    Vec::new()
}

/// The event of an `EventTarget`'s map under which the container hangs: the key that lies before it in the table.
fn target_event(map: Node, cluster: &Cluster, last: &Last<'_>) -> Option<String> {
    let graph = last.graph;
    let table = graph.internal(map, "table")?;
    let on_path: Vec<Node> = std::iter::once(cluster.container)
        .chain(last.path_up(cluster.container).take(8).map(|edge| edge.from))
        .chain(between(cluster, last).into_iter().map(|edge| edge.to))
        .collect();
    let mut key = None;
    for edge in graph.edges(table) {
        if on_path.contains(&edge.to) && edge.to != map {
            return key;
        }
        if graph.kind(edge.to).is_string() {
            key = Some(graph.name(edge.to).into_owned()).filter(|name| last.quotes || !is_data(name));
        }
    }
    None
}

/// Whether the way down leads through many of the same class, one by the next.
fn is_chain(new: &[Node], last: &Last<'_>) -> bool {
    new.len() >= 4 && {
        let class = last.graph.name(new[0]);
        new.iter().filter(|node| last.graph.name(**node) == class).count() * 10 >= new.len() * 8
    }
}

fn named_class(last: &Last<'_>, node: Node, names: &[&str]) -> bool {
    last.graph.kind(node) == NodeType::Object && names.contains(&&*last.graph.name(node))
}
