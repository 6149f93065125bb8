//! What a hunt read of the process beside its evidence, as `session.json` has it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// One reading of memory, in bytes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Reading {
    /// When.
    pub at: Timestamp,
    /// Used heap; earlier sessions called it as the snapshots call heap and external memory together.
    #[serde(alias = "used_size")]
    pub heap_used: u64,
    /// External memory.
    #[serde(default)]
    pub external: u64,
    /// Array buffers.
    #[serde(default)]
    pub array_buffers: u64,
    /// Resident set.
    #[serde(default)]
    pub rss: u64,
    /// After a forced garbage collection?
    #[serde(default)]
    pub collected: bool,
}

/// What a snapshot does not show, at one moment.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct Beside {
    /// What the process had open.
    pub descriptors: Option<Descriptors>,
    /// How many resources kept the event loop alive, by kind.
    pub resources: Option<BTreeMap<String, u64>>,
    /// The other threads that answered.
    pub workers: Option<Vec<WorkerHeap>>,
    /// What of the process was resident.
    pub mappings: Option<Mappings>,
}

/// A reading after a garbage collection, with what no snapshot shows.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Observation {
    /// When, and what memory was.
    #[serde(flatten)]
    pub reading: Reading,
    /// And what else there was.
    #[serde(flatten)]
    pub beside: Beside,
}

/// Open file descriptors, by what they are.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct Descriptors {
    /// How many there are.
    pub all: u64,
    /// Connections and listeners.
    pub sockets: u64,
    /// Pipes.
    pub pipes: u64,
    /// Files and folders.
    pub files: u64,
    /// Anything else.
    pub others: u64,
}

/// The heap of a thread that was not hunted.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct WorkerHeap {
    /// Its `threadId`; 0 is the main thread.
    pub thread: u64,
    /// The name that the program gave it.
    pub name: Option<String>,
    /// The URL of its script.
    pub script: Option<String>,
    /// Used heap after a garbage collection, bytes.
    pub used: u64,
}

/// Resident memory by what it is mapped for, bytes.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct Mappings {
    /// Malloc's main arena.
    pub main_arena: u64,
    /// Its other arenas.
    pub arenas: u64,
    /// How many mappings these have.
    pub arena_count: u64,
    /// Threads' stacks.
    pub stacks: u64,
    /// Files.
    pub files: u64,
    /// All else.
    pub others: u64,
    /// An allocator other than glibc's that was mapped.
    pub allocator: Option<String>,
    /// `MALLOC_ARENA_MAX`, where the process was started with one.
    pub arena_max: Option<u64>,
}
