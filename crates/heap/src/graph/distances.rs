//! Distances (`calculateDistances`): how many edges a node is away from the global objects.
//!
//! Two searches in breadth: one from what the program owns, at distance 1; and one for the rest, from the root, whose
//! distances begin at [`SYSTEM`] to set them apart. A few edges are not followed, because V8 shares what they lead to
//! in ways that would make everything look near; of a WeakMap's entry only the second edge is, so that a value is as
//! far as the farther of its table and its key.

use crate::bits::Bits;
use crate::graph::breadth_first::breadth_first;
use crate::ids::NodeId;
use crate::kinds::{EdgeType, NodeType};
use crate::read::edges::Edge;
use crate::read::ownership::is_user_root;
use crate::read::snapshot::Snapshot;
use crate::read::strings::Tag;

/// The distance of the root, and the least of what only V8 itself holds.
pub const SYSTEM: i32 = 100_000_000;
/// The distance of what nothing holds.
pub const UNREACHED: i32 = -5;

/// The distance of each node, as DevTools shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distances(Vec<i32>);

impl Distances {
    /// Computes the distances of all nodes.
    #[must_use]
    pub fn compute(snapshot: &Snapshot<'_>) -> Self {
        let mut search = Search {
            snapshot,
            pending: Bits::new(snapshot.strings.len()),
            distances: vec![UNREACHED; snapshot.node_count()],
            queue: Vec::new(),
        };
        for edge in snapshot.edges(snapshot.root()) {
            let node = edge.target.0 as usize;
            // One that the root has two edges to is visited twice, as in DevTools: its second visit follows the
            // entries of WeakMaps that its first left pending.
            if is_user_root(&snapshot.header, &snapshot.nodes, &snapshot.strings, node) {
                search.distances[node] = 1;
                search.queue.push(edge.target.0);
            }
        }
        let user_roots = !search.queue.is_empty();
        search.run();
        search.distances[snapshot.root().0 as usize] = if user_roots { SYSTEM } else { 0 };
        search.queue.push(snapshot.root().0);
        search.run();
        Self(search.distances)
    }

    /// The distance of a node: 1 for a global object, [`SYSTEM`] and more for what only V8 holds, [`UNREACHED`] for
    /// what nothing does.
    #[must_use]
    pub fn get(&self, node: NodeId) -> i32 {
        self.0[node.0 as usize]
    }
}

struct Search<'s> {
    snapshot: &'s Snapshot<'s>,
    /// WeakMap entries of which one edge was met. DevTools keeps them from the first search to the second.
    pending: Bits,
    distances: Vec<i32>,
    queue: Vec<u32>,
}

/// What is special about the edges of a node.
enum Source {
    NativeContext,
    MapDescriptors,
    Other,
}

impl Search<'_> {
    /// Searches on from the nodes in the queue, which are all of one distance.
    fn run(&mut self) {
        breadth_first(std::mem::take(&mut self.queue), |node, far| self.visit(node, far));
    }

    #[inline(always)]
    fn visit(&mut self, node: u32, far: &mut Vec<u32>) {
        let edges = &self.snapshot.edges;
        let distance = self.distances[node as usize] + 1;
        let mut source = None;
        let range = self.snapshot.nodes.edges(node as usize);
        for (target, at) in edges.targets[range.clone()].iter().zip(range) {
            let to = target.node();
            if self.distances[to as usize] != UNREACHED {
                continue;
            }
            if target.plain().is_none() {
                let edge = edges.get(at);
                let source = source.get_or_insert_with(|| self.source(node));
                if edge.kind == EdgeType::Weak || !follows(self.snapshot, &mut self.pending, source, edge) {
                    continue;
                }
            }
            self.distances[to as usize] = distance;
            far.push(to);
        }
    }

    fn source(&self, node: u32) -> Source {
        let snapshot = self.snapshot;
        let tag = snapshot.strings.tag(snapshot.nodes.names[node as usize]);
        match (snapshot.node_type(NodeId(node)), tag) {
            (NodeType::Hidden, Tag::NativeContext) => Source::NativeContext,
            (NodeType::Array, Tag::MapDescriptors) => Source::MapDescriptors,
            _ => Source::Other,
        }
    }
}

#[inline]
fn follows(snapshot: &Snapshot<'_>, pending: &mut Bits, source: &Source, edge: Edge) -> bool {
    let strings = &snapshot.strings;
    match source {
        Source::NativeContext
            if !edge.kind.is_numbered() && strings.tag(edge.name) == Tag::SloppyFunctionMap =>
        {
            return false;
        }
        Source::MapDescriptors => {
            // Keys, details and values of properties follow each other from index 2 on; maps share the arrays, so
            // the values are not those of each map.
            let index = if edge.kind.is_numbered() {
                Some(f64::from(edge.name))
            } else {
                parse_int(&strings.get(edge.name))
            };
            return index.is_none_or(|index| index < 2.0 || index % 3.0 != 1.0);
        }
        _ => {}
    }
    if edge.kind == EdgeType::Internal
        && let Some(half) = snapshot.weak_map_half(edge.name)
    {
        let second = pending.get(half.pair);
        if second {
            pending.clear(half.pair);
        } else {
            pending.set(half.pair);
        }
        return second;
    }
    true
}

/// JavaScript's `parseInt(text, 10)`; none where that is not a number.
fn parse_int(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let value: f64 = text[..digits].parse().ok()?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_parsed_as_in_javascript() {
        for (text, expected) in
            [("12", Some(12.0)), (" -7x", Some(-7.0)), ("x", None), ("", None), ("+4", Some(4.0))]
        {
            assert_eq!(parse_int(text), expected, "{text:?}");
        }
    }
}
