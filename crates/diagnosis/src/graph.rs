//! The heap graph of one snapshot: what every rule of the diagnosis asks of it, in the rules' own words.

use std::borrow::Cow;

use leakhunt_heap::{EdgeRef, EdgeType, Location, NodeId, NodeType, Retainer, Snapshot};

pub(crate) use leakhunt_heap::NodeId as Node;

/// One reference from an object to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) from: Node,
    pub(crate) kind: EdgeType,
    pub(crate) to: Node,
    raw: EdgeRef,
}

/// A snapshot, read as a graph of objects.
#[derive(Clone, Copy)]
pub(crate) struct Graph<'s> {
    snapshot: &'s Snapshot<'s>,
}

impl<'s> Graph<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot<'s>) -> Self {
        Self { snapshot }
    }

    pub(crate) fn snapshot(self) -> &'s Snapshot<'s> {
        self.snapshot
    }

    pub(crate) fn len(self) -> usize {
        self.snapshot.node_count()
    }

    pub(crate) fn root(self) -> Node {
        self.snapshot.root()
    }

    pub(crate) fn nodes(self) -> impl Iterator<Item = Node> + use<> {
        (0..self.len() as u32).map(NodeId)
    }

    pub(crate) fn kind(self, node: Node) -> NodeType {
        self.snapshot.node_type(node)
    }

    pub(crate) fn id(self, node: Node) -> u32 {
        self.snapshot.object_id(node).0
    }

    pub(crate) fn size(self, node: Node) -> u32 {
        self.snapshot.self_size(node)
    }

    pub(crate) fn name(self, node: Node) -> Cow<'s, str> {
        self.snapshot.name(node)
    }

    pub(crate) fn spot(self, node: Node) -> Option<Location> {
        self.snapshot.location(node)
    }

    /// All nodes that have a place in the source, in the order of [`Graph::nodes`].
    pub(crate) fn spots(self) -> impl Iterator<Item = (Node, Location)> + use<'s> {
        self.snapshot.locations()
    }

    pub(crate) fn edges(self, from: Node) -> impl Iterator<Item = Edge> + use<'s> {
        self.snapshot.edges(from).map(move |raw| Edge { from, kind: raw.kind, to: raw.target, raw })
    }

    pub(crate) fn edge_name(self, edge: Edge) -> Cow<'s, str> {
        if edge.kind.is_numbered() {
            Cow::Owned(edge.raw.name_or_index.to_string())
        } else {
            self.snapshot.strings().get(edge.raw.name_or_index)
        }
    }

    /// Where the internal edge of this name leads.
    pub(crate) fn internal(self, from: Node, name: &str) -> Option<Node> {
        self.snapshot.internal(from, name)
    }

    /// Where the property of this name leads.
    pub(crate) fn property(self, from: Node, name: &str) -> Option<Node> {
        self.edges(from)
            .find(|edge| edge.kind == EdgeType::Property && self.edge_name(*edge) == name)
            .map(|edge| edge.to)
    }
}

impl Edge {
    /// The number of its name, or the number that is its name.
    pub(crate) fn name_index(self) -> u32 {
        self.raw.name_or_index
    }
}

impl From<Retainer> for Edge {
    fn from(Retainer { from, edge }: Retainer) -> Self {
        Self { from, kind: edge.kind, to: edge.target, raw: edge }
    }
}
