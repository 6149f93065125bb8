//! The node table, as one row a node.

use crate::classes::Classes;
use crate::graph::distances::Distances;
use crate::graph::dominators::Dominators;
use crate::ids::{NodeId, ObjectId};
use crate::read::snapshot::Snapshot;

/// What DevTools knows of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeRow<'c> {
    /// The node.
    pub node: NodeId,
    /// The id of its object.
    pub id: ObjectId,
    /// Its class key.
    pub class_key: &'c str,
    /// Its shallow size.
    pub self_size: u32,
    /// Its retained size.
    pub retained_size: u64,
    /// Its distance.
    pub distance: i32,
    /// The id of its immediate dominator; the root's is its own.
    pub dominator: ObjectId,
}

/// All nodes, in the order of the file.
pub fn node_rows<'c>(
    snapshot: &'c Snapshot<'_>,
    classes: &'c Classes,
    dominators: &'c Dominators,
    distances: &'c Distances,
) -> impl ExactSizeIterator<Item = NodeRow<'c>> {
    snapshot.nodes().map(|node| NodeRow {
        node,
        id: snapshot.object_id(node),
        class_key: classes.key(classes.of(node)),
        self_size: snapshot.self_size(node),
        retained_size: dominators.retained_size(node),
        distance: distances.get(node),
        dominator: snapshot.object_id(dominators.immediate(node)),
    })
}
