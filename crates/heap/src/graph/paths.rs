//! Shortest paths from the roots, along whatever keeps a node alive.
//!
//! Breadth first from the global objects, then from what else the root holds: as DevTools measures distance, because the
//! path through a program's own names is the one that a reader understands. Last of all come the queues of what runs in this
//! very tick: by the next one they hold it no more.

use crate::graph::breadth_first::breadth_first;
use crate::graph::retainers::Retainer;
use crate::graph::weak_maps::keeps;
use crate::ids::NodeId;
use crate::kinds::NodeType;
use crate::read::snapshot::Snapshot;
use crate::read::strings::Tag;

/// What has been reached so far.
struct Search<'s> {
    snapshot: &'s Snapshot<'s>,
    reached_by: &'s mut [u32],
}

impl Search<'_> {
    /// Whether a node is reached for the first time.
    #[inline(always)]
    fn reach(&mut self, node: u32, ordinal: u32) -> bool {
        let reached = &mut self.reached_by[node as usize];
        let is_first = *reached == NONE;
        if is_first {
            *reached = ordinal;
        }
        is_first
    }

    /// What a node keeps alive and nothing before it has reached.
    #[inline(always)]
    fn leads(&mut self, node: u32, next: &mut Vec<u32>) {
        let root = self.snapshot.root();
        for ordinal in self.snapshot.nodes.edges(node as usize) {
            let to = self.snapshot.edges.targets[ordinal].node();
            if to != root.0 && self.reached_by[to as usize] == NONE && keeps(self.snapshot, node, ordinal) {
                self.reached_by[to as usize] = ordinal as u32;
                next.push(to);
            }
        }
    }

    /// `process.nextTick` and `queueMicrotask` put what is to run there.
    #[inline(always)]
    fn is_queue(&self, node: u32) -> bool {
        self.snapshot.strings.tag(self.snapshot.nodes.names[node as usize]) == Tag::FixedCircularBuffer
    }
}

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
        let mut reached_by = vec![NONE; snapshot.node_count()];
        let (mut search, mut queues) = (Search { snapshot, reached_by: &mut reached_by }, Vec::new());
        for of_v8 in [false, true] {
            // Room for all, of which the system gives what is used: to grow as they go would leave holes in memory.
            let mut begin = Vec::with_capacity(snapshot.node_count());
            for edge in snapshot.edges(root).filter(|edge| edge.target != root) {
                let is_of_phase = (snapshot.node_type(edge.target) == NodeType::Synthetic) == of_v8;
                if is_of_phase && search.reach(edge.target.0, edge.ordinal) {
                    begin.push(edge.target.0);
                }
            }
            breadth_first(begin, |node, next| match search.is_queue(node) {
                true => queues.push(node),
                false => search.leads(node, next),
            });
        }
        breadth_first(queues, |node, next| search.leads(node, next));
        Self { reached_by }
    }

    /// The last edge of a shortest path to a node; none for the root, and for what nothing keeps alive.
    #[must_use]
    pub fn last_edge(&self, snapshot: &Snapshot<'_>, node: NodeId) -> Option<Retainer> {
        let ordinal = self.reached_by[node.0 as usize];
        (ordinal != NONE).then(|| Retainer::of(snapshot, ordinal))
    }
}
