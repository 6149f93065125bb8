//! What set a hunt or a runbook off.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::source::cut;

/// An alarm, as a runbook can ask for it: `trigger.code`, `trigger.dyno`, …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The condition that holds: `R14`, `mem>80% for 5m`.
    pub code: String,
    /// The dyno that complains.
    pub dyno: String,
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// Its memory then, in bytes, where that was logged.
    #[serde(default)]
    pub mem: Option<u64>,
    /// Its quota, in bytes.
    #[serde(default)]
    pub quota: Option<u64>,
    /// The line of the log.
    #[serde(default)]
    pub line: String,
}

impl Trigger {
    /// A line of the log as it is passed on.
    pub(super) fn shown(bytes: &[u8]) -> String {
        cut(&String::from_utf8_lossy(bytes), 500).to_owned()
    }
}
