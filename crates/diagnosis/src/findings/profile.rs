//! What profiles tell.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, Package};

/// A place that allocated what was still alive when the sampling profile ended. Those for which one function of the program's
/// own is answerable stand together, and first those of the function for which memory has grown most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Allocation {
    /// 1 has most.
    pub rank: usize,
    /// The function that allocated; empty for the program's top level and functions without a name.
    pub function: String,
    /// Where it is; none for V8's own.
    pub location: Option<Location>,
    /// Where that is before bundling, if a source map tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_location: Option<Location>,
    /// Where the program's own code called it, if it is a package's or Node's.
    pub called_from: Option<Location>,
    /// The line of that function, or of one that it calls, by which what is allocated for it is allocated or kept. Told of the
    /// first place of a function, where the source tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<KeepingLine>,
    /// Bytes that live, as far as the samples tell.
    pub self_size: u64,
    /// By how many bytes that has grown from the first cut of the profile to the second, as far as what had been allocated by the
    /// first lives on; none where there is one cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grown: Option<u64>,
    /// Of all that has grown, or else of all that the profile saw alive, from 0 to 1.
    pub share: f64,
}

/// A line within a function of which a profile knows the beginning alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeepingLine {
    /// Where it is, before bundling if a source map tells.
    pub location: Location,
    /// What is called there, or given something, as it is written.
    pub code: String,
    /// The profile saw the function call that, and it does so on no other line. Otherwise the source alone tells, and it may be
    /// another line.
    pub is_seen: bool,
}

/// Where the program's time went while a CPU profile was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cpu {
    /// How long the profile lasted.
    pub lasted_ms: u64,
    /// The share of that in which the program had something to do, from 0 to 1.
    pub busy: f64,
    /// The share of the busy time in which V8 collected garbage.
    pub garbage_collection: f64,
    /// The share of the busy time that was spent outside of JavaScript: in V8, in Node, in the system.
    pub native: f64,
    /// What the event loop did meanwhile, where a hunt has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_loop: Option<EventLoop>,
    /// The functions that took most by themselves.
    pub functions: Vec<Hot>,
}

/// How late the event loop was, and how busy.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventLoop {
    /// How late its timers were on average.
    pub mean_delay_ms: f64,
    /// Of the latest hundredth, the least late.
    pub p99_delay_ms: f64,
    /// The latest one.
    pub max_delay_ms: f64,
    /// The share of the time in which it had something to do, from 0 to 1.
    pub utilization: f64,
}

/// A function that took time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hot {
    /// 1 took most by itself.
    pub rank: usize,
    /// Its name; empty for the program's top level and functions without a name.
    pub function: String,
    /// Where it begins; none for V8's own.
    pub location: Option<Location>,
    /// Where that is before bundling, if a source map tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_location: Option<Location>,
    /// Where the program's own code called it, if it is a package's or Node's.
    pub called_from: Option<Location>,
    /// Its package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Package>,
    /// What it took by itself.
    pub self_ms: f64,
    /// With all that it called.
    pub total_ms: f64,
    /// What it took by itself, of the busy time, from 0 to 1.
    pub share: f64,
}
