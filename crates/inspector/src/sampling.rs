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
struct Told {
    profile: Box<RawValue>,
}

/// Starts V8's sampling heap profiler, one sample for each `interval` bytes on average.
pub(crate) async fn start(wire: &mut Wire, interval: u32, within: Duration) -> Result<(), Error> {
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
pub(crate) async fn stop(
    wire: &mut Wire,
    dead_man: Option<&Agent>,
    within: Duration,
) -> Result<(String, Duration), Error> {
    read(wire, dead_man, "HeapProfiler.stopSampling", within).await
}

/// What lives at this moment of all that was allocated since it was started, which goes on: as [`stop`] tells it.
pub(crate) async fn cut(
    wire: &mut Wire,
    dead_man: &Agent,
    within: Duration,
) -> Result<(String, Duration), Error> {
    read(wire, Some(dead_man), "HeapProfiler.getSamplingProfile", within).await
}

async fn read(
    wire: &mut Wire,
    dead_man: Option<&Agent>,
    method: &'static str,
    within: Duration,
) -> Result<(String, Duration), Error> {
    let (raw, pause) = match dead_man {
        Some(dead_man) => {
            let limit = Waiting::new("reading the sampling profile", within, within);
            agent::clocked(dead_man, wire, method, &limit).await?
        }
        None => (wire.call_raw(method, json!({}), within).await?, Duration::ZERO),
    };
    let told: Told = serde_json::from_str(raw.get()).map_err(|error| protocol(method, error.to_string()))?;
    Ok((Box::<str>::from(told.profile).into(), pause))
}
