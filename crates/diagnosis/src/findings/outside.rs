//! What grew outside of the JavaScript heap.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::location::Location;

/// What grew outside of the JavaScript heap since the first judged snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outside {
    /// Array buffers, Node's `Buffer`s among them.
    ArrayBuffers {
        /// So many bytes.
        bytes: u64,
        /// Objects in the heap have them; where not, Node itself keeps them.
        owned: bool,
    },
    /// What else V8's objects own outside of the heap.
    External {
        /// So many bytes.
        bytes: u64,
    },
    /// The heaps of other threads that run all along: worker threads, or where a worker's heap was hunted the main thread.
    WorkerHeap {
        /// So many bytes, of all whose heaps grew.
        bytes: u64,
        /// The `threadId` of the one whose heap grew most; 0 is the main thread.
        thread: u64,
        /// Its name, if the program gave it one.
        name: Option<String>,
        /// The URL of its script, if it has one.
        script: Option<String>,
        /// Bytes in its heap at the first judged snapshot, ...
        first: u64,
        /// ... and at the last.
        last: u64,
        /// How many other heaps grew.
        others: u64,
    },
    /// The resident set alone, and more worker threads run than before.
    WorkerThreads {
        /// So many bytes.
        bytes: u64,
        /// At the last snapshot.
        running: u64,
        /// Of these, since the first judged snapshot.
        started: u64,
        /// Where the program makes them.
        location: Option<Location>,
    },
    /// The resident set alone, and malloc's arenas have most of it.
    Malloc {
        /// So many bytes, those that snapshots left there not counted.
        bytes: u64,
        /// Of these, in arenas besides the main one.
        in_arenas: u64,
        /// How many mappings of 64 MB at the most these have.
        arena_count: u64,
        /// `MALLOC_ARENA_MAX`, where the process was started with one.
        arena_max: Option<u64>,
        /// An allocator other than glibc's whose library is mapped.
        allocator: Option<String>,
    },
    /// The resident set alone, and anonymous mappings that are no arena of malloc's have most of it.
    Mapped {
        /// So many bytes.
        bytes: u64,
        /// An allocator other than glibc's whose library is mapped.
        allocator: Option<String>,
    },
    /// The resident set alone.
    Resident {
        /// So many bytes.
        bytes: u64,
    },
    /// Open file descriptors.
    Descriptors {
        /// What they are, for the most part.
        of: OpenKind,
        /// So many of that kind at the first judged snapshot, ...
        first: u64,
        /// ... and at the last.
        last: u64,
    },
}

/// What a file descriptor leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OpenKind {
    /// A connection, or a listener.
    Sockets,
    /// A pipe.
    Pipes,
    /// A file or a folder.
    Files,
}

/// The worker thread whose heap was studied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkerThread {
    /// Its `threadId`.
    pub thread: u64,
    /// The name that the program gave it.
    pub name: Option<String>,
    /// The URL of its script.
    pub script: Option<String>,
}

/// The heap of another thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkerHeap {
    /// Its `threadId`.
    pub thread: u64,
    /// Its name, if the program gave it one.
    pub name: Option<String>,
    /// The URL of its script, if it has one.
    pub script: Option<String>,
    /// Bytes in use in its heap after a garbage collection.
    pub used: u64,
}

/// Resident memory by what it is mapped for, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mappings {
    /// Malloc's main arena.
    pub main_arena: u64,
    /// The other arenas of glibc's malloc.
    pub arenas: u64,
    /// How many mappings of 64 MB at the most these have.
    pub arena_count: u64,
    /// Threads' stacks.
    pub stacks: u64,
    /// Files.
    pub files: u64,
    /// All else: V8's heaps, blocks that malloc maps by themselves, what other allocators have.
    pub others: u64,
    /// An allocator other than glibc's whose library is mapped.
    pub allocator: Option<String>,
    /// `MALLOC_ARENA_MAX`, where the process was started with one.
    pub arena_max: Option<u64>,
}
