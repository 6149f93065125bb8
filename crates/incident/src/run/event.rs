//! What happens in a run, as it is shown and as it is kept in `events.ndjson`. A name means one thing, in a run and in the hunts of its
//! steps, whose events stand beside these in one stream.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::child::{Outcome, millis};

/// One thing that happened.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "OfARun")]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run begins; its folder exists.
    RunStarted {
        /// The runbook's name.
        runbook: String,
        /// The run's folder.
        folder: PathBuf,
    },
    /// A step begins.
    #[serde(rename = "run_step_started")]
    StepStarted {
        /// Its id.
        step: String,
        /// What it is called.
        name: String,
        /// Its command line.
        command: Vec<String>,
    },
    /// A step failed and is tried again.
    #[serde(rename = "run_step_retried")]
    StepRetried {
        /// Its id.
        step: String,
        /// Its exit code.
        exit_code: u8,
        /// How many tries are left.
        left: u32,
    },
    /// A step is asked to end: its time is over, or a person wishes it.
    #[serde(rename = "run_step_interrupted")]
    StepInterrupted {
        /// Its id.
        step: String,
        /// [`Outcome::Timeout`] or [`Outcome::Interrupted`].
        why: Outcome,
    },
    /// A step has ended, or does not run.
    #[serde(rename = "run_step_ended")]
    StepEnded {
        /// Its id.
        step: String,
        /// What it is called.
        name: String,
        /// How.
        outcome: Outcome,
        /// Its exit code, where it ran.
        exit_code: Option<u8>,
        /// Why, where that is known here.
        reason: Option<String>,
        /// Its sentence, where it has one.
        sentence: Option<String>,
        /// How long it took.
        #[serde(rename = "took_ms", serialize_with = "millis")]
        #[schemars(with = "u64")]
        took: Duration,
    },
    /// The run has ended.
    RunEnded {
        /// How.
        outcome: Outcome,
        /// With which exit code.
        exit_code: u8,
    },
}

/// Takes an event of a step's own command: the step's id, and a line of JSON as the command wrote it.
pub type OfStep<'w> = dyn Fn(&str, &str) + Sync + 'w;

/// Whoever watches a run.
#[derive(Clone, Copy)]
pub struct Watch<'w> {
    /// Is told each event of the run.
    pub event: &'w (dyn Fn(&Event) + Sync),
    /// Is told what happens in its hunts, too, if that is wanted.
    pub of_step: Option<&'w OfStep<'w>>,
}
