//! Runbooks: what the crate `incident` must know of this command line, and how what it finds is drawn.

mod described;
mod drawn;
mod dry;
pub(crate) mod given;
mod progress;

pub(crate) use described::described;
pub(crate) use drawn::{InJson, drawn, in_json};
pub(crate) use dry::print_dry;
pub(crate) use progress::{ending, show};
