//! Whether nodes of the embedder hang in a document (`propagateDOMState`).
//!
//! Chrome marks a few nodes as attached or detached. What an attached node reaches through other native nodes is
//! attached; of the rest, what a detached node reaches is detached, and gets `Detached ` before its name, which
//! changes its class. Node's own snapshots say nothing of the kind, so nearly always there is nothing to do.

use rustc_hash::FxHashMap;

use crate::kinds::{EdgeType, NodeType};
use crate::read::edges::{Edge, Edges};
use crate::read::header::Header;
use crate::read::nodes::Nodes;
use crate::read::strings::{Strings, Tag};

const ATTACHED: u8 = 1;
const DETACHED: u8 = 2;

/// The edges along which the state is passed on, by source.
#[derive(Default)]
pub(crate) struct DomEdges(Vec<(u32, u32)>);

impl DomEdges {
    pub(crate) fn edge(&mut self, header: &Header, nodes: &Nodes, from: u32, edge: Edge) {
        let native = |node: u32| nodes.kind(header, node as usize) == NodeType::Native;
        let passes = !matches!(edge.kind, EdgeType::Hidden | EdgeType::Invisible | EdgeType::Weak);
        if passes && native(from) && native(edge.target) {
            self.0.push((from, edge.target));
        }
    }

    /// Adds the edges of all native nodes.
    pub(crate) fn add_all(&mut self, header: &Header, nodes: &Nodes, edges: &Edges) {
        for from in 0..nodes.len() {
            if nodes.kind(header, from) == NodeType::Native {
                for at in nodes.edges(from) {
                    self.edge(header, nodes, from as u32, edges.get(at));
                }
            }
        }
    }

    fn of(&self, node: u32) -> &[(u32, u32)] {
        let first = self.0.partition_point(|edge| edge.0 < node);
        let last = self.0.partition_point(|edge| edge.0 <= node);
        &self.0[first..last]
    }

    /// Passes the states on and renames what is detached.
    pub(crate) fn propagate(&self, header: &Header, nodes: &mut Nodes, strings: &mut Strings<'_>) -> Renamed {
        let mut known = vec![false; nodes.len()];
        let (mut attached, mut detached) = (Vec::new(), Vec::new());
        for (node, &state) in nodes.detachedness.iter().enumerate() {
            if state == 0 || nodes.kind(header, node) != NodeType::Native {
                continue;
            }
            known[node] = true;
            match state {
                ATTACHED => attached.push(node as u32),
                DETACHED => detached.push(node as u32),
                _ => {}
            }
        }
        let mut renamed = detached.clone();
        for (state, mut work) in [(ATTACHED, attached), (DETACHED, detached)] {
            while let Some(node) = work.pop() {
                for &(_, target) in self.of(node) {
                    if std::mem::replace(&mut known[target as usize], true) {
                        continue;
                    }
                    nodes.detachedness[target as usize] = state;
                    work.push(target);
                    if state == DETACHED {
                        renamed.push(target);
                    }
                }
            }
        }
        let mut names = FxHashMap::default();
        let mut result = Renamed::OtherNodes;
        for node in renamed {
            let name = &mut nodes.names[node as usize];
            if strings.tag(*name) == Tag::ExternalStringData {
                result = Renamed::OwnedNodes;
            }
            *name = *names.entry(*name).or_insert_with(|| strings.add_detached(*name));
        }
        result
    }
}

/// Whether any of the nodes that got a new name may be owned by others because of the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renamed {
    OwnedNodes,
    OtherNodes,
}
