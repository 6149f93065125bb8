//! Taking the evidence: observations, snapshots by growth, a sampling profile, a CPU profile, an allocation timeline.

mod allocations;
mod beside;
mod cpu_profile;
mod enough;
mod growth_trigger;
mod id_space;
mod memory;
mod numbers;
mod observe;
mod packages;
mod profile;
mod route;
mod sampling_profile;
mod snapshot;
mod snapshots;
mod source_maps;
mod timeline;

pub(crate) use self::cpu_profile::cpu;
pub(crate) use self::observe::observe;
pub(crate) use self::packages::note_packages;
pub(crate) use self::sampling_profile::{instead, sampling};
pub(crate) use self::snapshots::{Sampled, sample};
pub(crate) use self::source_maps::fetch;
pub(crate) use self::timeline::{is_admitted, timeline};
