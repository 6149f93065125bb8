//! What is found out on the graph of a snapshot: each walk once, for all who ask.

mod breadth_first;
pub(crate) mod distances;
pub(crate) mod dominators;
mod late;
mod passing;
pub(crate) mod paths;
pub(crate) mod retainers;
pub(crate) mod walk;
mod weak_maps;
