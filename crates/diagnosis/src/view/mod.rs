//! The last snapshot, kept whole, with the indexes that naming a suspect needs: what every rule asks.

mod classes;
mod modules;

use leakhunt_heap::{Dominators, NodeType};
use rustc_hash::FxHashMap;

use crate::graph::{Edge, Graph, Node, WeakTables};
use crate::scripts::Scripts;
use crate::series::columns::{Parts, owners};
use crate::series::ids::IdSet;
use crate::series::load::Whole;
use crate::source::{Resolve, Sources};

const NONE: u32 = u32::MAX;

/// The last snapshot with its retainers, shortest paths and scripts.
pub(crate) struct View<'s> {
    pub(crate) graph: Graph<'s>,
    /// Strings of the program may be quoted.
    pub(crate) quotes: bool,
    pub(crate) scripts: Scripts,
    parts: Parts,
    owners: Vec<Node>,
    /// For each node, of what it owns, the one that retains most.
    heaviest: Vec<Node>,
    by_id: FxHashMap<u32, Node>,
    /// Ids of the objects that were there at the baseline.
    permanent: IdSet,
    first_retainer: Vec<u32>,
    retainers: Vec<(u32, u32)>,
    /// For each node the edge by which the search reached it, with its source.
    reached_by: Vec<(u32, u32)>,
}

impl<'s> View<'s> {
    /// Without the objects that were there at the baseline: see [`View::with_permanent`].
    pub(crate) fn new(whole: &'s Whole<'_>, quotes: bool) -> Self {
        let (graph, dominators) = (Graph::new(&whole.snapshot), &whole.dominators);
        let (first_retainer, retainers) = retainers(graph);
        let parts = Parts::of(graph);
        let owners = owners(graph, dominators, &parts);
        Self {
            graph,
            quotes,
            scripts: Scripts::of(graph),
            heaviest: heaviest(graph, dominators, &owners, &parts),
            parts,
            owners,
            by_id: graph.nodes().map(|node| (graph.id(node), node)).collect(),
            permanent: IdSet::default(),
            first_retainer,
            retainers,
            reached_by: search(graph),
        }
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
        self.by_id.get(&id).copied()
    }

    pub(crate) fn is_permanent(&self, node: Node) -> bool {
        self.permanent.contains(self.graph.id(node))
    }

    pub(crate) fn is_part(&self, node: Node) -> bool {
        self.parts.has(node)
    }

    /// The nearest object above, by dominance, that a program could name.
    pub(crate) fn owner(&self, node: Node) -> Node {
        self.owners[node.0 as usize]
    }

    /// Of what a node owns, the one that retains most.
    pub(crate) fn heaviest(&self, node: Node) -> Option<Node> {
        let below = self.heaviest[node.0 as usize];
        (below != node).then_some(below)
    }

    /// The edges that keep a node alive.
    pub(crate) fn retainers(&self, node: Node) -> impl Iterator<Item = Edge> + '_ {
        let at = node.0 as usize;
        self.retainers[self.first_retainer[at] as usize..self.first_retainer[at + 1] as usize]
            .iter()
            .map(|&(from, edge)| self.graph.edge(leakhunt_heap::NodeId(from), edge))
    }

    /// The edge by which a shortest path from the roots reaches a node.
    pub(crate) fn reached_by(&self, node: Node) -> Option<Edge> {
        let (from, edge) = self.reached_by[node.0 as usize];
        (from != NONE).then(|| self.graph.edge(leakhunt_heap::NodeId(from), edge))
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

fn heaviest(graph: Graph<'_>, dominators: &Dominators, owners: &[Node], parts: &Parts) -> Vec<Node> {
    let mut heaviest: Vec<Node> = graph.nodes().collect();
    for node in graph.nodes().filter(|node| !parts.has(*node) && *node != graph.root()) {
        let owner = owners[node.0 as usize];
        let best = &mut heaviest[owner.0 as usize];
        if *best == owner || dominators.retained_size(*best) < dominators.retained_size(node) {
            *best = node;
        }
    }
    heaviest
}

fn retainers(graph: Graph<'_>) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut first = vec![0_u32; graph.len() + 1];
    let each = |add: &mut dyn FnMut(Edge)| {
        let mut tables = WeakTables::new(graph);
        for node in graph.nodes() {
            graph.edges(node).filter(|edge| tables.keeps(graph, *edge)).for_each(&mut *add);
        }
    };
    each(&mut |edge| first[edge.to.0 as usize + 1] += 1);
    for at in 1..first.len() {
        first[at] += first[at - 1];
    }
    let mut all = vec![(NONE, NONE); first[graph.len()] as usize];
    let mut next = first.clone();
    each(&mut |edge| {
        let slot = &mut next[edge.to.0 as usize];
        all[*slot as usize] = (edge.from.0, edge.ordinal());
        *slot += 1;
    });
    (first, all)
}

/// Breadth first from the global objects, then from what else the root holds: as DevTools measures distance, because
/// the path through a program's own names is the one a reader understands.
fn search(graph: Graph<'_>) -> Vec<(u32, u32)> {
    let mut by = vec![(NONE, NONE); graph.len()];
    let mut queue: Vec<Node> = Vec::new();
    let mut done = 0;
    let root = graph.root();
    let mut tables = WeakTables::new(graph);
    for synthetic in [false, true] {
        for edge in graph.edges(root).filter(|edge| edge.to != root) {
            let of_round = (graph.kind(edge.to) == NodeType::Synthetic) == synthetic;
            if of_round && by[edge.to.0 as usize].0 == NONE {
                by[edge.to.0 as usize] = (root.0, edge.ordinal());
                queue.push(edge.to);
            }
        }
        while let Some(&node) = queue.get(done) {
            done += 1;
            for edge in graph.edges(node).filter(|edge| tables.keeps(graph, *edge)) {
                if edge.to != root && by[edge.to.0 as usize].0 == NONE {
                    by[edge.to.0 as usize] = (node.0, edge.ordinal());
                    queue.push(edge.to);
                }
            }
        }
    }
    by
}
