//! The name by which the program knows what holds a suspect.
//!
//! An object may have many names: `candidates` finds them, `rank` orders them, `declared` looks each up in the source, and
//! `holder` chooses for a suspect. Which object of the source it then is, `known` tells.

mod candidates;
mod declared;
mod holder;
mod known;
mod rank;

pub(crate) use candidates::names_of;
pub(crate) use declared::pick;
pub(crate) use holder::{Holder, Name, holder};
pub(crate) use known::{known, known_object, known_whole};
