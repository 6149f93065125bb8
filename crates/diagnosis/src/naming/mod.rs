//! The name by which the program knows what holds a suspect.
//!
//! An object may have many names: `candidates` finds them, `rank` orders them, `declared` looks each up in the source, and
//! `holder` chooses for a suspect. `ways` are how one gets from a name to what it leads to, and back. Which object of the source it then is, `known` tells.

mod candidates;
mod declared;
mod holder;
mod known;
mod rank;
mod ways;

pub(crate) use candidates::{name_of_key, names_of};
pub(crate) use declared::{fields_of, pick};
pub(crate) use holder::{By, Holder, Name, Reached, holder};
pub(crate) use known::{known, known_object, known_whole};
