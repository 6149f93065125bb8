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

use std::ops::Range;

use tracing::debug_span;

use crate::graph::walk::{Link, Walk};
use crate::ids::NodeId;
use crate::read::snapshot::Snapshot;

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
        let tree = Tree::new(Walk::of(snapshot));
        debug_span!("retained sizes").in_scope(|| tree.number(snapshot.self_sizes()))
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
        let place = self.number[node.0 as usize];
        std::iter::once(node).chain(self.places_above(place).map(|place| self.at(place)))
    }

    /// All nodes in preorder of the dominator tree: each is followed by all it dominates.
    pub fn top_down(&self) -> impl ExactSizeIterator<Item = NodeId> + DoubleEndedIterator + '_ {
        self.order.iter().copied().map(NodeId)
    }

    /// Some of the places in that order, each with that of the immediate dominator and what is retained there.
    pub(crate) fn top_down_from(&self, places: Range<usize>) -> impl Iterator<Item = (u32, u32, u64)> + '_ {
        let columns = self.immediate[places.clone()].iter().zip(&self.retained[places.clone()]);
        columns.zip(places).map(|((&above, &retained), place)| (place as u32, above, retained))
    }

    /// The places of all that dominate the node at this one, from the nearest up to the root's.
    pub(crate) fn places_above(&self, place: u32) -> impl Iterator<Item = u32> + '_ {
        let above = |&place: &u32| (place != 0).then(|| self.immediate[place as usize]);
        std::iter::successors(Some(place), above).skip(1)
    }

    /// The node at a place in that order.
    pub(crate) fn at(&self, place: u32) -> NodeId {
        NodeId(self.order[place as usize])
    }
}

/// The immediate dominators of all nodes, for who looks at each node once and wants no more memory than that takes.
pub struct DominatorTree {
    /// The nodes as they were walked: each comes after what dominates it.
    order: Vec<u32>,
    /// By place in that order, the place of the immediate dominator.
    above: Vec<u32>,
}

impl DominatorTree {
    /// Finds the dominators of a snapshot that was walked, without asking the snapshot any more.
    #[must_use]
    pub fn of(walk: Walk) -> Self {
        let Tree { order, above, .. } = Tree::new(walk);
        Self { order, above }
    }

    /// Looks at all nodes, the root first. `look` is told a node and its own answer to the node's immediate dominator;
    /// the root has none.
    pub fn descend(self, mut look: impl FnMut(NodeId, Option<u32>) -> u32) {
        let Self { order, above: mut answers } = self;
        for (at, node) in order.into_iter().enumerate() {
            let above = (at != 0).then(|| answers[answers[at] as usize]);
            answers[at] = look(NodeId(node), above);
        }
    }
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
        let _span = debug_span!("semi-NCA").entered();
        let Walk { order, links, mut late, spare: mut semi } = walk;
        let mut above = Vec::with_capacity(order.len());
        // Of nodes without predecessors of greater numbers the lowest predecessor is the semidominator.
        semi.clear();
        for link in &links {
            above.push(link.above());
            semi.push(link.least());
        }
        let mut forest = Forest { links, path: Vec::new() };
        let mut floors = Floors::default();
        while let Some(block) = late.pop() {
            for (number, predecessors) in block.backwards() {
                let link = forest.links[number as usize];
                let floor = floors.below(&semi, number, predecessors);
                let mut least = link.least();
                for some in predecessors.chunks(Forest::AT_ONCE) {
                    if least <= floor {
                        break;
                    }
                    least = least.min(forest.best_above(some, number + 1));
                }
                semi[number as usize] = least;
                forest.links[number as usize] = Link::new(link.above(), least);
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

    /// Renumbers all nodes in preorder of the tree, and adds up what they retain.
    fn number(self, bytes: &[u32]) -> Dominators {
        let Self { order: walked, above, spare, spare_wide } = self;
        // How many nodes hang on each, itself included; then, where each node is.
        let mut place = spare;
        place.clear();
        place.resize(above.len(), 1);
        for at in (1..above.len()).rev() {
            place[above[at] as usize] += place[at];
        }
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

/// What no way up from a node's predecessors can lead below: the least semidominator of all nodes with numbers between
/// the two, as the ways lead over none but those.
///
/// Nearly all predecessors are those of a few nodes: of a map, for one, each object of its kind is. What such a node's
/// semidominator is, the first of them mostly say; that it can be no less, and the others need not be asked, this does.
#[derive(Default)]
struct Floors {
    /// The least of each stretch of numbers, from the last one down as far as somebody asked.
    stretches: Vec<u32>,
}

impl Floors {
    const STRETCH: usize = 1 << 12;
    /// To look at fewer predecessors costs less than to ask.
    const WORTH: usize = 1 << 8;

    /// The floor for a node, given the semidominators of all with greater numbers; the last of its predecessors has the
    /// greatest.
    fn below(&mut self, semi: &[u32], number: u32, predecessors: &[u32]) -> u32 {
        let Some(&last) = predecessors.last().filter(|_| predecessors.len() >= Self::WORTH) else { return 0 };
        debug_assert!(predecessors.is_sorted());
        let (start, end) = (number as usize + 1, last as usize + 1);
        // The stretches that lie whole between the two.
        let first = start.div_ceil(Self::STRETCH);
        let behind = (end / Self::STRETCH).max(first);
        let all = semi.len() / Self::STRETCH;
        while self.stretches.len() < all.saturating_sub(first) {
            let at = (all - 1 - self.stretches.len()) * Self::STRETCH;
            self.stretches.push(least(&semi[at..at + Self::STRETCH]));
        }
        let whole = if first < behind { least(&self.stretches[all - behind..all - first]) } else { u32::MAX };
        let (before, after) = (first * Self::STRETCH, behind * Self::STRETCH);
        let ends = if before < after {
            least(&semi[start..before]).min(least(&semi[after..end]))
        } else {
            least(&semi[start..end])
        };
        whole.min(ends)
    }
}

fn least(numbers: &[u32]) -> u32 {
    numbers.iter().copied().min().unwrap_or(u32::MAX)
}

/// Nodes with numbers not below some limit are linked to their parents; the paths are compressed as they are used.
struct Forest {
    /// The ancestor of a linked node, and the least semidominator of those between the two, the node included.
    links: Vec<Link>,
    path: Vec<u32>,
}

impl Forest {
    /// How many links are asked for before the first is looked at: memory answers all as fast as one.
    const AT_ONCE: usize = 16;

    /// The least semidominator on the ways up from some nodes, which are linked.
    #[inline(always)]
    fn best_above(&mut self, nodes: &[u32], linked: u32) -> u32 {
        let mut links = [Link::new(0, 0); Self::AT_ONCE];
        for (link, &node) in links.iter_mut().zip(nodes) {
            *link = self.links[node as usize];
        }
        let mut best = u32::MAX;
        for (link, &node) in links.iter().zip(nodes) {
            // Compressing another's way may have shortened this one meanwhile: what was read then leads there to look.
            let least = if link.above() < linked { link.least() } else { self.compress(node, linked) };
            best = best.min(least);
        }
        best
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_is_the_least_semidominator_between() {
        let mut state = 1_u32;
        let mut below = |limit: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % limit
        };
        let semi: Vec<u32> = (0..10 * Floors::STRETCH + 77).map(|_| below(1 << 20) as u32).collect();
        let mut floors = Floors::default();
        let mut number = semi.len() - Floors::WORTH - 1;
        while number > 0 {
            let room = semi.len() - number - Floors::WORTH;
            let last = number
                + Floors::WORTH
                + if number.is_multiple_of(2) { below(room) } else { below(room.min(9_000)) };
            let predecessors: Vec<u32> = (0..Floors::WORTH).rev().map(|back| (last - back) as u32).collect();
            let expected = semi[number + 1..=last].iter().min();
            assert_eq!(
                Some(&floors.below(&semi, number as u32, &predecessors)),
                expected,
                "{number}..{last}"
            );
            number = number.saturating_sub(1 + below(700));
        }
        assert_eq!(floors.below(&semi, 0, &[1, 2, 3]), 0, "a few are not worth it");
    }
}
