//! Snapshots, oldest first, become sites: what grows, and under which object that was there all along.

pub(crate) mod classes;
pub(crate) mod columns;
pub(crate) mod compared;
pub(crate) mod draft;
pub(crate) mod growth;
mod homes;
pub(crate) mod id_space;
pub(crate) mod ids;
pub(crate) mod load;
pub(crate) mod parts;
pub(crate) mod trend;
