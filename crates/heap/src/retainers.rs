//! Who holds a node, and who holds those.

use rustc_hash::FxHashSet;

use crate::distances::{Distances, UNREACHED};
use crate::kinds::EdgeType;
use crate::snapshot::{EdgeRef, NodeId, Snapshot};

/// An edge to a node, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retainer {
    /// The node that holds.
    pub from: NodeId,
    /// The edge it holds by.
    pub edge: EdgeRef,
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
        self.ordinals(node).iter().map(|&ordinal| {
            let after = snapshot.nodes.first_edge.partition_point(|first| *first <= ordinal);
            Retainer { from: NodeId(after as u32 - 1), edge: snapshot.edge(ordinal) }
        })
    }

    /// The retainers that DevTools shows, nearest first: not the root, not by weak or invisible edges.
    #[must_use]
    pub fn shown(&self, snapshot: &Snapshot<'_>, distances: &Distances, node: NodeId) -> Vec<Retainer> {
        let mut shown: Vec<Retainer> = self
            .of(snapshot, node)
            .filter(|retainer| {
                !matches!(retainer.edge.kind, EdgeType::Weak | EdgeType::Invisible)
                    && retainer.from != snapshot.root()
            })
            .collect();
        shown.sort_by_key(|retainer| sort_distance(distances.get(retainer.from)));
        shown
    }

    /// The way to a global object, nearest holder first at every step: itself not included, empty if there is none.
    #[must_use]
    pub fn shortest_path(
        &self,
        snapshot: &Snapshot<'_>,
        distances: &Distances,
        node: NodeId,
    ) -> Vec<Retainer> {
        let mut path = Vec::new();
        let mut on_path = FxHashSet::from_iter([node]);
        let mut at = node;
        while distances.get(at) > 1 {
            let shown = self.shown(snapshot, distances, at);
            let Some(nearest) = shown.into_iter().find(|retainer| on_path.insert(retainer.from)) else {
                break;
            };
            path.push(nearest);
            at = nearest.from;
        }
        path
    }

    /// The forest of those who hold a node, and of those who hold them.
    #[must_use]
    pub fn forest(
        &self,
        snapshot: &Snapshot<'_>,
        distances: &Distances,
        node: NodeId,
        limits: Limits,
    ) -> Vec<Holder> {
        let mut forest: Vec<Holder> = Vec::new();
        let mut met = FxHashSet::from_iter([node]);
        // Work in depth, so that a holder is followed by those who hold it.
        let mut work: Vec<(Retainer, usize, usize)> = Vec::new();
        let expand = |work: &mut Vec<_>, node, depth| {
            let shown = self.shown(snapshot, distances, node);
            let hidden = shown.len().saturating_sub(limits.siblings);
            work.extend(
                shown.into_iter().take(limits.siblings).rev().map(|retainer| (retainer, depth, hidden)),
            );
        };
        expand(&mut work, node, 0);
        while let Some((retainer, depth, hidden_siblings)) = work.pop() {
            if forest.len() >= limits.holders {
                break;
            }
            let distance = distances.get(retainer.from);
            let end = if distance <= 1 && distance != UNREACHED {
                End::Root
            } else if !met.insert(retainer.from) {
                End::MetBefore
            } else if depth + 1 >= limits.depth {
                End::Limit
            } else {
                expand(&mut work, retainer.from, depth + 1);
                End::Held
            };
            forest.push(Holder { retainer, depth, distance, end, hidden_siblings });
        }
        forest
    }

    fn ordinals(&self, node: NodeId) -> &[u32] {
        let at = node.0 as usize;
        &self.edges[self.first[at] as usize..self.first[at + 1] as usize]
    }
}

/// What nothing reaches is shown last.
fn sort_distance(distance: i32) -> i64 {
    const UNREACHABLE: i64 = 200_000_000;
    if distance == UNREACHED { UNREACHABLE } else { i64::from(distance) }
}

/// Where a forest is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Steps away from the node.
    pub depth: usize,
    /// Holders of one node.
    pub siblings: usize,
    /// Holders in all.
    pub holders: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 30, siblings: 100, holders: 5000 }
    }
}

/// A holder in a forest. It is followed by those who hold it, one deeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Who holds, and by which edge.
    pub retainer: Retainer,
    /// Steps away from the node, from 0.
    pub depth: usize,
    /// The distance of the holder.
    pub distance: i32,
    /// Whether and why it ends here.
    pub end: End,
    /// How many holders beside this one were left out.
    pub hidden_siblings: usize,
}

/// Why a forest goes on or ends at a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It goes on: those who hold it follow.
    Held,
    /// A global object.
    Root,
    /// It was met before, on this path or on another: here, cycles are cut.
    MetBefore,
    /// As deep as was asked for.
    Limit,
}
