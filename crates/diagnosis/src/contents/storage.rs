//! Which `AsyncLocalStorage` a store is of, and the calls by which the program sets it.

use leakhunt_heap::EdgeType;

use crate::graph::{Edge, Node};
use crate::naming::known_object;
use crate::source::{Act, Sources, Written};
use crate::view::View;

/// The symbol by which Node keeps a store on what was begun within `run` (lib/internal/async_local_storage/async_hooks.js).
pub(super) const RESOURCE_STORE: &str = "kResourceStore";
/// The class of Node's.
const STORAGE: &str = "AsyncLocalStorage";
/// Where as many calls set the stores of a storage, none of them says much.
const MOST_CALLS: usize = 2;

/// The calls that set a storage's stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SetBy {
    /// In the order of the files; at least one.
    pub(crate) calls: Vec<Written>,
    /// There is no other.
    pub(crate) is_all: bool,
}

/// The calls that set what an object is the storage of, as far as the source tells.
pub(super) fn set_by(storage: Node, view: &View<'_>, sources: &Sources<'_>) -> Option<SetBy> {
    let known = known_object(storage, view, sources)?;
    let traces = sources.traces(&view.scripts, &known, &[Act::Run]);
    let calls: Vec<Written> =
        traces.found.into_iter().map(|trace| Written { place: trace.place, code: trace.code }).collect();
    (1..=MOST_CALLS).contains(&calls.len()).then_some(SetBy { calls, is_all: traces.is_all })
}

/// The entries of a table from storages to stores: each store, with its storage.
pub(super) fn in_table(table: Node, view: &View<'_>) -> Vec<(Node, Option<Node>)> {
    let mut key = None;
    let mut entries = Vec::new();
    for entry in view.graph.edges(table) {
        let at = view.graph.edge_name(entry).parse::<u32>().ok();
        if view.extends(entry.to, STORAGE) {
            key = at.map(|at| (at, entry.to));
            continue;
        }
        // A value stands behind its key; what is no object, as a number is, has no edge.
        let storage = key.take().filter(|(before, _)| at == before.checked_add(1));
        entries.push((entry.to, storage.map(|(_, storage)| storage)));
    }
    entries
}

/// Of a property that keeps a store on what was begun within `run`: each storage has a symbol of its own for that, all
/// of one name. The shape of the object has them in the order of its properties.
pub(super) fn of_property(edge: Edge, view: &View<'_>) -> Option<Node> {
    let graph = view.graph;
    let mut stores = graph
        .edges(edge.from)
        .filter(|other| other.kind == EdgeType::Property && graph.edge_name(*other).contains(RESOURCE_STORE));
    let at = stores.position(|other| other.to == edge.to)?;
    let descriptors = graph.internal(graph.internal(edge.from, "map")?, "descriptors")?;
    graph.edges(descriptors).filter_map(|entry| of_symbol(entry.to, view)).nth(at)
}

/// The storage whose symbol this is.
fn of_symbol(symbol: Node, view: &View<'_>) -> Option<Node> {
    let is_key =
        |edge: &Edge| edge.kind == EdgeType::Property && view.graph.edge_name(*edge) == RESOURCE_STORE;
    view.retainers(symbol).filter(is_key).map(|edge| edge.from).find(|from| view.extends(*from, STORAGE))
}
