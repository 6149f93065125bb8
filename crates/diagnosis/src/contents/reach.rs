//! What growing objects keep that was not there all along.

use leakhunt_heap::EdgeType;
use rustc_hash::FxHashSet;

use crate::graph::{Edge, Node};
use crate::suspects::Suspect;
use crate::view::View;

/// So many of the growing objects are looked at.
const SAMPLE: usize = 16;
/// So many objects below them, all in all.
const MOST: usize = 100_000;

/// Some of the growing objects.
pub(super) fn sample(suspect: &Suspect, view: &View<'_>) -> Vec<Node> {
    let members = suspect.cluster.members();
    let every = members.len().div_ceil(SAMPLE).max(1);
    let found: Vec<Node> = members.iter().rev().step_by(every).filter_map(|id| view.node(*id)).collect();
    if found.is_empty() { vec![suspect.cluster.example] } else { found }
}

/// The bytes that each of the growing objects keeps: what several of them lead to counts once in all of them.
pub(super) fn bytes_each(suspect: &Suspect) -> u64 {
    let last = |series: &[u64]| series.last().copied().unwrap_or(0);
    last(&suspect.cluster.bytes).checked_div(last(&suspect.cluster.counts)).unwrap_or(0)
}

/// The bytes of these objects and of what they lead to, of which each reference is shown to `see`.
pub(super) fn reach(from: &[Node], view: &View<'_>, mut see: impl FnMut(Edge)) -> u64 {
    let mut met: FxHashSet<Node> = from.iter().copied().collect();
    let mut open: Vec<Node> = met.iter().copied().collect();
    let mut bytes = 0;
    while let Some(node) = open.pop() {
        bytes += u64::from(view.graph.size(node));
        for edge in kept(node, view) {
            see(edge);
            if met.len() < MOST && met.insert(edge.to) {
                open.push(edge.to);
            }
        }
    }
    bytes
}

/// The references by which an object keeps what came later.
pub(super) fn kept<'v>(node: Node, view: &'v View<'_>) -> impl Iterator<Item = Edge> + 'v {
    view.graph.edges(node).filter(|edge| {
        !matches!(edge.kind, EdgeType::Weak | EdgeType::Shortcut) && !view.is_permanent(edge.to)
    })
}
