//! Several dynos of one app: they are looked at, the ones that were chosen are hunted side by side, and what they have in common is told.
//!
//! ```text
//! members ─► looks ─────────► choice ─► hunts ──────────────► alike ─────────────────► Hunted, and a folder
//!            doctor, reads      rank     leakhunt itself        same holder and line     fleet.json
//! ```
//!
//! A look and a hunt are this very program, started as a child with the words that a person would type and `--json`: what a hunt of
//! one dyno does and leaves is what a hunt of several does and leaves, once each. They run side by side, up to a limit, for each has a
//! tunnel of its own. One that fails stops no other. A look that says no is an answer: that dyno is not hunted. Where the log of the app
//! tells how much memory each has now, and those with the most are wanted, only these are looked at, and the next where one says no.

mod alike;
mod event;
mod fate;
mod hunt;
mod hunted;
mod plan;
mod record;

pub use alike::Leak;
pub use event::{FleetEvent, FleetWatch};
pub use fate::{Fate, MemoryFrom};
pub use hunt::hunt_fleet;
pub use hunted::Hunted;
pub use plan::{Choice, Fleet, Member};

#[cfg(test)]
mod tests;
