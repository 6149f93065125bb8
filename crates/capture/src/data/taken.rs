//! What was taken and kept, as `session.json` tells of it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cost::Prediction;
use super::millis;
use super::plan::{Profile, Route};
use super::thread::WorkerThread;

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
    /// What it does not show.
    #[serde(flatten)]
    pub beside: Beside,
    /// Snapshots of one number share their object ids; between two numbers a comparison by id is meaningless.
    pub id_space: u32,
}

/// What a snapshot of the heap does not show, at one moment; of each, what could be read.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Beside {
    /// What the process had open, where the system tells.
    pub descriptors: Option<Descriptors>,
    /// How many resources kept the event loop alive, by kind, where Node tells.
    pub resources: Option<BTreeMap<String, u64>>,
    /// The other threads that answered, where Node can tell.
    pub workers: Option<Vec<WorkerHeap>>,
    /// What was resident, where the system tells.
    pub mappings: Option<Mappings>,
}

/// A reading after a garbage collection, with what no snapshot shows: evidence that hardly pauses the app.
#[derive(Debug, Clone, Serialize)]
pub struct Observation {
    /// When, and what memory was.
    #[serde(flatten)]
    pub reading: Reading,
    /// And what else there was.
    #[serde(flatten)]
    pub beside: Beside,
}

/// Open file descriptors.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Descriptors {
    /// How many there are. Of the first ten thousand it is known what they are:
    pub all: u64,
    /// connections and listeners,
    pub sockets: u64,
    /// pipes,
    pub pipes: u64,
    /// files and folders,
    pub files: u64,
    /// devices, timers, event queues.
    pub others: u64,
}

impl From<leakhunt_inspector::Descriptors> for Descriptors {
    fn from(told: leakhunt_inspector::Descriptors) -> Self {
        let leakhunt_inspector::Descriptors { all, sockets, pipes, files, others } = told;
        Self { all, sockets, pipes, files, others }
    }
}

/// The heap of a thread that is not hunted: a worker's, or where a worker is hunted the main thread's.
#[derive(Debug, Clone, Serialize)]
pub struct WorkerHeap {
    /// Its `threadId`; 0 is the main thread.
    pub thread: u64,
    /// The name that the program gave it; without secrets.
    pub name: Option<String>,
    /// The URL of its script.
    pub script: Option<String>,
    /// Used heap after GC, bytes.
    pub used: u64,
}

impl WorkerHeap {
    /// Whether it is meant, by its id or its name.
    pub(crate) fn is_called(&self, asked: &str) -> bool {
        self.name.as_deref() == Some(asked) || asked.parse() == Ok(self.thread)
    }
}

impl From<&WorkerHeap> for WorkerThread {
    fn from(heap: &WorkerHeap) -> Self {
        Self { thread: heap.thread, name: heap.name.clone(), script: heap.script.clone() }
    }
}

impl From<leakhunt_inspector::WorkerHeap> for WorkerHeap {
    fn from(told: leakhunt_inspector::WorkerHeap) -> Self {
        let leakhunt_inspector::WorkerHeap { thread, name, script, used_size } = told;
        let cut = |text: String| leakhunt_text::cut(&text);
        Self { thread, name: name.map(cut), script: script.map(cut), used: used_size }
    }
}

/// Resident memory by what it is mapped for, bytes.
#[derive(Debug, Clone, Serialize)]
pub struct Mappings {
    /// The program break's: malloc's main arena.
    pub main_arena: u64,
    /// The other arenas of glibc's malloc, ...
    pub arenas: u64,
    /// ... and how many mappings these have.
    pub arena_count: u64,
    /// Threads' stacks.
    pub stacks: u64,
    /// Files.
    pub files: u64,
    /// All else: V8's heaps, large blocks, what other allocators have.
    pub others: u64,
    /// An allocator other than glibc's that is mapped.
    pub allocator: Option<String>,
    /// `MALLOC_ARENA_MAX`, where the process was started with one.
    pub arena_max: Option<u64>,
}

impl From<leakhunt_inspector::Mappings> for Mappings {
    fn from(told: leakhunt_inspector::Mappings) -> Self {
        let leakhunt_inspector::Mappings { main_arena, arenas, arena_count, stacks, files, .. } = told;
        let leakhunt_inspector::Mappings { others, allocator, arena_max, .. } = told;
        Self { main_arena, arenas, arena_count, stacks, files, others, allocator, arena_max }
    }
}

/// One complete profile.
#[derive(Debug, Clone, Serialize)]
pub struct Profiled {
    /// Its kind.
    pub profile: Profile,
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
    /// From one sample to the next: allocated bytes, on average; of a CPU profile microseconds; of a timeline 1, for it
    /// has them all.
    pub interval: u32,
    /// Used heap plus external memory at its end, bytes: of a sampling profile after GC.
    pub used_size: u64,
    /// Resident set at its end, bytes.
    pub rss: u64,
    /// What the event loop did while a CPU profile was taken.
    pub event_loop: Option<EventLoop>,
}

/// How late the event loop was, and how busy.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct EventLoop {
    /// How late its timers were on average, milliseconds, ...
    pub mean_delay_ms: f64,
    /// ... of the latest hundredth the least late, ...
    pub p99_delay_ms: f64,
    /// ... and the latest one.
    pub max_delay_ms: f64,
    /// The share of the time in which it had something to do, from 0 to 1.
    pub utilization: f64,
}

impl From<leakhunt_inspector::EventLoop> for EventLoop {
    fn from(told: leakhunt_inspector::EventLoop) -> Self {
        Self {
            mean_delay_ms: millis::tenths(told.mean_delay),
            p99_delay_ms: millis::tenths(told.p99_delay),
            max_delay_ms: millis::tenths(told.max_delay),
            utilization: (told.utilization * 1000.0).round() / 1000.0,
        }
    }
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

/// Numbers in the fields of an object, as they were at some time of the hunt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Numbers {
    /// The object, by its number in the snapshots.
    pub(crate) object: u32,
    /// By field; none where the object was gone.
    pub(crate) fields: BTreeMap<String, f64>,
}
