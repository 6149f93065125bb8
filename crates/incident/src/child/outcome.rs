//! How a command ends.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

/// How a step, or one hunt of several, ended.
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

pub(crate) fn millis<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}
