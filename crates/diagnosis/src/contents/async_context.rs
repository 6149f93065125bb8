//! Stores of an `AsyncLocalStorage`, which all that is begun within `run` takes with it: as a property of timers, promises and
//! sockets before Node 24, and since then in an `AsyncContextFrame`, a map of Node's from the storage to its store.

use leakhunt_heap::{EdgeType, NodeType};
use rustc_hash::FxHashMap;

use super::reach::{bytes_each, reach, sample};
use super::storage::{RESOURCE_STORE, SetBy, in_table, of_property, set_by};
use crate::graph::{Edge, Node};
use crate::held::user_code_below;
use crate::shown::class_name;
use crate::source::{Author, Place, Sources};
use crate::suspects::Suspect;
use crate::view::View;

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
    /// The calls that set it, of which one did.
    pub(crate) set_by: Option<SetBy>,
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
    /// Whose it is, where the heap tells.
    storage: Option<Node>,
}

/// The stores that something has by this reference.
fn captured(edge: Edge, view: &View<'_>) -> Vec<Captured> {
    let graph = view.graph;
    let is_value = |node: &Node| {
        let kind = graph.kind(*node);
        (kind == NodeType::Object || kind.is_string()) && !view.is_permanent(*node)
    };
    let by = |(store, storage)| Captured { by: edge.from, store, storage };
    if edge.kind == EdgeType::Property && graph.edge_name(edge).contains(RESOURCE_STORE) {
        let store = Some(edge.to).filter(is_value);
        return store.map(|store| by((store, of_property(edge, view)))).into_iter().collect();
    }
    if !view.is_nodes(edge.to, &[FRAME]) {
        return Vec::new();
    }
    let Some(table) = graph.internal(edge.to, "table") else { return Vec::new() };
    in_table(table, view).into_iter().filter(|(store, _)| is_value(store)).map(by).collect()
}

fn told(captured: Captured, each: u64, view: &View<'_>, sources: &Sources<'_>) -> Stores {
    let Captured { by, store, storage } = captured;
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
        set_by: storage.and_then(|storage| set_by(storage, view, sources)),
        each,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap, TIMERS};

    const FRAMES: &str = "node:internal/async_context_frame";
    const HOOKS: &str = "node:async_hooks";
    const SOURCE: &str = "const user = new AsyncLocalStorage();\nconst account = new AsyncLocalStorage();\n\
                          function handle(req) {\n  account.run(req, later);\n}\nfunction enter(it) {\n  user.enterWith(it);\n}\n";

    /// A list with timers, each of which keeps a request's context by this, and bytes of its own; two storages are there, of
    /// which each capture is told.
    #[track_caller]
    fn check(
        capture: impl Fn(&mut Heap, Node, Node, [Node; 2]),
        own: u32,
        expected: Option<(&str, &str, u64, &str)>,
    ) {
        let mut heap = Heap::new();
        let list = heap.instance("TimersList", TIMERS);
        heap.keep("lists", list);
        let (handle, context) = (heap.function_at("handle", APP, 3), heap.builtin("system / Context"));
        heap.keep("handle", handle);
        heap.internal(handle, "context", context);
        let storages = ["user", "account"].map(|name| {
            let storage = heap.instance("AsyncLocalStorage", HOOKS);
            heap.variable(context, name, storage);
            storage
        });
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
                capture(&mut heap, timer, context, storages);
                timer
            })
            .collect();
        let files = |path: &str| (path == APP).then(|| SOURCE.to_owned());
        let found = heap.view_with_files(list, &files, |view, sources| of(&timers, view, sources));
        let told = found.as_ref().map(|stores| {
            let calls = stores.set_by.iter().flat_map(|by| &by.calls);
            let calls: Vec<_> =
                calls.map(|call| format!("{}:{}", call.code, call.place.location.line)).collect();
            (stores.captured_by.clone(), stores.class.clone(), stores.each / 100, calls.join(" "))
        });
        let expected = expected
            .map(|(by, class, each, calls)| (by.to_owned(), class.to_owned(), each, calls.to_owned()));
        assert_eq!(told, expected);
        if let Some(stores) = found {
            assert_eq!(stores.runs.map(|place| place.location.line), Some(9));
            assert!(stores.made.is_some());
        }
    }

    fn by_property(heap: &mut Heap, timer: Node, context: Node) {
        heap.property(timer, "<symbol kResourceStore>", context);
    }

    /// The symbols of the storages in the timer's shape, in this order.
    fn with_shape(heap: &mut Heap, timer: Node, storages: &[Node]) {
        let (map, descriptors) = (heap.hidden("system / Map"), heap.hidden("system / DescriptorArray"));
        heap.internal(timer, "map", map);
        heap.internal(map, "descriptors", descriptors);
        for (storage, at) in storages.iter().zip(8..) {
            let symbol = heap.hidden("symbol");
            heap.property(*storage, "kResourceStore", symbol);
            heap.internal(descriptors, &at.to_string(), symbol);
        }
    }

    fn by_frame(heap: &mut Heap, timer: Node, entries: &[Node], script: &str) {
        let frame = heap.instance("AsyncContextFrame", script);
        heap.property(timer, "<symbol kAsyncContextFrame>", frame);
        heap.table(frame, entries);
    }

    #[test]
    fn a_store_is_found_on_what_has_captured_it_and_in_its_frame() {
        check(
            |heap, timer, context, _| by_property(heap, timer, context),
            100,
            Some(("Timeout", "RequestContext", 10, "")),
        );
        let told = |calls| Some(("Timeout", "RequestContext", 10, calls));
        let of_account = |heap: &mut Heap, timer, context, [_, account]: [Node; 2]| {
            by_frame(heap, timer, &[account, context], FRAMES);
        };
        check(of_account, 100, told("account.run:4"));
        let of_user = |heap: &mut Heap, timer, context, [user, account]: [Node; 2]| {
            by_frame(heap, timer, &[user, context, account], FRAMES);
        };
        check(of_user, 100, told("user.enterWith:7"));
    }

    #[test]
    fn storages_are_told_apart_by_their_symbols() {
        let second = |heap: &mut Heap, timer, context, [user, account]: [Node; 2]| {
            with_shape(heap, timer, &[user, account]);
            let nothing = heap.hidden("system / Oddball");
            by_property(heap, timer, nothing);
            by_property(heap, timer, context);
        };
        check(second, 100, Some(("Timeout", "RequestContext", 10, "account.run:4")));
    }

    #[test]
    fn stores_that_are_little_of_what_grows_and_other_maps_are_not_spoken_of() {
        check(|heap, timer, context, _| by_property(heap, timer, context), 5_000, None);
        let other = |heap: &mut Heap, timer, context, [user, _]: [Node; 2]| {
            by_frame(heap, timer, &[user, context], APP);
        };
        check(other, 100, None);
    }
}
