//! What was taken and kept, as `session.json` tells of it.

use serde::Serialize;

use super::cost::Prediction;
use super::plan::Route;

/// One complete snapshot.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    /// File name in the folder.
    pub file: String,
    /// Of the file, in hex.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// Number of nodes.
    pub nodes: u64,
    /// Number of edges.
    pub edges: u64,
    /// When it was asked for.
    pub taken_at: jiff::Timestamp,
    /// Used heap plus external memory before it, after GC, bytes.
    pub used_size: u64,
    /// Resident set before it, bytes.
    pub rss: u64,
    /// Resident set after it, bytes; what it left behind is no growth of the app's. Not known where the hunt ended with it.
    pub rss_after: Option<u64>,
    /// What was predicted for it.
    pub predicted: Prediction,
    /// How long the app stood still, milliseconds.
    pub pause_ms: u64,
    /// From the request to the verified file, milliseconds.
    pub wall_ms: u64,
    /// Bytes that crossed the wire.
    pub wire_bytes: u64,
    /// `file` or `stream`.
    pub route: Route,
    /// Snapshots of one number share their object ids; between two numbers a comparison by id is meaningless.
    pub id_space: u32,
}

/// One complete sampling heap profile.
#[derive(Debug, Clone, Serialize)]
pub struct Profiled {
    /// File name in the folder.
    pub file: String,
    /// Of the file, in hex.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// When it began.
    pub taken_at: jiff::Timestamp,
    /// How long it lasted, milliseconds.
    pub duration_ms: u64,
    /// Bytes a sample, on average.
    pub interval: u32,
    /// Used heap plus external memory at its end, after GC, bytes.
    pub used_size: u64,
    /// Resident set at its end, bytes.
    pub rss: u64,
}

/// One reading of memory, for the chart.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// When.
    pub at: jiff::Timestamp,
    /// Used heap, bytes. What a snapshot's `used_size` is, this and `external` are together.
    pub heap_used: u64,
    /// External memory, bytes.
    pub external: u64,
    /// Array buffers (part of external), bytes.
    pub array_buffers: u64,
    /// Resident set, bytes.
    pub rss: u64,
    /// After a forced GC?
    pub collected: bool,
}
