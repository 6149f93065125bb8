//! Alarms: an app's log is followed, and the dyno that complains is hunted, once.
//!
//! ```text
//! bytes ─► log::Line ─► stream ─► dynos ─► policy ─► Decision
//!           what is said   each once   what holds   a hunt, or why none
//! ```
//!
//! Up to the decision all is pure, with a clock that is passed in; so a saved log can be replayed with its own ([`replay()`]), and the
//! same log comes to the same decisions. [`watch`] follows the log as it grows, by the CLI, and starts the hunts. Everything is bounded, for a watch is left alone for weeks: dynos that vanish are forgotten, and
//! of each no more is kept than two hours of its memory.

mod condition;
mod dynos;
mod event;
mod growth;
mod hunting;
mod kept;
mod live;
mod pace;
mod policy;
mod replay;
mod sessions;
mod stream;
mod watcher;

pub use condition::Condition;
pub use event::{Event, OfHunt};
pub use live::{Ended, Live, watch};
pub use policy::{Because, Decision, Rules};
pub use replay::{Replayed, replay};
pub use stream::Gap;
pub use watcher::{Counted, Orders};

#[cfg(test)]
mod tests;
