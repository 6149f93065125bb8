//! A command line of leakhunt's own, or of a shell, as a child: what a step of a runbook and a hunt of a fleet both are.

mod answer;
mod answered;
mod files;
mod follow;
mod outcome;
mod process;

pub use answer::Answer;
pub(crate) use answered::{Answered, Files, answered};
pub(crate) use files::{new_file, new_folder};
pub(crate) use follow::Follow;
pub use outcome::Outcome;
pub(crate) use outcome::millis;
pub(crate) use process::{Ended, NOT_CONFIRMED, Wishes, run};
