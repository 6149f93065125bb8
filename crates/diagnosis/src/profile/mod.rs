//! A sampling heap profile: V8's call tree (`tree`), in which a node's `selfSize` is what its own frame allocated while the
//! profiler ran and was still alive at its end, scaled up from the samples; and beside snapshots, by which of the program's
//! functions a suspect's objects were made (`stacks`).

mod stacks;
mod tree;

pub use stacks::Stacks;
pub(crate) use stacks::{Called, Calls, MOSTLY, Wanted};
pub use tree::BadProfile;
pub(crate) use tree::{Frame, nodes};
