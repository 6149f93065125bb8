//! What became of a step.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::child::{Answer, Outcome, millis};

/// What is known of a step when it has ended.
#[derive(Debug, Clone, Serialize)]
pub struct StepResult {
    /// Its id.
    pub id: String,
    /// What it is called on the screen.
    pub name: String,
    /// The command line, as it was run; empty where it was not.
    pub command: Vec<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Its exit code, where it ran.
    pub exit_code: Option<u8>,
    /// Why it failed or was skipped, where that is known here.
    pub reason: Option<String>,
    /// How long it took.
    #[serde(rename = "took_ms", serialize_with = "millis")]
    pub took: Duration,
    /// How often it was tried.
    pub tries: u32,
    /// What it printed on stdout, where that is kept.
    pub file: Option<PathBuf>,
    /// What its document says.
    #[serde(flatten)]
    pub answer: Answer,
}

impl StepResult {
    pub(super) fn new(id: &str, name: String, outcome: Outcome) -> Self {
        Self {
            id: id.to_owned(),
            name,
            command: Vec::new(),
            outcome,
            exit_code: None,
            reason: None,
            took: Duration::ZERO,
            tries: 0,
            file: None,
            answer: Answer::default(),
        }
    }

    pub(super) fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    pub(super) fn with_code(mut self, code: u8) -> Self {
        self.exit_code = Some(code);
        self
    }
}
