//! The last snapshot, kept whole, with the indexes that naming a suspect needs: what every rule asks.

mod classes;
mod modules;

use leakhunt_heap::{IdIndex, NodeId, Paths, Retainers, Snapshot};

use crate::graph::{Edge, Graph, Node};
use crate::series::draft::Walked;
use crate::series::ids::IdSet;
use crate::series::parts::Parts;
use crate::source::{Resolve, Scripts, Sources};
use crate::threads::both;

/// The last snapshot with its retainers, shortest paths and scripts.
pub(crate) struct View<'s> {
    pub(crate) graph: Graph<'s>,
    /// Strings of the program may be quoted.
    pub(crate) quotes: bool,
    pub(crate) scripts: Scripts,
    parts: Parts,
    by_id: IdIndex,
    /// Ids of the objects that were there at the baseline.
    permanent: IdSet,
    retainers: Retainers,
    paths: Paths,
}

/// What is known of a snapshot without its dominators, and takes little memory.
pub(crate) struct Indexes {
    scripts: Scripts,
    paths: Paths,
}

impl<'s> View<'s> {
    /// Finds out all that is asked of a snapshot, but for the objects that were there at the baseline: see
    /// [`View::with_permanent`].
    pub(crate) fn of(snapshot: &'s mut Snapshot<'_>, quotes: bool) -> Self {
        let walked = Walked::of(snapshot);
        let snapshot = &*snapshot;
        let (_, parts) = walked.draft_and_parts(snapshot.object_ids(), snapshot.self_sizes());
        Self::new(snapshot, quotes, Indexes::of(snapshot), parts)
    }

    pub(crate) fn new(snapshot: &'s Snapshot<'_>, quotes: bool, indexes: Indexes, parts: Parts) -> Self {
        let Indexes { scripts, paths } = indexes;
        let (graph, permanent) = (Graph::new(snapshot), IdSet::default());
        let by_id = || IdIndex::of(snapshot.object_ids().iter().copied());
        let (by_id, retainers) = both(by_id, || Retainers::compute(snapshot));
        Self { graph, quotes, scripts, parts, by_id, permanent, retainers, paths }
    }

    pub(crate) fn with_permanent(self, permanent: IdSet) -> Self {
        Self { permanent, ..self }
    }

    /// The program's source, and in the scripts its own code told from that of packages in its bundles.
    pub(crate) fn sources<'r>(&mut self, resolve: &'r Resolve<'r>) -> Sources<'r> {
        let spots = self.graph.spots().map(|(_, spot)| spot).collect();
        let sources = Sources::new(resolve, self.scripts.take_beginnings());
        self.scripts.set_bundled(sources.bundled(&self.scripts, spots));
        sources
    }

    pub(crate) fn node(&self, id: u32) -> Option<Node> {
        self.by_id.get(id).map(NodeId)
    }

    pub(crate) fn is_permanent(&self, node: Node) -> bool {
        self.permanent.contains(self.graph.id(node))
    }

    pub(crate) fn is_part(&self, node: Node) -> bool {
        self.parts.has(node)
    }

    /// The nearest object above, by dominance, that a program could name.
    pub(crate) fn owner(&self, node: Node) -> Node {
        self.parts.owner(node)
    }

    /// The edges that keep a node alive.
    pub(crate) fn retainers(&self, node: Node) -> impl Iterator<Item = Edge> + '_ {
        self.retainers.keeping(self.graph.snapshot(), node).map(Edge::from)
    }

    /// The edge by which a shortest path from the roots reaches a node.
    pub(crate) fn reached_by(&self, node: Node) -> Option<Edge> {
        self.paths.last_edge(self.graph.snapshot(), node).map(Edge::from)
    }

    /// The edges of the shortest path from the roots to a node, the last one first.
    pub(crate) fn path_up(&self, node: Node) -> impl Iterator<Item = Edge> + '_ {
        let mut at = node;
        std::iter::from_fn(move || {
            let edge = self.reached_by(at)?;
            at = edge.from;
            Some(edge)
        })
    }
}

impl Indexes {
    pub(crate) fn of(snapshot: &Snapshot<'_>) -> Self {
        Self { scripts: Scripts::of(Graph::new(snapshot)), paths: Paths::compute(snapshot) }
    }
}
