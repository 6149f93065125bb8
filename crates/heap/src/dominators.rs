//! Dominators and retained sizes (`calculateDominatorsAndRetainedSizes`).
//!
//! A node dominates another if all ways from the root lead through it; what it retains is all that would go with it.
//! Only *essential* edges count as ways: see [`walk`](super::walk). The dominator tree of a graph is unique, so any
//! algorithm gives DevTools' answer; this is Semi-NCA (L. Georgiadis, R. Tarjan, R. Werneck, "Finding Dominators in
//! Practice", 2006) on nodes numbered in preorder.
//!
//! Two kinds of nodes are not reached from the root. *Orphans* have no essential edge to them at all; they hang on
//! the root as if it pointed to them. What is left are rings that only hold each other; each such node is dominated
//! by the root and retains itself only.

use tracing::debug_span;

use crate::snapshot::{NodeId, Snapshot};
use crate::walk::{Link, Walk};

/// The immediate dominator and the retained size of each node.
///
/// Nodes are numbered in preorder of the dominator tree, so that all that a node dominates follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dominators {
    /// By number.
    order: Vec<u32>,
    /// By number, the number of the immediate dominator.
    immediate: Vec<u32>,
    /// By number.
    retained: Vec<u64>,
    /// By node.
    number: Vec<u32>,
}

impl Dominators {
    /// Computes dominators and retained sizes of all nodes.
    #[must_use]
    pub fn compute(snapshot: &Snapshot<'_>) -> Self {
        let walk = debug_span!("depth-first search").in_scope(|| Walk::of(snapshot));
        let tree = debug_span!("semi-NCA").in_scope(|| Tree::new(walk));
        debug_span!("retained sizes").in_scope(|| tree.number(snapshot.sizes()))
    }

    /// The nearest node through which all ways to this one lead; the root's is the root.
    #[must_use]
    pub fn immediate(&self, node: NodeId) -> NodeId {
        NodeId(self.order[self.immediate[self.number[node.0 as usize] as usize] as usize])
    }

    /// The bytes that would go with this node: its own and those of all it dominates.
    #[must_use]
    pub fn retained_size(&self, node: NodeId) -> u64 {
        self.retained[self.number[node.0 as usize] as usize]
    }

    /// The dominators of a node, itself first, up to the root.
    pub fn chain(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let above = |&number: &u32| (number != 0).then(|| self.immediate[number as usize]);
        std::iter::successors(Some(self.number[node.0 as usize]), above)
            .map(|number| NodeId(self.order[number as usize]))
    }

    /// All nodes in preorder of the dominator tree: each is followed by all it dominates.
    pub fn top_down(&self) -> impl ExactSizeIterator<Item = NodeId> + DoubleEndedIterator + '_ {
        self.order.iter().copied().map(NodeId)
    }

    /// The same, each with what it retains and with the place behind the last that it dominates.
    pub(crate) fn subtrees(&self) -> impl Iterator<Item = (NodeId, u64, usize)> + '_ {
        let sizes = subtree_sizes(&self.immediate, Vec::new());
        let nodes = self.order.iter().zip(&self.retained).zip(sizes).enumerate();
        nodes.map(|(at, ((&node, &retained), size))| (NodeId(node), retained, at + size as usize))
    }
}

/// How many nodes hang on each, itself included. Each comes after the one it hangs on; the first on none.
fn subtree_sizes(above: &[u32], mut sizes: Vec<u32>) -> Vec<u32> {
    sizes.clear();
    sizes.resize(above.len(), 1);
    for at in (1..above.len()).rev() {
        sizes[above[at] as usize] += sizes[at];
    }
    sizes
}

/// The dominator tree, numbered as the nodes were walked.
///
/// Columns are handed on from step to step: to get so much memory from the system costs more than what is done in it.
struct Tree {
    /// By number.
    order: Vec<u32>,
    /// By number, the number of the immediate dominator.
    above: Vec<u32>,
    /// Memory for what comes next.
    spare: Vec<u32>,
    spare_wide: Vec<Link>,
}

impl Tree {
    /// Finds the immediate dominators (Semi-NCA).
    fn new(walk: Walk) -> Self {
        let Walk { order, links, mut late, spare: mut semi } = walk;
        let mut above = Vec::with_capacity(order.len());
        above.extend(links.iter().map(|link| link.above()));
        let mut forest = Forest { links, path: Vec::new() };
        while let Some(block) = late.pop() {
            for number in block.numbers().rev() {
                let linked = number as u32 + 1;
                let link = forest.links[number];
                let least = block
                    .of(number)
                    .iter()
                    .fold(link.least(), |least, &from| least.min(forest.best_above(from, linked)));
                semi[number] = least;
                forest.links[number] = Link::new(link.above(), least);
            }
        }
        for number in 1..above.len() {
            let mut dominator = above[number];
            while dominator > semi[number] {
                dominator = above[dominator as usize];
            }
            above[number] = dominator;
        }
        // Rings that nothing reaches hang on the root, one by one.
        above.resize(order.len(), 0);
        Self { order, above, spare: semi, spare_wide: forest.links }
    }

    /// Numbers all nodes anew, in preorder of the tree, and adds up what they retain.
    fn number(self, bytes: &[u32]) -> Dominators {
        let Self { order: walked, above, spare, spare_wide } = self;
        // How many nodes hang on each; then, where each node is.
        let mut place = subtree_sizes(&above, spare);
        // Where the next subtree below each node goes.
        let mut next = vec![0; walked.len()];
        let mut immediate = vec![0; walked.len()];
        (place[0], next[0]) = (0, 1);
        for at in 1..walked.len() {
            let dominator = above[at] as usize;
            let here = next[dominator];
            next[dominator] += place[at];
            next[at] = here + 1;
            place[at] = here;
            immediate[here as usize] = place[dominator];
        }
        let (mut order, mut number) = (above, next);
        for (&node, &place) in walked.iter().zip(&place) {
            order[place as usize] = node;
            number[node as usize] = place;
        }
        drop((walked, place));
        let mut retained: Vec<u64> = spare_wide.into_iter().map(|_| 0).collect();
        retained.clear();
        retained.extend(order.iter().map(|&node| u64::from(bytes[node as usize])));
        for at in (1..order.len()).rev() {
            retained[immediate[at] as usize] += retained[at];
        }
        Dominators { order, immediate, retained, number }
    }
}

/// Nodes with numbers not below some limit are linked to their parents; the paths are compressed as they are used.
struct Forest {
    /// The ancestor of a linked node, and the least semidominator of those between the two, the node included.
    links: Vec<Link>,
    path: Vec<u32>,
}

impl Forest {
    /// The least semidominator on the way up from `node`, which is linked.
    #[inline(always)]
    fn best_above(&mut self, node: u32, linked: u32) -> u32 {
        let link = self.links[node as usize];
        if link.above() < linked { link.least() } else { self.compress(node, linked) }
    }

    fn compress(&mut self, mut node: u32, linked: u32) -> u32 {
        while self.links[node as usize].above() >= linked {
            self.path.push(node);
            node = self.links[node as usize].above();
        }
        let link = self.links[node as usize];
        let mut best = link.least();
        while let Some(below) = self.path.pop() {
            best = best.min(self.links[below as usize].least());
            self.links[below as usize] = Link::new(link.above(), best);
        }
        best
    }
}
