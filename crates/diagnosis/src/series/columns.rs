//! What is kept of each snapshot, so that only the last need stay whole: a row for each object that a program
//! could name, about 32 bytes.
//!
//! V8's own parts (elements, hash tables, feedback, shapes) and the C++ objects behind Node's have no row. Their bytes belong to the object that
//! dominates them, and what they dominate counts as dominated by that object: a `Map` owns its entries, not the
//! table which V8 replaces each time it grows.

use std::cell::OnceCell;

use leakhunt_heap::{Dominators, IdIndex, NodeType};

use crate::graph::{Graph, Node};
use crate::series::classes::{Class, Classes, Met, Naming};

/// One object in one snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) id: u32,
    /// The id of the next object above that a program could name.
    pub(crate) owner: u32,
    pub(crate) class: Class,
    /// Its own bytes, those of V8's parts in it included.
    pub(crate) own: u64,
    /// All bytes that would go with it.
    pub(crate) retained: u64,
}

/// The rows of one snapshot, by id.
pub(crate) struct Columns {
    pub(crate) rows: Vec<Row>,
    pub(crate) total: u64,
    /// Bytes of compiled code, which V8 makes when a function first runs and throws away when it has not run for long.
    pub(crate) code: u64,
    /// Found out when somebody asks.
    owned: OnceCell<Owned>,
}

/// By the place of a row, the places of the rows that it owns.
struct Owned {
    places: IdIndex,
    /// Where the list of each begins; and where the last one ends.
    first: Vec<u32>,
    all: Vec<u32>,
}

/// [`Columns`] as one snapshot gives them by itself, its classes under its own numbers.
pub(crate) struct Draft {
    columns: Columns,
    met: Vec<Met>,
}

impl Draft {
    pub(crate) fn of(graph: Graph<'_>, parts: &Parts, retained: &[u64]) -> Self {
        let mut own = vec![0_u64; graph.len()];
        let mut code = 0;
        for node in graph.nodes() {
            if graph.kind(node) == NodeType::Code {
                code += u64::from(graph.size(node));
            }
            let to = if parts.has(node) { parts.owner(node) } else { node };
            own[to.0 as usize] += u64::from(graph.size(node));
        }
        let mut naming = Naming::new(graph);
        let mut spots = graph.spots().peekable();
        let count = graph.nodes().filter(|node| !parts.has(*node)).count();
        let mut rows: Vec<Row> = Vec::with_capacity(count);
        for node in graph.nodes() {
            let spot = spots.next_if(|(at, _)| *at == node).map(|(_, spot)| spot);
            if !parts.has(node) {
                rows.push(Row {
                    id: graph.id(node),
                    owner: graph.id(parts.owner(node)),
                    class: naming.class(node, spot),
                    own: own[node.0 as usize],
                    retained: retained[node.0 as usize],
                });
            }
        }
        rows.sort_unstable_by_key(|row| row.id);
        let columns = Columns::new(rows, retained[graph.root().0 as usize], code);
        Self { columns, met: naming.met() }
    }

    /// The same, its classes under the numbers that all snapshots have in common.
    pub(crate) fn settle(mut self, classes: &mut Classes) -> Columns {
        let settled = classes.settle(self.met);
        for row in &mut self.columns.rows {
            row.class = settled.class(row.class);
        }
        self.columns
    }
}

impl Columns {
    /// The rows must be sorted by id.
    fn new(rows: Vec<Row>, total: u64, code: u64) -> Self {
        Self { rows, total, code, owned: OnceCell::new() }
    }

    /// The largest id of a JavaScript object: those are odd, and V8 hands them out upwards.
    pub(crate) fn newest_id(&self) -> u32 {
        self.rows.iter().rev().map(|row| row.id).find(|id| id % 2 == 1).unwrap_or(0)
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Row> {
        self.rows.binary_search_by_key(&id, |row| row.id).ok().map(|at| &self.rows[at])
    }

    pub(crate) fn has(&self, id: u32) -> bool {
        self.get(id).is_some()
    }

    /// The rows of all that some objects own, through whatever they own.
    pub(crate) fn below(&self, tops: &[u32]) -> Vec<&Row> {
        let owned = self.owned.get_or_init(|| Owned::of(&self.rows));
        let mut met = vec![false; self.rows.len()];
        let mut work: Vec<u32> = tops.iter().filter_map(|top| owned.places.get(*top)).collect();
        work.iter().for_each(|top| met[*top as usize] = true);
        let mut below = Vec::new();
        while let Some(at) = work.pop() {
            for &place in owned.by(at) {
                // Where a file gives one id to several objects, owners can form a ring.
                if !std::mem::replace(&mut met[place as usize], true) {
                    below.push(place);
                    work.push(place);
                }
            }
        }
        below.sort_unstable();
        below.into_iter().map(|at| &self.rows[at as usize]).collect()
    }
}

impl Owned {
    fn of(rows: &[Row]) -> Self {
        let places = IdIndex::of(rows.iter().map(|row| row.id));
        let owners = || {
            let not_itself = rows.iter().zip(0_u32..).filter(|(row, _)| row.owner != row.id);
            not_itself.filter_map(|(row, at)| Some((places.get(row.owner)? as usize, at)))
        };
        let mut first = vec![0; rows.len() + 1];
        for (owner, _) in owners() {
            first[owner + 1] += 1;
        }
        for at in 1..first.len() {
            first[at] += first[at - 1];
        }
        let mut all = vec![0; first[rows.len()] as usize];
        let mut next = first.clone();
        for (owner, at) in owners() {
            all[next[owner] as usize] = at;
            next[owner] += 1;
        }
        Self { places, first, all }
    }

    fn by(&self, at: u32) -> &[u32] {
        let at = at as usize;
        &self.all[self.first[at] as usize..self.first[at + 1] as usize]
    }
}

/// Which nodes are parts of another object rather than objects of their own, and what owns each.
pub(crate) struct Parts {
    is_part: Vec<bool>,
    /// For each node, the nearest strict dominator that is not a part.
    owners: Vec<Node>,
}

/// What C++ objects of Node's are called in a snapshot. Each has another id in the next one, unlike the JavaScript object that
/// keeps it.
const NODES_OWN: &str = "Node / ";

impl Parts {
    pub(crate) fn of(graph: Graph<'_>, dominators: &Dominators) -> Self {
        // Names are compared once each: there are few among millions of hidden nodes.
        let mut reactions: Vec<Option<bool>> = vec![None; graph.snapshot().strings().len()];
        let mut natives = reactions.clone();
        let is_part = |node: Node| match graph.kind(node) {
            NodeType::Array | NodeType::Code | NodeType::ObjectShape | NodeType::Number => true,
            NodeType::Hidden => !*reactions[graph.snapshot().name_index(node) as usize]
                .get_or_insert_with(|| graph.name(node) == "system / PromiseReaction"),
            NodeType::Native => {
                *natives[graph.snapshot().name_index(node) as usize].get_or_insert_with(|| {
                    let name = graph.name(node);
                    name == "system / JSArrayBufferData" || name.starts_with(NODES_OWN)
                })
            }
            _ => false,
        };
        let is_part: Vec<bool> = graph.nodes().map(is_part).collect();
        let mut owners = vec![graph.root(); graph.len()];
        for node in dominators.top_down() {
            let above = dominators.immediate(node);
            owners[node.0 as usize] =
                if is_part[above.0 as usize] { owners[above.0 as usize] } else { above };
        }
        Self { is_part, owners }
    }

    pub(crate) fn has(&self, node: Node) -> bool {
        self.is_part[node.0 as usize]
    }

    /// The nearest object above, by dominance, that a program could name.
    pub(crate) fn owner(&self, node: Node) -> Node {
        self.owners[node.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_that_form_a_ring_are_left() {
        let row = |id, owner| Row { id, owner, class: Class(0), own: 1, retained: 1 };
        let columns = Columns::new(vec![row(1, 1), row(3, 5), row(5, 3), row(7, 9), row(9, 1)], 5, 0);
        let ids = |tops: &[u32]| columns.below(tops).iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(&[1]), [7, 9]);
        assert_eq!(ids(&[5]), [3]);
        assert!(ids(&[]).is_empty());
    }
}
