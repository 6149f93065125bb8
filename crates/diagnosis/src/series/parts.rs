//! Which nodes are objects that a program could name, and which are parts of one.
//!
//! V8's own parts (elements, hash tables, feedback, shapes) and the C++ objects behind Node's belong to the object that
//! dominates them, and what they dominate counts as dominated by that object: a `Map` owns its entries, not the table which
//! V8 replaces each time it grows.

use leakhunt_heap::{NodeId, NodeType};

use crate::graph::{Graph, Node};

/// Which nodes are parts of another object rather than objects of their own, and what owns each.
pub(crate) struct Parts {
    is_part: Vec<bool>,
    /// For each node, the nearest strict dominator that is not a part.
    owners: Vec<Node>,
}

/// What C++ objects of Node's are called in a snapshot. Each has another id in the next one, unlike the JavaScript object that
/// keeps it.
const NODES_OWN: &str = "Node / ";

impl Parts {
    pub(crate) fn new(is_part: impl ExactSizeIterator<Item = bool>) -> Self {
        Self { owners: vec![NodeId(0); is_part.len()], is_part: is_part.collect() }
    }

    pub(crate) fn set_owner(&mut self, node: Node, owner: Node) {
        self.owners[node.0 as usize] = owner;
    }

    pub(crate) fn has(&self, node: Node) -> bool {
        self.is_part[node.0 as usize]
    }

    /// The nearest object above, by dominance, that a program could name.
    pub(crate) fn owner(&self, node: Node) -> Node {
        self.owners[node.0 as usize]
    }
}

/// Tells whether a node is a part. The root is none: all others are owned by something.
pub(crate) fn parts_of(graph: Graph<'_>) -> impl FnMut(Node) -> bool {
    // Names are compared once each: there are few among millions of hidden nodes.
    let mut reactions: Vec<Option<bool>> = vec![None; graph.snapshot().strings().len()];
    let mut natives = reactions.clone();
    move |node| match graph.kind(node) {
        _ if node == graph.root() => false,
        NodeType::Array | NodeType::Code | NodeType::ObjectShape | NodeType::Number => true,
        NodeType::Hidden => !*reactions[graph.snapshot().name_index(node) as usize]
            .get_or_insert_with(|| graph.name(node) == "system / PromiseReaction"),
        NodeType::Native => *natives[graph.snapshot().name_index(node) as usize].get_or_insert_with(|| {
            let name = graph.name(node);
            name == "system / JSArrayBufferData" || name.starts_with(NODES_OWN)
        }),
        _ => false,
    }
}
