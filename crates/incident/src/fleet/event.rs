//! What happens to a fleet, as it is shown.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::child::{Outcome, millis};

/// One thing that happened.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "OfAFleet")]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum FleetEvent {
    /// It begins; its folder exists.
    FleetStarted {
        /// The app.
        fleet: String,
        /// Its dynos.
        members: Vec<String>,
        /// The folder.
        folder: PathBuf,
    },
    /// One has so much memory by the log of its app. All have where any is told, and those with the most are looked at.
    FleetLogged {
        /// Which.
        member: String,
        /// The memory of all its processes, bytes.
        memory: u64,
        /// How many it may have.
        quota: Option<u64>,
        /// When that was logged.
        #[schemars(with = "String", extend("format" = "date-time"))]
        logged_at: Timestamp,
    },
    /// One was looked at.
    FleetLooked {
        /// Which.
        member: String,
        /// The resident memory of the process that would be hunted, bytes.
        memory: Option<u64>,
        /// Why it cannot be hunted.
        reason: Option<String>,
    },
    /// These are hunted.
    FleetChosen {
        /// Which, the most memory first.
        members: Vec<String>,
    },
    /// A hunt begins.
    FleetHuntStarted {
        /// Where.
        member: String,
    },
    /// A hunt has ended.
    FleetHuntEnded {
        /// Where.
        member: String,
        /// How.
        outcome: Outcome,
        /// Its exit code.
        exit_code: Option<u8>,
        /// Its verdict.
        verdict: Option<String>,
        /// What went wrong.
        reason: Option<String>,
        /// How long it took.
        #[serde(rename = "took_ms", serialize_with = "millis")]
        #[schemars(with = "u64")]
        took: Duration,
    },
    /// All have ended.
    FleetEnded {
        /// With which exit code.
        exit_code: u8,
    },
}

/// Whoever watches.
#[derive(Clone, Copy)]
pub struct FleetWatch<'w> {
    /// Is told what happens to the fleet.
    pub event: &'w (dyn Fn(&FleetEvent) + Sync),
    /// Is told what happens in a hunt: where, and a line of JSON as the hunt wrote it.
    pub of_hunt: &'w (dyn Fn(&str, &str) + Sync),
}
