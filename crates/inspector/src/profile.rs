//! The sampling heap profile, which arrives whole, as the JSON that DevTools opens.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::wire::{Wire, protocol};

#[derive(Deserialize)]
struct Stopped {
    profile: Box<RawValue>,
}

/// Starts V8's sampling heap profiler, one sample for each `interval` bytes on average.
pub(crate) async fn sampling_start(wire: &mut Wire, interval: u32, within: Duration) -> Result<(), Error> {
    let params = json!({ "samplingInterval": interval });
    wire.call_raw("HeapProfiler.startSampling", params, within).await.map(drop)
}

/// Stops it; returns a `.heapprofile`.
pub(crate) async fn sampling_stop(wire: &mut Wire, within: Duration) -> Result<String, Error> {
    let raw = wire.call_raw("HeapProfiler.stopSampling", json!({}), within).await?;
    let stopped: Stopped = serde_json::from_str(raw.get())
        .map_err(|error| protocol("HeapProfiler.stopSampling", error.to_string()))?;
    Ok(Box::<str>::from(stopped.profile).into())
}
