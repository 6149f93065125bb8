//! Shortest paths from the roots, along whatever keeps a node alive.
//!
//! Breadth first from the global objects, then from what else the root holds: as DevTools measures distance, because the
//! path through a program's own names is the one that a reader understands.

use crate::graph::breadth_first::breadth_first;
use crate::graph::retainers::Retainer;
use crate::graph::weak_maps::WeakMapNames;
use crate::ids::NodeId;
use crate::kinds::NodeType;
use crate::read::snapshot::Snapshot;

/// No edge.
const NONE: u32 = u32::MAX;

/// By which edge a shortest path reaches each node.
#[derive(Debug)]
pub struct Paths {
    /// By node, the ordinal of an edge.
    reached_by: Vec<u32>,
}

impl Paths {
    /// Searches the whole graph.
    #[must_use]
    pub fn compute(snapshot: &Snapshot<'_>) -> Self {
        let root = snapshot.root();
        let weak_maps = WeakMapNames::find(&snapshot.strings);
        let mut reached_by = vec![NONE; snapshot.node_count()];
        for of_v8 in [false, true] {
            // Room for all, of which the system gives what is used: to grow as they go would leave holes in memory.
            let mut begin = Vec::with_capacity(snapshot.node_count());
            for edge in snapshot.edges(root).filter(|edge| edge.target != root) {
                let reached = &mut reached_by[edge.target.0 as usize];
                if *reached == NONE && (snapshot.node_type(edge.target) == NodeType::Synthetic) == of_v8 {
                    *reached = edge.ordinal;
                    begin.push(edge.target.0);
                }
            }
            breadth_first(begin, |node, next| {
                for ordinal in snapshot.nodes.edges(node as usize) {
                    let target = snapshot.edges.targets[ordinal];
                    let to = target.node();
                    if to != root.0
                        && reached_by[to as usize] == NONE
                        && weak_maps.keeps(snapshot, node, ordinal)
                    {
                        reached_by[to as usize] = ordinal as u32;
                        next.push(to);
                    }
                }
            });
        }
        Self { reached_by }
    }

    /// The last edge of a shortest path to a node; none for the root, and for what nothing keeps alive.
    #[must_use]
    pub fn last_edge(&self, snapshot: &Snapshot<'_>, node: NodeId) -> Option<Retainer> {
        let ordinal = self.reached_by[node.0 as usize];
        (ordinal != NONE).then(|| Retainer::of(snapshot, ordinal))
    }
}
