//! How a snapshot becomes rows.
//!
//! In two steps, as its edges take the most: what they have to tell is found out first ([`Walked`]), and of all snapshots but
//! the last they are freed then. What comes after ([`Draft`]) needs numbers of the nodes alone.

use std::sync::{Arc, mpsc};
use std::thread::{Scope, ScopedJoinHandle};

use leakhunt_heap::{DominatorTree, NodeId, NodeType, Snapshot, Walk};

use crate::graph::{Graph, Node};
use crate::series::classes::{Class, Classes, Met, Naming};
use crate::series::columns::{Columns, Row};
use crate::series::parts::{Parts, parts_of};
use crate::threads::both;

/// Node's list of all its C++ objects that JavaScript knows, sockets and workers among them: it keeps none of them, and would
/// take each from the object that does.
const LIST_OF_ALL: &str = "Node / BaseObjectList";

/// What the edges of a snapshot tell.
pub(crate) struct Walked {
    walk: Walk,
    named: Named,
}

/// In place of the class that a part has not: there are fewer classes than nodes.
const PART: Class = Class(u32::MAX);

/// What the objects of a snapshot are: their classes, under its own numbers.
struct Named {
    /// By node; that of a part is [`PART`].
    classes: Vec<Class>,
    met: Vec<Met>,
    /// Bytes of compiled code.
    code: u64,
}

/// [`Columns`] as one snapshot gives them by itself, its classes under its own numbers.
#[derive(Clone)]
pub(crate) struct Draft {
    rows: Vec<Row>,
    total: u64,
    code: u64,
    met: Vec<Met>,
}

impl Walked {
    /// Asks the edges, on two threads, without those of Node's list of all.
    pub(crate) fn of(snapshot: &mut Snapshot<'_>) -> Self {
        weaken_lists(snapshot);
        let snapshot = &*snapshot;
        let (named, walk) = both(|| Named::of(snapshot), || Walk::of(snapshot));
        Self { walk, named }
    }

    /// The same without what objects that pass, by their ids, keep of others that are kept anyway. They are what they are with all that
    /// they have.
    pub(crate) fn without(snapshot: &mut Snapshot<'_>, passes: impl Fn(u32) -> bool) -> Self {
        weaken_lists(snapshot);
        let named = Named::of(snapshot);
        snapshot.weaken_passing(passes);
        Self { walk: Walk::of(snapshot), named }
    }

    /// Goes on without the edges: makes a row of each object; `ids` and `sizes` are those of all nodes.
    pub(crate) fn draft(self, ids: &[u32], sizes: &[u32]) -> Draft {
        let Self { walk, named } = self;
        let Named { classes, met, code } = named;
        let rows = rows(DominatorTree::of(walk), &classes, sizes, |_, _| ());
        drop(classes);
        Draft::new(rows, ids, met, code)
    }

    /// The same, and what owns each node.
    pub(crate) fn draft_and_parts(self, ids: &[u32], sizes: &[u32]) -> (Draft, Parts) {
        let Self { walk, named } = self;
        let Named { classes, met, code } = named;
        let tree = DominatorTree::of(walk);
        let mut parts = Parts::new(classes.iter().map(|class| *class == PART));
        let rows = rows(tree, &classes, sizes, |node, owner| parts.set_owner(node, owner));
        drop(classes);
        (Draft::new(rows, ids, met, code), parts)
    }
}

/// Makes the rows of a snapshot beside what else is done, and is back when its edges are no longer asked what its objects are.
pub(crate) fn make<'scope, 's: 'scope>(
    scope: &'scope Scope<'scope, '_>,
    mut snapshot: Snapshot<'s>,
) -> ScopedJoinHandle<'scope, Draft> {
    weaken_lists(&mut snapshot);
    let snapshot = Arc::new(snapshot);
    let (send, receive) = mpsc::channel();
    let walked = Arc::clone(&snapshot);
    let draft = scope.spawn(move || {
        let walk = Walk::of(&walked);
        let named = receive.recv().expect("what the objects are comes before the end");
        let snapshot = Arc::into_inner(walked).expect("who found that out has let go of the snapshot");
        let (ids, sizes) = snapshot.into_ids_and_sizes();
        Walked { walk, named }.draft(&ids, &sizes)
    });
    let named = Named::of(&snapshot);
    drop(snapshot);
    // Not received only where the walk has panicked, which shows when its rows are asked for.
    let _ = send.send(named);
    draft
}

fn weaken_lists(snapshot: &mut Snapshot<'_>) {
    let lists: Vec<_> = snapshot.nodes().filter(|node| is_list_of_all(snapshot, *node)).collect();
    lists.into_iter().for_each(|list| snapshot.weaken(list));
}

fn is_list_of_all(snapshot: &Snapshot<'_>, node: Node) -> bool {
    snapshot.node_type(node) == NodeType::Native && snapshot.name(node) == LIST_OF_ALL
}

impl Named {
    fn of(snapshot: &Snapshot<'_>) -> Self {
        // They are found out by the edges too.
        snapshot.self_sizes();
        let graph = Graph::new(snapshot);
        let mut naming = Naming::new(graph);
        let mut spots = graph.spots().peekable();
        let mut is_part = parts_of(graph);
        let class = |node: Node| {
            let spot = spots.next_if(|(at, _)| *at == node).map(|(_, spot)| spot);
            if is_part(node) { PART } else { naming.class(node, spot) }
        };
        let classes = graph.nodes().map(class).collect();
        let is_code = |node: &Node| graph.kind(*node) == NodeType::Code;
        let code = graph.nodes().filter(is_code).map(|node| u64::from(graph.size(node))).sum();
        Self { classes, met: naming.met(), code }
    }
}

/// A row of each object, in an order in which all come after what owns them. In place of ids they have numbers that need no
/// search: that of the node, and the place of the owner's row. `owned` is told each node with the object that owns it.
fn rows(
    tree: DominatorTree,
    classes: &[Class],
    sizes: &[u32],
    mut owned: impl FnMut(Node, Node),
) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(classes.iter().filter(|class| **class != PART).count());
    tree.descend(|node, owner| {
        let (class, size) = (classes[node.0 as usize], sizes[node.0 as usize].into());
        let owner = owner.unwrap_or(0);
        owned(node, rows.get(owner as usize).map_or(node, |row| NodeId(row.id)));
        if class == PART {
            rows[owner as usize].own.add(size);
            return owner;
        }
        rows.push(Row { id: node.0, owner, class, own: size.into(), retained: 0.into() });
        rows.len() as u32 - 1
    });
    for row in &mut rows {
        row.retained = row.own;
    }
    for at in (1..rows.len()).rev() {
        let Row { owner, retained, .. } = rows[at];
        rows[owner as usize].retained.add(retained.get());
    }
    rows
}

/// The same by id, digit by digit from the lowest. Their places are put in order rather than they, which are six times as large.
fn by_id(rows: &[Row]) -> Vec<Row> {
    const DIGIT: u32 = 11;
    let digit = |at: u32, shift: u32| rows[at as usize].id as usize >> shift & ((1 << DIGIT) - 1);
    let most = rows.iter().map(|row| row.id).max().unwrap_or(0);
    let mut places: Vec<u32> = (0..rows.len() as u32).collect();
    let mut sorted = places.clone();
    for shift in (0..u32::BITS - most.leading_zeros()).step_by(DIGIT as usize) {
        let mut next = [0_u32; 1 << DIGIT];
        places.iter().for_each(|at| next[digit(*at, shift)] += 1);
        let mut sum = 0;
        for count in &mut next {
            sum += std::mem::replace(count, sum);
        }
        for &at in &places {
            let next = &mut next[digit(at, shift)];
            sorted[*next as usize] = at;
            *next += 1;
        }
        std::mem::swap(&mut places, &mut sorted);
    }
    places.into_iter().map(|at| rows[at as usize]).collect()
}

impl Draft {
    /// Of [`rows`], whose total is what the first of them retains.
    fn new(mut rows: Vec<Row>, ids: &[u32], met: Vec<Met>, code: u64) -> Self {
        let total = rows.first().map_or(0, |root| root.retained.get());
        for at in 0..rows.len() {
            let owner = rows[rows[at].owner as usize].id;
            rows[at].owner = ids[owner as usize];
        }
        for row in &mut rows {
            row.id = ids[row.id as usize];
        }
        Self { rows: by_id(&rows), total, code, met }
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

    #[test]
    fn rows_are_put_in_the_order_of_their_ids() {
        let row = |id| Row { id, owner: 1, class: PART, own: 0.into(), retained: 0.into() };
        let ids = [7, 1, 2_047, 2_048, u32::MAX, 1 << 22, 3, (1 << 22) - 1, 7, 0x8000_0000];
        let found: Vec<u32> = by_id(&ids.map(row)).iter().map(|row| row.id).collect();
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        assert_eq!(found, sorted);
        assert!(by_id(&[]).is_empty());
    }

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
        let walked = Walked::of(&mut snapshot);
        let (ids, sizes) = (snapshot.object_ids(), snapshot.self_sizes());
        let (draft, parts) = walked.draft_and_parts(ids, sizes);
        let columns = draft.settle(&mut Classes::default());
        let retained = columns.get(ids[keeper.0 as usize]).map_or(0, |row| row.retained.get());
        assert!(retained >= 50_000, "{retained}");
        // Its bytes are the object's that can be followed from one snapshot to the next.
        assert_eq!(parts.owner(store), blob);
    }
}
