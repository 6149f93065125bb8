//! An allocation timeline: V8 notes for each object the stack that allocates it, and a snapshot at its end has them all.
//!
//! It is the heaviest there is to do to a process, by what it costs while it lasts: every allocation is noted. It ends with the
//! session, and it can be ended without a snapshot. What lived before it began has no stack.

use std::time::Duration;

use serde_json::json;

use crate::error::Error;
use crate::wire::Wire;

/// Has V8 note every allocation from now on.
pub(crate) async fn start(wire: &mut Wire, within: Duration) -> Result<(), Error> {
    let params = json!({ "trackAllocations": true });
    wire.call_raw("HeapProfiler.startTrackingHeapObjects", params, within).await.map(drop)
}

/// Ends it without a snapshot: `stopTrackingHeapObjects` always takes one. V8 forgets its object ids as well.
pub(crate) async fn off(wire: &mut Wire, within: Duration) -> Result<(), Error> {
    wire.call_raw("HeapProfiler.disable", json!({}), within).await.map(drop)
}
