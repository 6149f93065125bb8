//! The names that a program has for an object, and where they are declared.

pub(crate) mod candidates;
pub(crate) mod holder;
