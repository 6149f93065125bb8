//! The way out: the undo stack from the top, each step with its own deadline, none skipped because another failed. What was
//! found out on it of a process that ended is in [`loss`].

mod by_hand;
mod inspector;
mod inspector_line;
mod local_port;
pub(crate) mod loss;
mod patience;
mod session;
mod steps;

pub(crate) use self::by_hand::by_hand;
pub(crate) use self::steps::teardown;
