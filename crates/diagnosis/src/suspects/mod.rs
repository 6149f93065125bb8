//! Sites become suspects: growth that is one leak is one cluster, at the object that holds it.

pub(crate) mod chain;
pub(crate) mod cluster;
