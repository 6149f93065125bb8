//! What every kind of hunt shares: options into a plan, signals into an interrupt, the end into words and an exit code.

mod end;
mod hold;
mod judging;
mod options;
mod run;

pub(crate) use options::{Options, Profile, Route, plan, writable};
pub(crate) use run::{Listening, hunt, runtime};
