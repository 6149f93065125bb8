//! The edges of a graph by where they lead.

use crate::graph::weak_maps::keeps;
use crate::ids::NodeId;
use crate::read::snapshot::{EdgeRef, Snapshot};

/// An edge to a node, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retainer {
    /// The node that holds.
    pub from: NodeId,
    /// The edge it holds by.
    pub edge: EdgeRef,
}

impl Retainer {
    /// The edge at a place of the table, with the node that it begins at.
    pub(crate) fn of(snapshot: &Snapshot<'_>, ordinal: u32) -> Self {
        let after = snapshot.nodes.first_edge.partition_point(|first| *first <= ordinal);
        Self { from: NodeId(after as u32 - 1), edge: snapshot.edge(ordinal) }
    }
}

/// The edges of a snapshot by where they lead.
#[derive(Debug)]
pub struct Retainers {
    first: Vec<u32>,
    /// Ordinals of edges.
    edges: Vec<u32>,
}

impl Retainers {
    /// Sorts the edges by target.
    #[must_use]
    pub fn compute(snapshot: &Snapshot<'_>) -> Self {
        let targets = &snapshot.edges.targets;
        let mut first = vec![0_u32; snapshot.node_count() + 1];
        for target in targets {
            first[target.node() as usize] += 1;
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        // Filled from the back, so that later edges come first: that is DevTools' order.
        let mut edges = vec![0; targets.len()];
        for (target, ordinal) in targets.iter().zip(0_u32..) {
            let place = &mut first[target.node() as usize];
            *place -= 1;
            edges[*place as usize] = ordinal;
        }
        Self { first, edges }
    }

    /// How many edges lead to a node, weak ones included.
    #[must_use]
    pub fn count(&self, node: NodeId) -> usize {
        self.ordinals(node).len()
    }

    /// All edges to a node, weak ones included, in DevTools' order.
    pub fn of<'s>(&'s self, snapshot: &'s Snapshot<'_>, node: NodeId) -> impl Iterator<Item = Retainer> + 's {
        self.ordinals(node).iter().map(|&ordinal| Retainer::of(snapshot, ordinal))
    }

    /// The edges that keep a node alive and say how, in the order of the file: none that is weak, none of its own, and of an
    /// entry of a WeakMap the key's.
    pub fn keeping<'s>(
        &'s self,
        snapshot: &'s Snapshot<'_>,
        node: NodeId,
    ) -> impl Iterator<Item = Retainer> + 's {
        let all = self.ordinals(node).iter().rev().map(|&ordinal| Retainer::of(snapshot, ordinal));
        all.filter(|retainer| keeps(snapshot, retainer.from.0, retainer.edge.ordinal as usize))
    }

    fn ordinals(&self, node: NodeId) -> &[u32] {
        let at = node.0 as usize;
        &self.edges[self.first[at] as usize..self.first[at + 1] as usize]
    }
}
