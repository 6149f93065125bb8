//! All snapshots, one after the other, boiled down on two threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use leakhunt_heap::{Dominators, NodeType, Snapshot};

use crate::graph::Graph;
use crate::series::columns::{Draft, Parts};

/// To boil a snapshot down takes more memory than the snapshot itself. Two that have more nodes than this are not boiled down
/// at once: one is, while the other is read.
const LARGE: usize = 1 << 20;

/// Node's list of all its C++ objects that JavaScript knows, sockets and workers among them: it keeps none of them, and would
/// take each from the object that does.
const LIST_OF_ALL: &str = "Node / BaseObjectList";

/// A snapshot that is kept whole.
pub(crate) struct Whole<'s> {
    /// Its place in the order given.
    pub(crate) at: usize,
    pub(crate) snapshot: Snapshot<'s>,
    pub(crate) parts: Parts,
    /// By node.
    pub(crate) retained: Vec<u64>,
}

impl<'s> Whole<'s> {
    pub(crate) fn of(at: usize, mut snapshot: Snapshot<'s>) -> Self {
        let lists: Vec<_> = snapshot
            .nodes()
            .filter(|node| {
                snapshot.node_type(*node) == NodeType::Native && snapshot.name(*node) == LIST_OF_ALL
            })
            .collect();
        lists.into_iter().for_each(|list| snapshot.weaken(list));
        let dominators = Dominators::compute(&snapshot);
        let parts = Parts::of(Graph::new(&snapshot), &dominators);
        Self { at, snapshot, parts, retained: dominators.into_retained_sizes() }
    }
}

/// What is left of the snapshots: the last of them is still whole.
pub(crate) struct Loaded<'s> {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) last: Option<Whole<'s>>,
}

/// Asks for one snapshot after the other; no more than two are whole at the same time. Of several errors, that of the
/// earliest snapshot is returned.
pub(crate) fn load<'s, E: Send>(
    count: usize,
    load: &(impl Fn(usize) -> Result<Snapshot<'s>, E> + Sync),
) -> Result<Loaded<'s>, E> {
    let next = AtomicUsize::new(0);
    let boiling = Mutex::new(());
    let loader = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            let drawn = load(at).map(|snapshot| {
                let is_large = snapshot.node_count() > LARGE;
                let _one = is_large.then(|| boiling.lock().unwrap_or_else(PoisonError::into_inner));
                let (draft, whole) = draw(at, snapshot);
                (draft, (at + 1 == count).then_some(whole))
            });
            if drawn.is_err() {
                next.store(count, Ordering::Relaxed);
            }
            done.push((at, drawn));
        }
    };
    let mut done = thread::scope(|scope| {
        let other = scope.spawn(loader);
        let mut done = loader();
        done.extend(other.join().expect("a loader does not panic"));
        done
    });
    done.sort_by_key(|(at, _)| *at);
    let mut loaded = Loaded { drafts: Vec::with_capacity(count), last: None };
    for (_, drawn) in done {
        let (draft, whole) = drawn?;
        loaded.drafts.push(draft);
        loaded.last = whole;
    }
    Ok(loaded)
}

/// Boils one snapshot down.
pub(crate) fn draw(at: usize, snapshot: Snapshot<'_>) -> (Draft, Whole<'_>) {
    let whole = Whole::of(at, snapshot);
    (Draft::of(Graph::new(&whole.snapshot), &whole.parts, &whole.retained), whole)
}

#[cfg(test)]
mod tests {
    use leakhunt_heap::EdgeType;
    use leakhunt_heap::testing::Builder;

    use super::*;

    /// A Blob that a program keeps, with the C++ object behind it, which is in Node's list of all.
    #[test]
    fn nodes_list_of_all_its_objects_keeps_none() {
        let mut heap = Builder::default();
        let keeper = heap.node(NodeType::Object, "Uploads");
        let blob = heap.node(NodeType::Object, "Blob");
        let [list, native, store] = ["Node / BaseObjectList", "Node / Blob", "Node / BackingStore"]
            .map(|name| heap.node(NodeType::Native, name));
        heap.size(store, 50_000);
        for (from, name, to) in [
            (Builder::ROOT, "uploads", keeper),
            (Builder::ROOT, "list", list),
            (keeper, "blob", blob),
            (list, "0", native),
            (blob, "javascript_to_native", native),
            (native, "native_to_javascript", blob),
            (native, "store", store),
        ] {
            heap.edge(EdgeType::Internal, from, name, to);
        }
        let text = heap.text();
        let whole = Whole::of(0, Snapshot::parse(text.as_bytes(), 1).expect("it is whole"));
        assert!(whole.retained[keeper.0 as usize] >= 50_000, "{:?}", whole.retained);
        // Its bytes are the object's that can be followed from one snapshot to the next.
        assert_eq!(whole.parts.owner(store), blob);
    }

    #[test]
    fn of_several_errors_the_earliest_is_told() {
        let failed = load::<usize>(6, &Err).err();
        assert_eq!(failed, Some(0));
        assert!(load::<usize>(0, &Err).is_ok_and(|loaded| loaded.drafts.is_empty() && loaded.last.is_none()));
    }
}
