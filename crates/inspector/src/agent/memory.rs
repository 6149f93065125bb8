//! What an isolate has in its heap, and its process in memory.

use std::time::Duration;

use serde::Deserialize;

use super::{Agent, milliseconds, seconds};
use crate::error::Error;
use crate::wire::Wire;

/// One raw reading. `used_size` contains garbage: force a collection before it is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// V8's used heap, in bytes; what `Runtime.getHeapUsage` calls `usedSize`.
    pub used_size: u64,
    /// V8's committed heap, in bytes.
    pub total_size: u64,
    /// Memory outside the heap that objects in it keep, in bytes; `array_buffers` included.
    pub external: u64,
    /// `ArrayBuffer`s and Node's `Buffer`s, in bytes.
    pub array_buffers: u64,
    /// Resident set, in bytes.
    pub rss: u64,
    /// The largest that the resident set has been in the process's life, in bytes; 0 where the system does not tell.
    pub peak_rss: u64,
    /// V8's `heap_size_limit`: beyond it the process dies of a fatal error.
    pub heap_limit: u64,
    /// The container's limit (`process.constrainedMemory`), where there is one and Node tells it.
    pub constrained: Option<u64>,
    /// The process's uptime at the reading.
    pub taken_at_uptime: Duration,
    /// Time that our evaluated code has taken from the application's event loop so far, snapshots excepted.
    pub spent: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MemoryReading {
    used: f64,
    total: f64,
    external: f64,
    buffers: f64,
    rss: f64,
    peak: f64,
    heap_limit: f64,
    constrained: Option<f64>,
    uptime: f64,
    spent: f64,
}

pub(crate) async fn memory(agent: &Agent, wire: &mut Wire, within: Duration) -> Result<Memory, Error> {
    let reading: MemoryReading = agent.ask(wire, "memory", &[], within).await?;
    Ok(Memory {
        used_size: reading.used as u64,
        total_size: reading.total as u64,
        external: reading.external as u64,
        array_buffers: reading.buffers as u64,
        rss: reading.rss as u64,
        peak_rss: reading.peak as u64,
        heap_limit: reading.heap_limit as u64,
        constrained: reading.constrained.map(|bytes| bytes as u64),
        taken_at_uptime: seconds(reading.uptime),
        spent: milliseconds(reading.spent),
    })
}
