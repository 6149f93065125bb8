//! Shallow sizes as DevTools shows them (`calculateShallowSizes`).
//!
//! A node of V8's own (`hidden`, `array`, external string data) that hangs on exactly one object is part of that
//! object to a reader: its bytes are moved to its owner and its own size becomes 0, which makes it vanish from every
//! table. Who owns a node is the least fixpoint of "owned by whoever owns those that point to it", so the order of
//! visits does not matter, and an edge from a node that owns itself can be settled the moment it is read. Only edges
//! between two nodes without an own owner wait until all are known.

use crate::bits::Bits;
use crate::kinds::{EdgeType, NodeType};
use crate::read::edges::{Edge, Edges};
use crate::read::header::Header;
use crate::read::nodes::Nodes;
use crate::read::strings::{Strings, Tag};

const UNVISITED: u32 = u32::MAX;
const MANY: u32 = u32::MAX - 1;

/// Owners while edges go by, in the order of their sources.
pub(crate) struct Ownership {
    /// Nodes that may be owned by another.
    candidates: Bits,
    /// For candidates: an owner, or one of the two values above.
    owners: Vec<u32>,
    /// Edges from candidate to candidate, by source.
    waiting: Vec<(u32, u32)>,
    /// Whether the root has a child that is not V8's. Without one, the snapshot shows V8's internals, and DevTools
    /// leaves its sizes alone.
    user_roots: bool,
    root: u32,
}

impl Ownership {
    pub(crate) fn new(header: &Header, nodes: &Nodes, strings: &Strings<'_>) -> Self {
        let mut candidates = Bits::new(nodes.len());
        for node in 0..nodes.len() {
            let owned = match nodes.kind(header, node) {
                NodeType::Hidden | NodeType::Array => true,
                NodeType::Native => strings.tag(nodes.names[node]) == Tag::ExternalStringData,
                _ => false,
            };
            if owned {
                candidates.set(node as u32);
            }
        }
        Self {
            candidates,
            owners: vec![UNVISITED; nodes.len()],
            waiting: Vec::new(),
            user_roots: false,
            root: header.root,
        }
    }

    #[inline(always)]
    pub(crate) fn edge(&mut self, from: u32, edge: Edge) {
        if edge.kind != EdgeType::Weak && self.candidates.get(edge.target) {
            if self.candidates.get(from) {
                self.waiting.push((from, edge.target));
            } else {
                merge(&mut self.owners[edge.target as usize], from);
            }
        }
    }

    /// Lets all edges of a table go by.
    pub(crate) fn edges(&mut self, nodes: &Nodes, edges: &Edges) {
        for from in 0..nodes.len() as u32 {
            let from_candidate = self.candidates.get(from);
            let range = nodes.edges(from as usize);
            for (target, &kind) in edges.targets[range.clone()].iter().zip(&edges.kinds[range]) {
                let target = target.node();
                if self.candidates.get(target) && kind != EdgeType::Weak {
                    if from_candidate {
                        self.waiting.push((from, target));
                    } else {
                        merge(&mut self.owners[target as usize], from);
                    }
                }
            }
        }
    }

    /// Must see every edge of the root.
    pub(crate) fn root_edge(&mut self, header: &Header, nodes: &Nodes, strings: &Strings<'_>, target: u32) {
        self.user_roots |= is_user_root(header, nodes, strings, target as usize);
    }

    /// Settles the waiting edges and moves the bytes.
    pub(crate) fn apply(mut self, header: &Header, nodes: &Nodes, sizes: &mut [u32]) {
        if !self.user_roots {
            return;
        }
        self.settle(nodes.len());
        for node in 0..nodes.len() {
            let owner = self.owners[node];
            if owner >= MANY || owner == self.root {
                continue;
            }
            if nodes.kind(header, owner as usize) == NodeType::Synthetic {
                continue;
            }
            let size = std::mem::take(&mut sizes[node]);
            let sum = &mut sizes[owner as usize];
            *sum = sum.wrapping_add(size);
        }
    }

    /// Passes owners on along the waiting edges until nothing changes; every node changes at most twice.
    fn settle(&mut self, nodes: usize) {
        let mut first = vec![0_u32; nodes + 1];
        for &(from, _) in &self.waiting {
            first[from as usize + 1] += 1;
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let edges = |node: u32| first[node as usize] as usize..first[node as usize + 1] as usize;
        // The edges are sorted by source, so that each that has any is met once.
        let mut work: Vec<u32> = self.waiting.chunk_by(|a, b| a.0 == b.0).map(|edges| edges[0].0).collect();
        work.retain(|&node| self.owners[node as usize] != UNVISITED);
        while let Some(node) = work.pop() {
            let owner = self.owners[node as usize];
            for &(_, target) in &self.waiting[edges(node)] {
                if merge(&mut self.owners[target as usize], owner) && !edges(target).is_empty() {
                    work.push(target);
                }
            }
        }
    }
}

/// Adds an owner to a node's; true if that changed it.
#[inline(always)]
fn merge(to: &mut u32, owner: u32) -> bool {
    let merged = match *to {
        UNVISITED => owner,
        MANY => MANY,
        same if same == owner => same,
        _ => MANY,
    };
    std::mem::replace(to, merged) != merged
}

/// What DevTools begins distances from: children of the root that are not V8's own, and DOM trees.
pub(crate) fn is_user_root(header: &Header, nodes: &Nodes, strings: &Strings<'_>, node: usize) -> bool {
    nodes.kind(header, node) != NodeType::Synthetic || strings.tag(nodes.names[node]) == Tag::DocumentDomTrees
}
