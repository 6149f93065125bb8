//! A snapshot with all that is asked of it when it is reduced.

use std::collections::HashMap;

use leakhunt_heap::{Dominators, EdgeType, NodeId, NodeType, Snapshot};

use crate::pack::Sections;

/// How V8 calls an ES module of a program: Node's own are none.
pub(crate) const ES_MODULE: &str = "system / SourceTextModule";

/// A snapshot with all that is asked of it.
pub(crate) struct Whole<'a> {
    pub(crate) sections: Sections<'a>,
    pub(crate) graph: Snapshot<'a>,
    pub(crate) dominators: Dominators,
    pub(crate) nodes: HashMap<u32, Vec<NodeId>>,
    pub(crate) retainers: Vec<Vec<NodeId>>,
    /// For each node the one before it on a shortest way from the global objects, or from the root.
    pub(crate) above: Vec<Option<NodeId>>,
    /// An object that is always there and tells nothing, such as `undefined`.
    pub(crate) nothing: Option<NodeId>,
}

impl<'a> Whole<'a> {
    pub(crate) fn read(text: &'a [u8]) -> Self {
        let sections = serde_json::from_slice(text).expect("a snapshot is JSON");
        let graph = Snapshot::parse(text, 2).expect("a whole snapshot");
        let dominators = Dominators::compute(&graph);
        let mut nodes: HashMap<u32, Vec<NodeId>> = HashMap::new();
        let mut retainers = vec![Vec::new(); graph.node_count()];
        for node in graph.nodes() {
            nodes.entry(graph.object_id(node).0).or_default().push(node);
            for target in strong(&graph, node) {
                retainers[target.0 as usize].push(node);
            }
        }
        let above = shortest_ways(&graph);
        let nothing = graph.nodes().find(|node| graph.name(*node) == "system / Oddball");
        Self { sections, graph, dominators, nodes, retainers, above, nothing }
    }

    pub(crate) fn id(&self, node: NodeId) -> u32 {
        self.graph.object_id(node).0
    }

    pub(crate) fn with(&self, id: u32) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes.get(&id).into_iter().flatten().copied()
    }

    /// What an object is and what it refers to, so that two snapshots can be compared. That V8 has compiled a function, or
    /// learnt something of it, is no change.
    pub(crate) fn state(&self, node: NodeId) -> Vec<(u8, String, u32)> {
        let mut state = vec![(
            0,
            format!("{} {}", self.graph.type_name(node), self.graph.name(node)),
            self.graph.raw_self_size(node),
        )];
        for edge in self.graph.edges(node).filter(|edge| !self.is_a_detail(edge.target)) {
            state.push((edge.kind as u8, self.graph.edge_name(edge).to_string(), self.id(edge.target)));
        }
        state
    }

    /// Whether it belongs to V8's own account of the program's code and objects.
    pub(crate) fn is_a_detail(&self, node: NodeId) -> bool {
        matches!(self.graph.node_type(node), NodeType::Code | NodeType::ObjectShape | NodeType::Number)
            && self.graph.name(node) != ES_MODULE
    }

    /// Whether it is one of the objects on which everything hangs.
    pub(crate) fn is_hub(&self, node: NodeId) -> bool {
        let kind = self.graph.node_type(node);
        kind == NodeType::Synthetic
            || node == self.graph.root()
            || self.graph.name(node) == "system / NativeContext"
    }
}

impl Whole<'_> {
    /// The steps of a shortest way to a node, from its end.
    pub(crate) fn way(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(Some(node), |node| self.above[node.0 as usize])
    }

    /// The steps of a way that does not lead through one object.
    pub(crate) fn way_around(&self, from: NodeId, to: NodeId, around: NodeId) -> Vec<NodeId> {
        let mut next: HashMap<NodeId, NodeId> = HashMap::from([(to, to)]);
        let mut queue = vec![to];
        let mut done = 0;
        while let Some(&node) = queue.get(done) {
            done += 1;
            if node == from {
                break;
            }
            for &holder in &self.retainers[node.0 as usize] {
                if holder != around && !next.contains_key(&holder) {
                    next.insert(holder, node);
                    queue.push(holder);
                }
            }
        }
        let mut way = Vec::new();
        let mut at = from;
        while let Some(&step) = next.get(&at) {
            way.push(at);
            if step == at {
                break;
            }
            at = step;
        }
        way
    }
}

/// Where the edges of a node lead that keep something alive.
pub(crate) fn strong(graph: &Snapshot<'_>, node: NodeId) -> impl Iterator<Item = NodeId> {
    graph
        .edges(node)
        .filter(|edge| edge.kind != EdgeType::Weak)
        .map(|edge| edge.target)
        .filter(move |to| *to != node)
}

/// Breadth first, from the global objects and then from what else the root holds.
pub(crate) fn shortest_ways(graph: &Snapshot<'_>) -> Vec<Option<NodeId>> {
    let mut above = vec![None; graph.node_count()];
    let mut queue = Vec::new();
    let mut done = 0;
    let root = graph.root();
    for synthetic in [false, true] {
        for target in strong(graph, root) {
            if (graph.node_type(target) == NodeType::Synthetic) == synthetic
                && above[target.0 as usize].is_none()
            {
                above[target.0 as usize] = Some(root);
                queue.push(target);
            }
        }
        while let Some(&node) = queue.get(done) {
            done += 1;
            for target in strong(graph, node).filter(|target| *target != root) {
                if above[target.0 as usize].is_none() {
                    above[target.0 as usize] = Some(node);
                    queue.push(target);
                }
            }
        }
    }
    above
}
pub(crate) fn script_of(graph: &Snapshot<'_>, closure: NodeId) -> Option<NodeId> {
    let shared = graph.internal(closure, "shared")?;
    graph.internal(shared, "script").or_else(|| graph.internal(shared, "script_or_debug_info"))
}

pub(crate) fn name_of(graph: &Snapshot<'_>, script: NodeId) -> String {
    let name = graph.name(script);
    if !name.is_empty() && !name.starts_with("system /") {
        return name.into_owned();
    }
    graph.internal(script, "name").map(|name| graph.name(name).into_owned()).unwrap_or_default()
}

/// Node's own scripts are called `node:fs` or `internal/timers`.
pub(crate) fn is_of_a_program(script: &str) -> bool {
    script.contains('/') && !script.starts_with("node:") && !script.starts_with("internal/")
}

pub(crate) fn contexts(graph: &Snapshot<'_>, closure: NodeId) -> impl Iterator<Item = NodeId> {
    std::iter::successors(graph.internal(closure, "context"), |context| graph.internal(*context, "previous"))
        .take_while(|context| graph.name(*context) == "system / Context")
}
