//! DevTools' Retainers view: who holds a node, and who holds those.

use rustc_hash::FxHashSet;

use crate::graph::distances::{Distances, UNREACHED};
use crate::graph::retainers::{Retainer, Retainers};
use crate::ids::NodeId;
use crate::kinds::EdgeType;
use crate::read::snapshot::Snapshot;

impl Retainers {
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
