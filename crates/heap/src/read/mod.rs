//! From the bytes of a file to a [`Snapshot`](snapshot::Snapshot): columns of nodes and edges, with DevTools' shallow sizes.
//!
//! In the order in which data flows: the bytes (`source`), where their sections lie (`sections`) and what the first of them
//! says of the others (`header`); numbers (`scan`, `line`, by two threads: `halves`) and texts (`strings`, `weak_maps`); the tables
//! (`nodes`, `edges`, `locations`); what DevTools changes in them while it loads (`dom`, `ownership`); and all of it
//! (`snapshot`).

pub(crate) mod dom;
pub(crate) mod edges;
mod halves;
pub(crate) mod header;
#[cfg(target_arch = "x86_64")]
mod line;
pub(crate) mod locations;
pub(crate) mod nodes;
pub(crate) mod ownership;
mod scan;
pub(crate) mod sections;
pub(crate) mod snapshot;
pub(crate) mod source;
pub(crate) mod strings;
mod weak_maps;
