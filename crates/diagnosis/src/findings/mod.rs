//! What a diagnosis says, in the shape of `findings.json`. Lines and columns are 1-based, sizes in bytes, times in milliseconds.

mod location;
mod outside;
mod package;
mod profile;
mod remedy;
mod schema;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::location::cut;

pub use self::location::{From, Location};
pub use self::outside::{Mappings, OpenKind, Outside, WorkerHeap, WorkerThread};
pub use self::package::{KnownLeak, Package, Through};
pub use self::profile::{Allocation, Cpu, EventLoop, Hot, KeepingLine};
pub use self::remedy::{Remedy, RemedyKind, Seen, What};
pub use self::schema::schema;

/// The version of this shape; a change that a reader could stumble over raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// The answer to "what leaks?", with its evidence.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Findings {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The judgement.
    pub verdict: Verdict,
    /// The verdict in one sentence.
    pub sentence: String,
    /// The worker thread whose heap it is about, where that is not the main thread's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<WorkerThread>,
    /// How memory went over the snapshots.
    pub memory: Memory,
    /// What grew outside of the JavaScript heap, if anything did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Outside>,
    /// What grows and by whom it is held, most suspicious first. Empty unless something grows.
    pub suspects: Vec<Suspect>,
    /// Where what lives on was allocated, most bytes first, if a sampling profile was taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<Allocation>,
    /// Where the program's time went, if a CPU profile was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    /// What makes the answer weaker than it looks.
    pub warnings: Vec<String>,
    /// What has changed since an earlier analysis, if there is one to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
}

impl Findings {
    /// Without what is known by its form to be a token, wherever a name may have brought it in. The names themselves have been
    /// told from data before: this is the second line.
    pub(crate) fn without_tokens(mut self) -> Self {
        cut([&mut self.sentence]);
        cut(&mut self.warnings);
        for suspect in &mut self.suspects {
            cut([&mut suspect.class, &mut suspect.key, &mut suspect.sentence]);
            let places = suspect.location.iter_mut().chain(&mut suspect.original_location);
            places.for_each(Location::cut_tokens);
            if let Some(holder) = &mut suspect.holder {
                cut(std::iter::once(&mut holder.class).chain(&mut holder.variable));
                holder.location.iter_mut().for_each(Location::cut_tokens);
            }
            for hop in &mut suspect.path {
                cut([&mut hop.edge, &mut hop.class]);
                hop.location.iter_mut().for_each(Location::cut_tokens);
            }
            cut(suspect.strings.iter_mut().map(|text| &mut text.at));
            for seen in suspect.remedy.iter_mut().flat_map(|remedy| &mut remedy.evidence) {
                cut(seen.code.iter_mut().chain(&mut seen.function).chain(&mut seen.file));
            }
            if let Some(
                Bound::Limit { location: Some(location), .. }
                | Bound::Weight { location: Some(location), .. }
                | Bound::Sweep { location, .. },
            ) = &mut suspect.bound
            {
                location.cut_tokens();
            }
        }
        self
    }
}

/// The judgement over a series of snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Something in the JavaScript heap grew at every step and did not level off.
    Leak,
    /// Whatever grew has levelled off, or comes and goes.
    Healthy,
    /// Memory grew, but not in the heap that the snapshots show.
    NotHeap,
    /// The evidence does not carry a judgement.
    Inconclusive,
}

/// Memory readings, one entry a snapshot, or an observation where there is no snapshot; a list that nobody measured is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Memory {
    /// Milliseconds since the first reading.
    pub at_ms: Vec<u64>,
    /// Bytes in use in V8's heap after a garbage collection.
    pub used: Vec<u64>,
    /// Bytes that V8's objects own outside of its heap (array buffers among them).
    pub external: Vec<u64>,
    /// Bytes of array buffers: more than external memory where something keeps them that no object in the heap does.
    #[serde(default)]
    pub array_buffers: Vec<u64>,
    /// Resident set size of the process.
    pub rss: Vec<u64>,
    /// What the snapshots before have left in it: V8 and malloc keep what a snapshot took. That is no growth of the program's;
    /// where it is not known, the resident set says nothing.
    #[serde(default)]
    pub left: Vec<u64>,
    /// Open file descriptors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptors: Vec<Descriptors>,
    /// How many resources kept the event loop alive, by the kinds of `process.getActiveResourcesInfo()`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<BTreeMap<String, u64>>,
    /// The heaps of the other threads, of those that answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workers: Vec<Vec<WorkerHeap>>,
    /// What of the process was resident.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<Mappings>,
    /// Total of all nodes of each snapshot.
    pub snapshot: Vec<u64>,
}

/// Open file descriptors, by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// One thing that grows, named by what holds it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Suspect {
    /// 1 is the most suspicious.
    pub rank: usize,
    /// From 0 to 1.
    pub confidence: f64,
    /// The share that it is of all growth seen, in the heap and outside of it, from 0 to 1.
    #[serde(default)]
    pub share: f64,
    /// The class of what grows, under DevTools' name.
    pub class: String,
    /// DevTools' key of that class.
    pub key: String,
    /// What kind of thing holds it.
    pub kind: Kind,
    /// The suspect in one sentence.
    pub sentence: String,
    /// Where what grows is made, or where its holder is declared.
    pub location: Option<Location>,
    /// The same place before bundling, by the source map.
    pub original_location: Option<Location>,
    /// The long-lived object that keeps what grows.
    pub holder: Option<Holder>,
    /// The package whose code holds it, if it is a package's.
    #[serde(default)]
    pub package: Option<Package>,
    /// The leak that it is, if that was found and mended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<KnownLeak>,
    /// From a root to one of the growing objects.
    pub path: Vec<Hop>,
    /// Strings in one of the growing objects, and the key by which it is found.
    #[serde(default)]
    pub strings: Vec<Text>,
    /// What is unusual inside of what grows, and most of its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// The series.
    pub growth: Growth,
    /// What to do about it, if that is known.
    #[serde(default)]
    pub remedy: Option<Remedy>,
    /// What its growth comes to an end by, if that was seen and has not been passed: then it is no leak as far as can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// What tells whether it has one, if the process is asked for it.
    #[serde(skip)]
    pub unread: Vec<Unread>,
}

impl Suspect {
    /// The place before bundling, if it is known.
    pub(crate) fn best_location(&self) -> Option<&Location> {
        self.original_location.as_ref().or(self.location.as_ref())
    }
}

/// The kinds of holders that have a name of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An interval or a timeout that has not run out.
    Timer,
    /// A listener on an emitter or event target.
    Listener,
    /// A `Map`.
    Map,
    /// A `Set`.
    Set,
    /// An array.
    Array,
    /// A plain object used as a dictionary, or an object's field.
    Object,
    /// A variable of a function's context.
    Closure,
    /// A promise that is not settled, or what waits for it.
    Promise,
    /// The buffer of a stream.
    Stream,
    /// Objects linked one to the next.
    List,
    /// Held by something of Node's or V8's own.
    Native,
}

/// A long-lived object that keeps what grows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Holder {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Its class.
    pub class: String,
    /// The variable, or `Class.field`, by which the program knows it.
    pub variable: Option<String>,
    /// Where that variable is declared.
    pub location: Option<Location>,
}

/// One step of a path.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Hop {
    /// The edge that leads here, as DevTools writes it.
    pub edge: String,
    /// The class of the object reached.
    pub class: String,
    /// Its id in the last snapshot.
    pub id: u32,
    /// Where its code is, when it is a function or an instance of a class.
    pub location: Option<Location>,
    /// How many like it were collapsed into this one.
    pub repeats: usize,
}

/// How a suspect grew, one entry a snapshot.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Growth {
    /// How many there were.
    pub counts: Vec<u64>,
    /// How many bytes they kept alive.
    pub bytes: Vec<u64>,
    /// Bytes gained from one snapshot to the next, on average, without the warm-up.
    pub per_step: u64,
    /// Bytes gained a minute, likewise, where the times of the snapshots are known.
    #[serde(default)]
    pub per_minute: Option<u64>,
}

/// What is unusual inside of what grows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Content {
    /// Sliced strings: each keeps the whole string that it was cut from.
    SlicedStrings {
        /// Bytes of such a string, on average.
        each: u64,
    },
    /// Views of buffers, as `subarray` makes them: each keeps the whole buffer that it was cut from.
    BufferViews {
        /// Bytes of such a buffer, on average.
        each: u64,
    },
    /// Objects of one shape of which one field is different in each: there is an entry for each value of it.
    VaryingField {
        /// The shape.
        class: String,
        /// The field.
        field: String,
        /// So many objects were compared.
        compared: u64,
        /// So many values of the field they have.
        values: u64,
        /// A field of which there are few values.
        other: String,
        /// How many.
        others: u64,
    },
    /// Errors whose stack nobody has read, so that it still keeps what ran when they were made.
    UnreadStacks {
        /// Bytes that each of what grows keeps so, on average.
        each: u64,
        /// The class of what a function in it was called on, such as `Immediate`.
        keeps: Option<String>,
        /// The class of the `AsyncLocalStorage` store that comes with it.
        store: Option<String>,
    },
    /// Stores of an `AsyncLocalStorage`.
    AsyncContext {
        /// Bytes that each of what grows keeps so, on average.
        each: u64,
        /// The class of what has taken the store with it, such as `Timeout`.
        captured_by: String,
        /// The class of the store.
        store: String,
        /// The calls of `run` or `enterWith` that set it: the one, or one of these.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        set_by: Vec<Location>,
    },
}

/// What bounds a suspect by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Bound {
    /// Each of what grows lives until a timeout has run out.
    Timeout {
        /// The timeout, the longest if there are several.
        delay_ms: u64,
        /// How many come a second, where the times of the snapshots are known.
        per_second: Option<f64>,
        /// Bytes that each keeps alive.
        each: u64,
        /// How many bytes that comes to.
        bytes: Option<u64>,
    },
    /// The holder has a limit, and is not full.
    Limit {
        /// How many it holds.
        held: u64,
        /// How many it takes.
        limit: u64,
        /// Where the program says so; none where the heap shows it.
        location: Option<Location>,
    },
    /// The holder weighs its entries by a measure of the program's own, and they take fewer bytes than they may weigh.
    Weight {
        /// Bytes that they take.
        bytes: u64,
        /// What they may weigh.
        limit: u64,
        /// Where the program says so.
        location: Option<Location>,
    },
    /// A timer takes out what is too old. How old that is no snapshot tells.
    Sweep {
        /// The timer's delay, where the heap shows it.
        every_ms: Option<u64>,
        /// Where the age is compared.
        location: Location,
    },
}

/// Numbers that the snapshots leave out, and by which a suspect would be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The object that has them, by its number in the snapshots.
    pub object: u32,
    /// The fields that they are in.
    pub fields: Vec<String>,
}

/// A string of the analysed program. What it says is left out unless it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Text {
    /// The property that holds it, or `key`.
    pub at: String,
    /// Its length in UTF-16 units; where V8 has cut it in the snapshot, the length that its size allows.
    pub length: usize,
    /// Its beginning.
    pub value: Option<String>,
}

/// What has changed since an earlier analysis.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// The earlier verdict.
    pub verdict: Verdict,
    /// The change in one sentence.
    pub sentence: String,
    /// Each suspect of either analysis: those of now by rank, then those that are gone.
    pub changes: Vec<Change>,
}

/// What became of one suspect.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What became of it.
    pub state: State,
    /// What it is, in a few words.
    pub what: String,
    /// Its place among the suspects of now.
    pub rank: Option<usize>,
    /// How it grew in the earlier analysis.
    pub before: Option<Pace>,
    /// How it grows now.
    pub after: Option<Pace>,
}

/// What became of a suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It no longer grows.
    Gone,
    /// It is not among the suspects of now, which may be because evidence is missing.
    NotSeen,
    /// It grows slower than before.
    Slower,
    /// It grows as before.
    Same,
    /// It grows faster than before.
    Faster,
    /// It was not there before.
    New,
}

/// How fast something grows, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pace {
    /// From one snapshot to the next.
    pub per_step: u64,
    /// In a minute, where the times are known.
    pub per_minute: Option<u64>,
}
