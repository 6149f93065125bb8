//! The sampling heap profile, which arrives whole, as the JSON that DevTools opens.
//!
//! A process has one sampler. A second start does nothing, and the stop that belongs to it ends the first (Node 18 to 26): so
//! it is looked whether one runs, and that one is left alone. It ends with the session that has started it, and touches
//! neither snapshots nor object ids: each living sample is one weak handle among the global ones.

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

/// Starts V8's sampling heap profiler, one sample for each `interval` bytes on average.
pub(crate) async fn sampling_start(wire: &mut Wire, interval: u32, within: Duration) -> Result<(), Error> {
    match wire.call_raw("HeapProfiler.getSamplingProfile", json!({}), within).await {
        Err(Error::Refused { .. }) => {}
        Err(error) => return Err(error),
        Ok(_) => {
            let why = "one runs already, which is left alone".to_owned();
            return Err(Error::Refused { what: "a second sampling profiler", why });
        }
    }
    let params = json!({ "samplingInterval": interval });
    wire.call_raw("HeapProfiler.startSampling", params, within).await.map(drop)
}

/// Stops it; returns a `.heapprofile`, and how long V8 kept the application from its work for it: a garbage collection comes
/// first. As the process's own clock has it, where a dead-man can be asked.
pub(crate) async fn sampling_stop(
    wire: &mut Wire,
    dead_man: Option<&Agent>,
    within: Duration,
) -> Result<(String, Duration), Error> {
    const STOP: &str = "HeapProfiler.stopSampling";
    let (raw, pause) = match dead_man {
        Some(dead_man) => {
            let limit = Waiting::new("stopping the sampling profiler", within, within);
            agent::clocked(dead_man, wire, STOP, &limit).await?
        }
        None => (wire.call_raw(STOP, json!({}), within).await?, Duration::ZERO),
    };
    let stopped: Stopped =
        serde_json::from_str(raw.get()).map_err(|error| protocol(STOP, error.to_string()))?;
    Ok((Box::<str>::from(stopped.profile).into(), pause))
}
