//! The lighter kinds of evidence: profiles, which arrive whole, as the JSON that DevTools opens.

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
    stop(wire, "HeapProfiler.stopSampling", within).await
}

/// Starts the CPU profiler, one sample for each `interval`.
pub(crate) async fn cpu_start(wire: &mut Wire, interval: Duration, within: Duration) -> Result<(), Error> {
    wire.call_raw("Profiler.enable", json!({}), within).await?;
    let params = json!({ "interval": u64::try_from(interval.as_micros()).unwrap_or(u64::MAX) });
    wire.call_raw("Profiler.setSamplingInterval", params, within).await?;
    wire.call_raw("Profiler.start", json!({}), within).await.map(drop)
}

/// Stops it; returns a `.cpuprofile`.
pub(crate) async fn cpu_stop(wire: &mut Wire, within: Duration) -> Result<String, Error> {
    let profile = stop(wire, "Profiler.stop", within).await?;
    wire.call_raw("Profiler.disable", json!({}), within).await?;
    Ok(profile)
}

async fn stop(wire: &mut Wire, method: &'static str, within: Duration) -> Result<String, Error> {
    let raw = wire.call_raw(method, json!({}), within).await?;
    let stopped: Stopped =
        serde_json::from_str(raw.get()).map_err(|error| protocol(method, error.to_string()))?;
    Ok(Box::<str>::from(stopped.profile).into())
}
