//! How steps end.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It exited with 0.
    Success,
    /// It exited with another code, or could not be started.
    Failure,
    /// It took longer than its timeout.
    Timeout,
    /// A person's wish ended it.
    Interrupted,
    /// It did not run.
    Skipped,
}

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
    /// The verdict of the analysis that it ended with.
    pub verdict: Option<String>,
    /// Its sentence.
    pub sentence: Option<String>,
    /// Its suspects, the first ones.
    pub suspects: Vec<Value>,
    /// The session folder that it left.
    pub folder: Option<PathBuf>,
    /// What it printed on stdout, where that is kept.
    pub file: Option<PathBuf>,
    /// The resident memory of the process that `doctor` looked at, in bytes.
    pub memory: Option<u64>,
    /// What its document says went wrong.
    pub error: Option<String>,
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
            verdict: None,
            sentence: None,
            suspects: Vec::new(),
            folder: None,
            file: None,
            memory: None,
            error: None,
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

pub(crate) fn millis<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}
