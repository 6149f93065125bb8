//! How a snapshot becomes rows.
//!
//! In two steps, as its edges take the most: what they have to tell is found out first ([`Walked`]), and of all snapshots but
//! the last they are freed then. What comes after ([`Dominated`], [`Draft`]) needs numbers of the nodes alone.

use std::thread;

use leakhunt_heap::{Dominators, NodeId, NodeType, Snapshot, Walk};

use crate::graph::{Graph, Node};
use crate::series::classes::{Class, Classes, Met, Naming};
use crate::series::columns::{Columns, Row};
use crate::series::parts::{Parts, parts_of};

/// Node's list of all its C++ objects that JavaScript knows, sockets and workers among them: it keeps none of them, and would
/// take each from the object that does.
const LIST_OF_ALL: &str = "Node / BaseObjectList";

/// What the edges of a snapshot tell.
pub(crate) struct Walked {
    walk: Walk,
    is_part: Vec<bool>,
    named: Named,
}

/// What the objects of a snapshot are: their classes, under its own numbers.
pub(crate) struct Named {
    /// Of each node that is no part, in the order of the nodes.
    classes: Vec<Class>,
    met: Vec<Met>,
    /// Bytes of compiled code.
    code: u64,
}

/// What owns the nodes of a snapshot, and what they retain.
pub(crate) struct Dominated {
    pub(crate) parts: Parts,
    /// By node.
    pub(crate) retained: Vec<u64>,
    pub(crate) root: Node,
}

/// [`Columns`] as one snapshot gives them by itself, its classes under its own numbers.
pub(crate) struct Draft {
    rows: Vec<Row>,
    total: u64,
    code: u64,
    met: Vec<Met>,
}

impl Walked {
    /// Asks the edges, on two threads, without those of Node's list of all.
    pub(crate) fn of(snapshot: &mut Snapshot<'_>) -> Self {
        let lists: Vec<_> = snapshot.nodes().filter(|node| is_list_of_all(snapshot, *node)).collect();
        lists.into_iter().for_each(|list| snapshot.weaken(list));
        let snapshot = &*snapshot;
        let graph = Graph::new(snapshot);
        thread::scope(|scope| {
            let walk = scope.spawn(|| Walk::of(snapshot));
            // They are found out by the edges too.
            snapshot.self_sizes();
            let is_part = parts_of(graph);
            let named = Named::of(graph, &is_part);
            Self { walk: walk.join().expect("a walk does not panic"), is_part, named }
        })
    }

    /// Goes on without the edges, by the nodes' shallow sizes.
    pub(crate) fn dominated(self, sizes: &[u32]) -> (Dominated, Named) {
        let Self { walk, is_part, named } = self;
        let dominators = Dominators::of(walk, sizes);
        let root = dominators.top_down().next().unwrap_or(NodeId(0));
        let parts = Parts::of(is_part, &dominators);
        (Dominated { parts, retained: dominators.into_retained_sizes(), root }, named)
    }
}

fn is_list_of_all(snapshot: &Snapshot<'_>, node: Node) -> bool {
    snapshot.node_type(node) == NodeType::Native && snapshot.name(node) == LIST_OF_ALL
}

impl Named {
    fn of(graph: Graph<'_>, is_part: &[bool]) -> Self {
        let mut naming = Naming::new(graph);
        let mut spots = graph.spots().peekable();
        let mut classes = Vec::with_capacity(is_part.iter().filter(|is_part| !**is_part).count());
        for node in graph.nodes() {
            let spot = spots.next_if(|(at, _)| *at == node).map(|(_, spot)| spot);
            if !is_part[node.0 as usize] {
                classes.push(naming.class(node, spot));
            }
        }
        let is_code = |node: &Node| graph.kind(*node) == NodeType::Code;
        let code = graph.nodes().filter(is_code).map(|node| u64::from(graph.size(node))).sum();
        Self { classes, met: naming.met(), code }
    }
}

impl Draft {
    /// Makes a row of each node that is no part; `ids` and `sizes` are those of all nodes.
    pub(crate) fn of(ids: &[u32], sizes: &[u32], dominated: &Dominated, named: Named) -> Self {
        let Dominated { parts, retained, root } = dominated;
        let mut own = vec![0_u64; sizes.len()];
        for (node, size) in parts.nodes().zip(sizes) {
            let to = if parts.has(node) { parts.owner(node) } else { node };
            own[to.0 as usize] += u64::from(*size);
        }
        let id = |node: Node| ids[node.0 as usize];
        let mut rows: Vec<Row> = Vec::with_capacity(named.classes.len());
        let objects = parts.nodes().filter(|node| !parts.has(*node));
        rows.extend(objects.zip(named.classes).map(|(node, class)| Row {
            id: id(node),
            owner: id(parts.owner(node)),
            class,
            own: own[node.0 as usize].into(),
            retained: retained[node.0 as usize].into(),
        }));
        rows.sort_unstable_by_key(|row| row.id);
        Self { rows, total: retained[root.0 as usize], code: named.code, met: named.met }
    }

    /// The same, its classes under the numbers that all snapshots have in common.
    pub(crate) fn settle(mut self, classes: &mut Classes) -> Columns {
        let settled = classes.settle(self.met);
        for row in &mut self.rows {
            row.class = settled.class(row.class);
        }
        Columns::new(self.rows, self.total, self.code)
    }
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
        let mut snapshot = Snapshot::parse(text.as_bytes(), 1).expect("it is whole");
        let (Dominated { parts, retained, .. }, _) =
            Walked::of(&mut snapshot).dominated(snapshot.self_sizes());
        assert!(retained[keeper.0 as usize] >= 50_000, "{retained:?}");
        // Its bytes are the object's that can be followed from one snapshot to the next.
        assert_eq!(parts.owner(store), blob);
    }
}
