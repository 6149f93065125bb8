//! What happens to a fleet, as it is shown.

use std::path::PathBuf;
use std::time::Duration;

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
    /// One was looked at.
    FleetLooked {
        /// Which.
        member: String,
        /// Its resident memory, bytes.
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
