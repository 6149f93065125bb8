//! A runbook, run.
//!
//! A step is a command line, started as a child in a process group of its own ([`leakhunt_host::Process`]): leakhunt itself, or a
//! shell. What leakhunt's commands answer goes into files of the run's folder, one document a step, from which the facts are read that
//! later steps ask for; what they tell a person goes to stderr.
//!
//! States of a run: *going* → (a step failed) *failed* → ended, or (a person's wish) *interrupted* → ended. Once it is no longer
//! going, only steps with `always` run. A step that is interrupted, or takes longer than its `timeout`, gets SIGINT and time to clean up,
//! as a hunt needs; whoever does not use it is ended with its group. Where the run itself is killed, a command of ours sees its stdin end,
//! and ends in order; a shell command goes on. Whatever happens, each step ends with an [`Outcome`](crate::Outcome), and
//! `run.json` is written after each.

mod dry;
mod event;
mod facts;
mod inputs;
mod outcome;
mod plan;
mod record;
mod steps;
mod triggered;
mod words;

pub use dry::{Dry, dry_run};
pub use event::{Event, OfStep, Watch};
pub use inputs::{Inputs, take as take_inputs};
pub use outcome::StepResult;
pub use plan::{Plan, Selection};
pub use record::Ran;
pub use steps::run;
pub use triggered::take as take_trigger;
