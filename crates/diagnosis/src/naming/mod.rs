//! The name by which the program knows what holds a suspect.
//!
//! An object may have many names: `candidates` finds them, `rank` orders them, `declared` looks each up in the source, and
//! `holder` chooses for a suspect.

mod candidates;
mod declared;
mod holder;
mod rank;

pub(crate) use candidates::names_of;
pub(crate) use declared::pick;
pub(crate) use holder::{Holder, Name, holder};
