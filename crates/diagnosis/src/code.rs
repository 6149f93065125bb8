//! The function that a growing object keeps, or runs in: the callback of a timer, a listener, an async function that waits.

use leakhunt_heap::{EdgeType, NodeType};

use crate::chain::user_code_below;
use crate::clusters::Cluster;
use crate::findings::Kind;
use crate::graph::{Edge, Node};
use crate::last::Last;
use crate::scripts::Author;
use crate::shown::class_name;
use crate::source::{Call, Place, Sources};

/// A function, and the call that was handed it.
pub(crate) struct Code {
    pub(crate) place: Place,
    pub(crate) author: Author,
    /// It is an async function that waits, not one that is called.
    pub(crate) awaited: bool,
    /// The class or function it is written in.
    pub(crate) part: Option<String>,
    pub(crate) call: Option<Call>,
}

/// The function that runs, or would run, for a growing object.
pub(crate) fn code(
    kind: Kind,
    cluster: &Cluster,
    between: &[Edge],
    last: &Last<'_>,
    sources: &Sources<'_>,
) -> Option<Code> {
    let graph = last.graph;
    let mut awaited = false;
    let on_way = || {
        std::iter::once(cluster.example).chain(between.iter().map(|edge| edge.to)).chain([cluster.container])
    };
    let closure = match kind {
        Kind::Timer => on_way()
            .filter_map(|node| {
                graph.property(node, "_onTimeout").or_else(|| graph.property(node, "_onImmediate"))
            })
            .next()?,
        Kind::Listener => on_way()
            .map(|node| {
                ["listener", "callback"].iter().find_map(|name| graph.property(node, name)).unwrap_or(node)
            })
            .find(|node| graph.kind(*node) == NodeType::Closure)?,
        Kind::Array | Kind::Set | Kind::Map | Kind::Closure | Kind::Promise => {
            match Some(cluster.example).filter(|node| graph.kind(*node) == NodeType::Closure) {
                Some(closure) => closure,
                None if matches!(kind, Kind::Map | Kind::Promise) => {
                    user_code_below(last, cluster.example)
                        .filter(|node| graph.kind(*node) == NodeType::Object)?
                }
                None => return None,
            }
        }
        // What is open keeps itself alive, and its listeners with it.
        Kind::Native if graph.kind(cluster.container) == NodeType::Synthetic => {
            user_code_below(last, cluster.example)?
        }
        _ => return None,
    };
    let handed = closure;
    let mut closure = unbound(closure, last);
    let by_user = |node: Node| graph.spot(node).is_some_and(|spot| last.scripts.author(spot) == Author::User);
    if !by_user(closure)
        && let Some(below) = user_code_below(last, cluster.example)
    {
        closure = below;
    }
    awaited |= graph.kind(closure) == NodeType::Object;
    let spot = graph.spot(closure)?;
    let function = last.scripts.function(spot).map(str::to_owned);
    let inline = sources.call_with(&last.scripts, spot);
    let part = sources.part_around(&last.scripts, spot).or_else(|| this_class(closure, last));
    let callees: &[&str] = match kind {
        Kind::Timer => &["setInterval", "setTimeout", "setImmediate"],
        Kind::Listener => {
            &["on", "once", "addListener", "prependListener", "addEventListener", "subscribe", "use"]
        }
        _ => &[],
    };
    let by_name = || sources.call_naming(&last.scripts, spot, function.as_deref()?, callees);
    let by_part = || sources.call_by_names(&last.scripts, spot, part.as_deref()?, callees);
    let (place, call) = match inline {
        Some((_, call)) if handed == closure => (sources.place(&last.scripts, spot, function)?, Some(call)),
        _ => match by_name().or_else(by_part) {
            Some((place, call)) => (place, Some(call)),
            None => (sources.place(&last.scripts, spot, function)?, timer_call(cluster, between, last)),
        },
    };
    Some(Code { awaited, author: last.scripts.author(spot), part, call, place })
}

/// By which call a timer was made, as its object tells it: one that does not repeat has `null` for its interval.
fn timer_call(cluster: &Cluster, between: &[Edge], last: &Last<'_>) -> Option<Call> {
    let graph = last.graph;
    let timer = std::iter::once(cluster.example)
        .chain(between.iter().map(|edge| edge.to))
        .find(|node| graph.property(*node, "_onTimeout").is_some())?;
    let once =
        graph.property(timer, "_repeat").is_some_and(|repeat| graph.name(repeat) == "system / Oddball");
    let callee = if once { "setTimeout" } else { "setInterval" };
    Some(Call { callee: callee.to_owned(), start: 0, result_dropped: false })
}

/// The function behind `bind` and behind `once`.
fn unbound(closure: Node, last: &Last<'_>) -> Node {
    let mut at = closure;
    for _ in 0..4 {
        let inner = last.graph.internal(at, "bound_function").or_else(|| last.graph.property(at, "listener"));
        match inner {
            Some(inner) => at = inner,
            None => break,
        }
    }
    at
}

/// The class whose method made a closure: that of its context's `this`.
fn this_class(closure: Node, last: &Last<'_>) -> Option<String> {
    let mut context = last.graph.internal(closure, "context")?;
    for _ in 0..4 {
        let this = last
            .graph
            .edges(context)
            .find(|edge| edge.kind == EdgeType::Context && last.graph.edge_name(*edge) == "this");
        if let Some(this) = this {
            return Some(class_name(last, this.to)).filter(|class| class != "Object");
        }
        context = last.graph.internal(context, "previous")?;
    }
    None
}
