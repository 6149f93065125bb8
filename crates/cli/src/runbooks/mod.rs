//! Runbooks: what the crate `incident` must know of this command line, and how what it finds is drawn.

mod described;
mod drawn;

pub(crate) use described::described;
pub(crate) use drawn::{InJson, drawn, in_json};
