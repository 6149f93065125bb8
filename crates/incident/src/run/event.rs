//! What happens in a run, as it is shown and as it is kept in `events.ndjson`.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::outcome::{Outcome, millis};

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
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
    StepStarted {
        /// Its id.
        step: String,
        /// What it is called.
        name: String,
        /// Its command line.
        command: Vec<String>,
    },
    /// A step failed and is tried again.
    StepRetried {
        /// Its id.
        step: String,
        /// Its exit code.
        exit_code: u8,
        /// How many tries are left.
        left: u32,
    },
    /// A step is asked to end: its time is over, or a person wishes it.
    StepInterrupted {
        /// Its id.
        step: String,
        /// [`Outcome::Timeout`] or [`Outcome::Interrupted`].
        why: Outcome,
    },
    /// A step has ended, or does not run.
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
