//! The session against real Node processes, and against peers that misbehave.

mod dead_man;
mod entered;
mod hostile;
mod hostile_apps;
mod node;
mod outside;
mod packages;
mod session;
mod snapshot;
mod sources;
mod workers;
