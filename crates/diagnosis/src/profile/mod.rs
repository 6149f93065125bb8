//! What a profile says of a program: its functions and where people wrote them (`functions`), who called whom (`calls`), those that
//! cost most (`ranked`), and of one that was taken between snapshots, by which of the program's functions a suspect's objects were
//! made (`stacks`).

mod calls;
mod functions;
mod ranked;
mod stacks;

pub use calls::{Call, CallTree, CallTrees, Function, Owner, Unit};
pub(crate) use functions::{Functions, Written};
pub(crate) use ranked::{Ranked, ranked, share};
pub use stacks::Stacks;
pub(crate) use stacks::{Called, Calls, MOSTLY, NEARLY_ALL, Wanted};
