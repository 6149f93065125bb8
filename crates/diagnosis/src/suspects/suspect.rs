//! A cluster with the path by which it is reached, followed once.

use super::cluster::Cluster;
use crate::graph::{Edge, Node};
use crate::series::growth::What;
use crate::view::View;

/// A cluster, and the path from its example up to the roots.
pub(crate) struct Suspect {
    pub(crate) cluster: Cluster,
    /// What keeps the growing objects: the container or, where one of its variables holds a collection, that.
    pub(crate) holder: Node,
    /// A shortest path to the example, its last reference first.
    pub(crate) path: Vec<Edge>,
    /// So many of them lie between the container and the example.
    below: usize,
}

impl Suspect {
    pub(crate) fn of(cluster: Cluster, view: &View<'_>) -> Self {
        let path: Vec<Edge> = view.path_up(cluster.example).collect();
        let below = match path.iter().position(|edge| edge.from == cluster.container) {
            Some(at) if cluster.example != cluster.container => at + 1,
            _ => 0,
        };
        // A list that is replaced by a longer one at each step: the variable is the holder, the list what it holds.
        let in_slot = cluster.slot.as_ref().and_then(|_| path[..below].last()).map(|edge| edge.to);
        let holder = in_slot.filter(|target| view.is_collection(*target)).unwrap_or(cluster.container);
        Self { cluster, holder, path, below }
    }

    /// Something that grows below a container.
    #[cfg(test)]
    pub(crate) fn below(container: Node, example: Node, view: &View<'_>) -> Self {
        Self::of(Cluster::empty(container, None, example, 0), view)
    }

    /// The references between the container and the example, the one next to the example first; none where the container is
    /// not on the path.
    pub(crate) fn between(&self) -> &[Edge] {
        &self.path[..self.below]
    }

    /// The example, and what lies between it and the container.
    pub(crate) fn objects(&self) -> impl Iterator<Item = Node> + '_ {
        std::iter::once(self.cluster.example).chain(self.between().iter().map(|edge| edge.to))
    }

    /// What came later: those of them that are no part of another object, unless the container itself is the example.
    pub(crate) fn new_objects<'s>(&'s self, view: &'s View<'_>) -> impl Iterator<Item = Node> + 's {
        self.between().iter().map(|edge| edge.to).filter(|node| !view.is_part(*node))
    }

    /// The container's own bytes grow.
    pub(crate) fn is_in_place(&self) -> bool {
        self.cluster.first_site().what == What::Itself
    }
}
