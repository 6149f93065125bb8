//! What DevTools' views show, a file each: Summary and Statistics, Comparison (of two, and of a series), Retainers, the node
//! table, and texts. For a comparison no graph is needed: a `census` of each snapshot does.

pub(crate) mod census;
pub(crate) mod compare;
mod display;
pub(crate) mod export;
pub(crate) mod facts;
pub(crate) mod holders;
pub(crate) mod id_space;
pub(crate) mod series;
pub(crate) mod statistics;
pub(crate) mod summary;
pub(crate) mod text;
