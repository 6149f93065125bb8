//! The function that a growing object keeps, or runs in: the callback of a timer, a listener, an async function that waits.

use leakhunt_heap::{EdgeType, NodeType};

use crate::findings::Kind;
use crate::graph::{Edge, Node};
use crate::scripts::Author;
use crate::shown::class_name;
use crate::source::{Call, Place, Sources};
use crate::suspects::chain::user_code_below;
use crate::suspects::cluster::Cluster;
use crate::view::View;

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
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Code> {
    let graph = view.graph;
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
                    user_code_below(view, cluster.example)
                        .filter(|node| graph.kind(*node) == NodeType::Object)?
                }
                None => return None,
            }
        }
        // What is open keeps itself alive, and its listeners with it.
        Kind::Native if graph.kind(cluster.container) == NodeType::Synthetic => {
            user_code_below(view, cluster.example)?
        }
        _ => return None,
    };
    let handed = closure;
    let mut closure = unbound(closure, view);
    let by_user = |node: Node| graph.spot(node).is_some_and(|spot| view.scripts.author(spot) == Author::User);
    if !by_user(closure)
        && let Some(below) = user_code_below(view, cluster.example)
    {
        closure = below;
    }
    awaited |= graph.kind(closure) == NodeType::Object;
    let spot = graph.spot(closure)?;
    let function = view.scripts.function(spot).map(str::to_owned);
    let inline = sources.call_with(&view.scripts, spot);
    let part = sources.part_around(&view.scripts, spot).or_else(|| this_class(closure, view));
    let callees: &[&str] = match kind {
        Kind::Timer => &["setInterval", "setTimeout", "setImmediate"],
        Kind::Listener => {
            &["on", "once", "addListener", "prependListener", "addEventListener", "subscribe", "use"]
        }
        _ => &[],
    };
    let by_name = || sources.call_naming(&view.scripts, spot, function.as_deref()?, callees);
    let by_part = || sources.call_by_names(&view.scripts, spot, part.as_deref()?, callees);
    let (place, call) = match inline {
        Some((_, call)) if handed == closure => (sources.place(&view.scripts, spot, function)?, Some(call)),
        _ => match by_name().or_else(by_part) {
            Some((place, call)) => (place, Some(call)),
            None => (sources.place(&view.scripts, spot, function)?, timer_call(cluster, between, view)),
        },
    };
    Some(Code { awaited, author: view.scripts.author(spot), part, call, place })
}

/// By which call a timer was made, as its object tells it: one that does not repeat has `null` for its interval.
fn timer_call(cluster: &Cluster, between: &[Edge], view: &View<'_>) -> Option<Call> {
    let graph = view.graph;
    let timer = std::iter::once(cluster.example)
        .chain(between.iter().map(|edge| edge.to))
        .find(|node| graph.property(*node, "_onTimeout").is_some())?;
    let once =
        graph.property(timer, "_repeat").is_some_and(|repeat| graph.name(repeat) == "system / Oddball");
    let callee = if once { "setTimeout" } else { "setInterval" };
    Some(Call { callee: callee.to_owned(), result_dropped: false })
}

/// The function behind `bind` and behind `once`.
fn unbound(closure: Node, view: &View<'_>) -> Node {
    let mut at = closure;
    for _ in 0..4 {
        let inner = view.graph.internal(at, "bound_function").or_else(|| view.graph.property(at, "listener"));
        match inner {
            Some(inner) => at = inner,
            None => break,
        }
    }
    at
}

/// The class whose method made a closure: that of its context's `this`.
fn this_class(closure: Node, view: &View<'_>) -> Option<String> {
    let mut context = view.graph.internal(closure, "context")?;
    for _ in 0..4 {
        let this = view
            .graph
            .edges(context)
            .find(|edge| edge.kind == EdgeType::Context && view.graph.edge_name(*edge) == "this");
        if let Some(this) = this {
            return Some(class_name(view, this.to)).filter(|class| class != "Object");
        }
        context = view.graph.internal(context, "previous")?;
    }
    None
}
