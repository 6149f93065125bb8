//! Stores of an `AsyncLocalStorage`, which all that is begun within `run` takes with it: as a property of timers, promises and
//! sockets before Node 24, and since then in an `AsyncContextFrame`, a map of Node's from the storage to its store.

use leakhunt_heap::{EdgeType, NodeType};
use rustc_hash::FxHashMap;

use super::reach::{bytes_each, reach, sample};
use crate::graph::{Edge, Node};
use crate::held::user_code_below;
use crate::shown::class_name;
use crate::source::{Author, Place, Sources};
use crate::suspects::Suspect;
use crate::view::View;

/// The symbol by which Node keeps a store on what was begun within `run` (lib/internal/async_local_storage/async_hooks.js).
const RESOURCE_STORE: &str = "kResourceStore";
/// What has stores by their storages (lib/internal/async_context_frame.js).
const FRAME: &str = "AsyncContextFrame";

/// Of what grows a third: a socket has as many bytes of its own as a request's context.
const LEAST_PART: u64 = 3;

/// What async contexts keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stores {
    /// The class of what has taken the context with it: a timer, a promise, a socket.
    pub(crate) captured_by: String,
    /// The program's own function that it is for.
    pub(crate) runs: Option<Place>,
    /// The class of the store, and where the program has written it.
    pub(crate) class: String,
    pub(crate) made: Option<Place>,
    /// Bytes that each of what grows keeps so, on average.
    pub(crate) each: u64,
}

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>, sources: &Sources<'_>) -> Option<Stores> {
    let looked = sample(suspect, view);
    // Where it is the stores that grow, they lie below what has taken them.
    let between: Vec<Captured> = suspect.between().iter().flat_map(|edge| captured(*edge, view)).collect();
    if let Some(by) = between.first() {
        return Some(told(*by, bytes_each(suspect), view, sources));
    }
    let found = of(&looked, view, sources)?;
    Some(Stores { each: found.each.min(bytes_each(suspect)), ..found })
}

/// What async contexts keep below these objects, if it is much of what these keep.
pub(super) fn of(objects: &[Node], view: &View<'_>, sources: &Sources<'_>) -> Option<Stores> {
    let mut found: Vec<Captured> = Vec::new();
    let all = reach(objects, view, |edge| found.extend(captured(edge, view)));
    let stores: Vec<Node> = found.iter().map(|captured| captured.store).collect();
    let kept = reach(&stores, view, |_| ());
    // Of equals the one that was met first.
    let mut tally: FxHashMap<(String, String), (usize, usize)> = FxHashMap::default();
    for (at, captured) in found.iter().enumerate() {
        let kinds = (class_name(view, captured.by), class_name(view, captured.store));
        tally.entry(kinds).or_insert((0, at)).0 += 1;
    }
    let (_, at) = tally.into_values().max_by_key(|(count, at)| (*count, std::cmp::Reverse(*at)))?;
    (LEAST_PART * kept >= all).then(|| told(found[at], kept / objects.len() as u64, view, sources))
}

/// A store, and what has taken it along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Captured {
    by: Node,
    store: Node,
}

/// The stores that something has by this reference.
fn captured(edge: Edge, view: &View<'_>) -> Vec<Captured> {
    let graph = view.graph;
    let is_value = |node: &Node| {
        let kind = graph.kind(*node);
        (kind == NodeType::Object || kind.is_string()) && !view.is_permanent(*node)
    };
    let by = |store| Captured { by: edge.from, store };
    if edge.kind == EdgeType::Property && graph.edge_name(edge).contains(RESOURCE_STORE) {
        return Some(edge.to).filter(is_value).map(by).into_iter().collect();
    }
    if !view.is_nodes(edge.to, &[FRAME]) {
        return Vec::new();
    }
    let Some(table) = graph.internal(edge.to, "table") else { return Vec::new() };
    let values = graph.edges(table).map(|entry| entry.to).filter(is_value);
    values.filter(|node| !view.extends(*node, "AsyncLocalStorage")).map(by).collect()
}

fn told(captured: Captured, each: u64, view: &View<'_>, sources: &Sources<'_>) -> Stores {
    let Captured { by, store } = captured;
    let place = |node: Node, name| {
        let spot = view.graph.spot(node).filter(|spot| view.scripts.author(*spot) == Author::User)?;
        sources.place(&view.scripts, spot, name)
    };
    let function = user_code_below(view, by);
    let runs = function.and_then(|function| {
        let name = view.scripts.function(view.graph.spot(function)?).map(str::to_owned);
        place(function, name)
    });
    Stores {
        captured_by: class_name(view, by),
        runs,
        class: class_name(view, store),
        made: place(store, None),
        each,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap, TIMERS};

    const FRAMES: &str = "node:internal/async_context_frame";

    /// A list with timers, each of which keeps a request's context by this, and bytes of its own.
    #[track_caller]
    fn check(capture: impl Fn(&mut Heap, Node, Node), own: u32, expected: Option<(&str, &str, u64)>) {
        let mut heap = Heap::new();
        let list = heap.instance("TimersList", TIMERS);
        heap.keep("lists", list);
        let timers: Vec<Node> = (0..4)
            .map(|at| {
                let (timer, context) =
                    (heap.instance("Timeout", TIMERS), heap.instance("RequestContext", APP));
                let (later, kept) = (heap.function_at("later", APP, 9), heap.builtin("Object"));
                heap.property(list, &format!("timer{at}"), timer);
                heap.property(timer, "_onTimeout", later);
                heap.property(timer, "kept", kept);
                heap.size(kept, own);
                heap.size(context, 1_000);
                capture(&mut heap, timer, context);
                timer
            })
            .collect();
        let found = heap.view_with_sources(list, |view, sources| of(&timers, view, sources));
        let told = found.as_ref().map(|stores| (&*stores.captured_by, &*stores.class, stores.each / 100));
        assert_eq!(told, expected);
        if let Some(stores) = found {
            assert_eq!(stores.runs.map(|place| place.location.line), Some(9));
            assert!(stores.made.is_some());
        }
    }

    fn by_property(heap: &mut Heap, timer: Node, context: Node) {
        heap.property(timer, "<symbol kResourceStore>", context);
    }

    fn by_frame(heap: &mut Heap, timer: Node, context: Node, script: &str) {
        let storage =
            heap.instance("AsyncLocalStorage", "node:internal/async_local_storage/async_context_frame");
        let frame = heap.instance("AsyncContextFrame", script);
        heap.property(timer, "<symbol kAsyncContextFrame>", frame);
        heap.table(frame, &[storage, context]);
    }

    #[test]
    fn a_store_is_found_on_what_has_captured_it_and_in_its_frame() {
        let expected = Some(("Timeout", "RequestContext", 10));
        check(by_property, 100, expected);
        check(|heap, timer, context| by_frame(heap, timer, context, FRAMES), 100, expected);
    }

    #[test]
    fn stores_that_are_little_of_what_grows_and_other_maps_are_not_spoken_of() {
        check(by_property, 5_000, None);
        check(|heap, timer, context| by_frame(heap, timer, context, APP), 100, None);
    }
}
