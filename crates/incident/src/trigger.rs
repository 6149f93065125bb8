//! What set a run off: an alarm, told to it field by field.

use std::collections::BTreeMap;

use jiff::Timestamp;
use leakhunt_text::cut_tokens;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::source::cut;

/// What there is in it, under the names that expressions and the command line use.
pub(crate) const FIELDS: [&str; 6] = ["code", "dyno", "at", "mem", "quota", "line"];

/// What a run is told of it, by `--trigger FIELD=VALUE`; nothing where a person started it.
pub type Triggered = BTreeMap<String, Value>;

/// An alarm, as a runbook can ask for it: `trigger.code`, `trigger.dyno`, …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The condition that holds: `R14`, `mem>80% for 5m`.
    pub code: String,
    /// The dyno that complains.
    pub dyno: String,
    /// When, by the platform's clock.
    #[schemars(with = "String", extend("format" = "date-time"))]
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
    /// A line of the log as it is passed on: no more than a command line takes, and no secret that is known by how it begins.
    pub(crate) fn shown(bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}");
        cut_tokens(cut(&text, 500)).into_owned()
    }

    /// What is known of it, field by field, as `leakhunt run --trigger` takes it.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let of = |field| match field {
            "code" => Some(self.code.clone()),
            "dyno" => Some(self.dyno.clone()),
            "at" => Some(self.at.to_string()),
            "mem" => self.mem.map(|mem| mem.to_string()),
            "quota" => self.quota.map(|quota| quota.to_string()),
            _ => Some(self.line.clone()),
        };
        FIELDS.iter().filter_map(|field| Some((*field, of(field)?))).collect()
    }
}
