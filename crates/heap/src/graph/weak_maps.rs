//! Which edges keep what they lead to: of an entry of a WeakMap, the key's.

use crate::kinds::EdgeType;
use crate::read::edges::Edge;
use crate::read::snapshot::Snapshot;

/// Whether an internal edge is the half of an entry that comes from the table, which keeps no value alive: its key does.
pub(crate) fn is_of_table(snapshot: &Snapshot<'_>, from: u32, edge: Edge) -> bool {
    let half = snapshot.weak_map_half(edge.name);
    half.is_some_and(|half| half.table == Some(snapshot.nodes.ids[from as usize]))
}

/// Whether an edge keeps its target alive and says how: not weak, not to itself, not a table's half.
#[inline(always)]
pub(crate) fn keeps(snapshot: &Snapshot<'_>, from: u32, ordinal: usize) -> bool {
    match snapshot.edges.targets[ordinal].plain() {
        Some(to) => to != from,
        None => keeps_odd(snapshot, from, snapshot.edges.get(ordinal)),
    }
}

fn keeps_odd(snapshot: &Snapshot<'_>, from: u32, edge: Edge) -> bool {
    let counts = match edge.kind {
        EdgeType::Weak => false,
        EdgeType::Internal => !is_of_table(snapshot, from, edge),
        _ => true,
    };
    counts && edge.target != from
}
