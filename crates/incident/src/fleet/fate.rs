//! What became of one dyno.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::child::{Answer, Outcome, millis};

/// What became of one.
#[derive(Debug, Clone, Serialize)]
pub struct Fate {
    /// Its name.
    pub name: String,
    /// What is known of it.
    pub facts: BTreeMap<String, String>,
    /// How its hunt ended.
    pub outcome: Outcome,
    /// With which exit code, where it was hunted or could not be.
    pub exit_code: Option<u8>,
    /// Why it was not hunted.
    pub reason: Option<String>,
    /// How long the hunt took.
    #[serde(rename = "took_ms", serialize_with = "millis")]
    pub took: Duration,
    /// What the hunt found out, or the look where there was none.
    #[serde(flatten)]
    pub answer: Answer,
}

impl Fate {
    pub(super) fn new(name: &str, outcome: Outcome) -> Self {
        Self {
            name: name.to_owned(),
            facts: BTreeMap::new(),
            outcome,
            exit_code: None,
            reason: None,
            took: Duration::ZERO,
            answer: Answer::default(),
        }
    }
}
