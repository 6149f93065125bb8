//! A heap snapshot is downloaded, by one of two routes.
//!
//! Both pause the application for as long as V8 needs to build the snapshot, and neither holds more of it here than a
//! few blocks: bytes go straight into the sink, and while the sink works nothing is read.

mod codec;
mod file;
mod stream;

use std::time::Duration;

use serde_json::json;

use crate::error::Error;
use crate::wire::Wire;

pub(crate) use file::{Agents, Blocks, Opened, file, pull};
pub(crate) use stream::{Of, stream};

/// How far a snapshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// V8 builds it; the application is paused. Units are V8's own.
    Taking {
        /// Of `total`.
        done: u64,
        /// V8's guess.
        total: u64,
    },
    /// Its bytes arrive.
    Receiving {
        /// Bytes handed to the sink so far.
        bytes: u64,
        /// Bytes in all, where that is known beforehand.
        total: Option<u64>,
    },
}

/// The snapshot is complete in the sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Bytes handed to the sink.
    pub bytes: u64,
    /// Bytes of the messages that brought them.
    pub wire_bytes: u64,
    /// For how long the application was paused.
    pub pause: Duration,
    /// Was `pause` measured in the application? If not it is an upper bound, as seen from here.
    pub pause_measured: bool,
    /// From the request to the last byte.
    pub wall: Duration,
    /// How it came.
    pub route: Route,
}

/// Lets go of what the program has printed: while a client is attached, V8 keeps the last thousand messages for it, with all
/// that they show. Tried on Node 18 to 26: nothing but those goes, `console.count` and `console.time` are Node's own.
async fn discard_console(wire: &mut Wire, within: Duration) -> Result<(), Error> {
    wire.call_raw("Runtime.discardConsoleEntries", json!({}), within).await.map(drop)
}

/// By which route a snapshot was downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// As `HeapProfiler.takeHeapSnapshot` chunks.
    Stream,
    /// Through a file on the application's disk.
    File {
        /// How its blocks were compressed.
        codec: Codec,
        /// The file had a name while it was written, since the system there cannot reopen a descriptor.
        named: bool,
    },
}

/// How blocks are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// zstd, level 1; each frame with its checksum. Node 22.15 and later.
    Zstd,
    /// brotli, quality 2; a SHA-256 goes with each block.
    Brotli,
}

/// How the file route works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRoute {
    /// Bytes a block. Larger blocks keep the application's event loop longer (1 MiB: 20 to 60 ms now and then).
    pub block: u32,
    /// Blocks under way at once; the more, the less the round trip matters.
    pub in_flight: u8,
    /// A directory there, see [`Session::disk`](crate::Session::disk).
    pub directory: String,
    /// Where more bytes than these are announced, none is fetched.
    pub most: u64,
    /// How long the pause may take. Nothing is heard meanwhile, so a dead connection is told from it by time alone.
    pub patience: Duration,
}

impl FileRoute {
    /// 1 MiB blocks, four in flight: at 80 ms round trip and 10 MB/s the fastest that kept the event loop quiet. Ten
    /// minutes of patience (measured: 113 s for a heap of 979 MB).
    pub fn new(directory: impl Into<String>) -> Self {
        Self {
            block: 1 << 20,
            in_flight: 4,
            directory: directory.into(),
            most: u64::MAX,
            patience: Duration::from_secs(600),
        }
    }
}
