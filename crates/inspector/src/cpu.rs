//! The CPU profile, which arrives whole, as the JSON that DevTools opens.
//!
//! V8 runs one for each session that asks for one, so nobody else's is in the way; it ends with the session. For its start V8 lists
//! every function that there is code for, and the application stands still meanwhile.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::agent::{self, Agent};
use crate::error::Error;
use crate::wire::{Waiting, Wire, protocol};

#[derive(Deserialize)]
struct Stopped {
    profile: Box<RawValue>,
}

/// Starts V8's CPU profiler, one sample in each `interval`. Returns for how long that kept the application from its work.
pub(crate) async fn start(
    wire: &mut Wire,
    dead_man: &Agent,
    interval: Duration,
    within: Duration,
) -> Result<Duration, Error> {
    let microseconds = u32::try_from(interval.as_micros()).unwrap_or(u32::MAX);
    wire.call_raw("Profiler.enable", json!({}), within).await?;
    wire.call_raw("Profiler.setSamplingInterval", json!({ "interval": microseconds }), within).await?;
    let limit = Waiting::new("starting the CPU profiler", within, within);
    agent::clocked(dead_man, wire, "Profiler.start", &limit).await.map(|(_, pause)| pause)
}

/// Stops it; returns a `.cpuprofile`, and for how long that kept the application from its work.
pub(crate) async fn stop(
    wire: &mut Wire,
    dead_man: &Agent,
    within: Duration,
) -> Result<(String, Duration), Error> {
    const STOP: &str = "Profiler.stop";
    let limit = Waiting::new("stopping the CPU profiler", within, within);
    let (raw, pause) = agent::clocked(dead_man, wire, STOP, &limit).await?;
    let stopped: Stopped =
        serde_json::from_str(raw.get()).map_err(|error| protocol(STOP, error.to_string()))?;
    off(wire, within).await?;
    Ok((Box::<str>::from(stopped.profile).into(), pause))
}

/// Switches it off, whether it runs or not.
pub(crate) async fn off(wire: &mut Wire, within: Duration) -> Result<(), Error> {
    wire.call_raw("Profiler.disable", json!({}), within).await.map(drop)
}
