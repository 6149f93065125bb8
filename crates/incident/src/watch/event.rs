//! What happens in a watch.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use leakhunt_host::CommandLine;
use schemars::JsonSchema;
use serde::Serialize;

use crate::child::millis;

use super::policy::Decision;
use super::watcher::Counted;

/// One thing that happened.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Happened")]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Event {
    /// The watch begins.
    Watching {
        /// The app.
        app: String,
        /// What is watched for.
        conditions: Vec<String>,
        /// The hunts of the last 24 hours that an earlier watch began.
        hunts: usize,
    },
    /// What an earlier watch left is not believed; a hunt is taken to have just ended.
    StateReplaced {
        /// Why.
        why: String,
    },
    /// Something is done about an alarm, or not. A decision is an act of its own name, so whoever writes this writes that.
    #[serde(skip)]
    Decided {
        /// What.
        decision: Decision,
        /// What is run.
        command: Option<CommandLine>,
    },
    /// A hunt has ended.
    HuntEnded {
        /// On which dyno.
        dyno: String,
        /// How.
        exit_code: u8,
        /// The verdict of its analysis.
        verdict: Option<String>,
        /// Its sentence.
        sentence: Option<String>,
        /// The session folder.
        session: Option<PathBuf>,
        /// What went wrong.
        error: Option<String>,
        /// How long it took.
        #[serde(rename = "took_ms", serialize_with = "millis")]
        #[schemars(with = "u64")]
        took: Duration,
    },
    /// A session folder was removed, since there were more than are kept.
    SessionRemoved {
        /// Which one.
        session: PathBuf,
        /// Why it is still there, where it could not be removed.
        error: Option<String>,
    },
    /// What has to outlive the watch cannot be written: a disk is full. It goes on, and starts no hunt until it can.
    StateNotKept {
        /// Why.
        error: String,
    },
    /// Lines between these times may be missing.
    Gap {
        /// The last line before.
        #[schemars(with = "String", extend("format" = "date-time"))]
        from: Timestamp,
        /// The first line after.
        #[schemars(with = "String", extend("format" = "date-time"))]
        to: Timestamp,
    },
    /// The connection to the log is over; there will be another.
    Disconnected {
        /// Why.
        why: String,
        /// How often in a row, without a line between.
        tries: u32,
        /// After how long it is tried again.
        #[serde(rename = "again_in_ms", serialize_with = "millis")]
        #[schemars(with = "u64")]
        again: Duration,
    },
    /// The clock on the wall went further than time did: this machine slept, or its clock was set.
    Slept {
        /// By how much.
        #[serde(rename = "by_ms", serialize_with = "millis")]
        #[schemars(with = "u64")]
        by: Duration,
    },
    /// It is still at work.
    Heartbeat {
        /// What was read so far.
        #[serde(flatten)]
        counted: Counted,
        /// The time of the last line.
        #[schemars(with = "Option<String>")]
        latest: Option<Timestamp>,
        /// Whether a condition waits for samples of memory that were never logged.
        lacks_samples: bool,
    },
}

/// Takes an event of a hunt: its dyno, and a line of JSON as the hunt wrote it.
pub type OfHunt<'l> = dyn Fn(&str, &str) + Sync + 'l;
