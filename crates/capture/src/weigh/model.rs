//! What a kind of evidence would cost the app, and whether that is too much.
//!
//! V8 builds the whole graph in memory while the app stands still. What that takes goes by objects, not by bytes: some 500
//! bytes for each, edges and names included, and for each byte of a string one more, which is copied (of a long one the first
//! 1,024). So the objects are counted before the first snapshot ([`leakhunt_inspector::Count`]), which tells a megabyte of
//! strings from one of small objects. Afterwards the snapshot itself tells how many there are and what they took, and the
//! next is predicted from that. What the last one left resident is no cost of the next: V8 and malloc use it again
//! ([`Past`]).
//!
//! The figures were measured in cgroups on Node 18 to 26, with heaps of 6 to 60 MB of objects, strings, buffers, maps,
//! closures, arrays and code; `cargo xtask bench memory` measures them again.

use std::time::Duration;

use leakhunt_inspector::Count;

use super::room::Room;
use crate::data::{Cost, EvidenceKind, Past, Plan, Prediction};

/// Memory that a snapshot takes on one major of Node.js, and the time.
struct Model {
    /// Objects of a program that holds nothing, ...
    base_objects: f64,
    /// ... their bytes ...
    base_bytes: f64,
    /// ... and what its snapshot takes, bytes.
    base_memory: f64,
    /// Bytes for each further object, where they are as small as `LIGHT` bytes ...
    light: f64,
    /// ... and where they are of `HEAVY` bytes and more: closures on 22 to 26. On 18 and 20 each string of its own costs
    /// twice as much, and a heap of short ones must not be taken for one of objects.
    heavy: f64,
    /// What a snapshot's pause is of the count's, ...
    pause: f64,
    /// ... and for each million objects, where that is more: on 18 names that are alike collide in V8's table, and the pause
    /// goes with the square (1.3 s at 350,000 objects, 7.2 s at 740,000).
    pause_per_million: f64,
}

/// Average size of small objects, which hold two references or three, ...
const LIGHT: f64 = 37.0;
/// ... and of those with more.
const HEAVY: f64 = 49.0;
/// What a byte of a string takes in a snapshot, ...
const STRING: f64 = 1.05;
/// ... of which V8 copies no more than this.
const LONGEST_STRING: f64 = 1024.0;
/// Beyond so many bytes of strings of this size and more, each takes this much besides: 150 MB take 1.85 times as much.
const LONG_STRING: f64 = 200.0;
const FEW_STRINGS: f64 = 27e6;
const MANY_STRINGS: f64 = 0.9;
/// Used heap of a program that holds nothing.
const EMPTY_HEAP: u64 = 4_300_000;
/// Time to escape and write strings, seconds a byte.
const STRING_PAUSE: f64 = 12e-9;
/// The count's own pause for an object, where nobody has counted: 0.25 µs on an idle machine.
const COUNT_PAUSE: f64 = 0.5e-6;
/// ... and ten times as long as on an idle machine at the most.
const SLOWEST_COUNT: f64 = 5e-6;
/// What counting takes for an object, bytes; it is given back.
const COUNT_MEMORY: f64 = 95.0;
/// The smallest objects that a heap was seen to be made of (short strings).
const SMALLEST: f64 = 30.0;
/// The next snapshot may cost this much more than the last one did, for the same objects.
const MARGIN: f64 = 1.03;
/// ... and pause so much longer.
const PAUSE_MARGIN: f64 = 1.15;
/// Bytes of a snapshot's text for an object (57 to 80 on Node 18 to 26): what a slow link leaves queueing in the app. With a
/// link that is not slow, Node 24 and 26 still took 15 MB more than by file.
const QUEUE: f64 = 75.0;
const QUEUE_BASE: f64 = 15_000_000.0;
/// What V8 keeps for an object while allocations are tracked: its number, and the stack that allocated it.
const TRACKED: f64 = 65.0;
/// What V8's sampling profiler keeps, and the text of its profile. Most readings of Node 18 to 26 were 0 to 1 MB of resident
/// memory; the two that were not, 12 and 45 MB, came from an app that did nothing but allocate.
const SAMPLING: u64 = 4_000_000;
/// What V8's CPU profiler keeps, its samples of some minutes included, bytes, and for how long its start stops the app, seconds.
const CPU: f64 = 12_000_000.0;
const CPU_PAUSE: f64 = 0.05;
/// It lists all functions that there is code for: what that takes for each megabyte of a heap that is nothing else, bytes ...
const CPU_PER_MEGABYTE: f64 = 350_000.0;
/// ... and seconds. No program has more of them than in so many megabytes.
const CPU_PAUSE_PER_MEGABYTE: f64 = 0.0085;
const MOST_CODE: f64 = 100.0;
/// Pause of a forced garbage collection per megabyte of used heap: 1.2 s at 290 MB, Node 18 and 20.
const GC_SECONDS_PER_MEGABYTE: f64 = 0.0042;
/// Resident memory of a Node process that holds nothing: its code, its threads, an empty heap. 44 to 48 MB on Node 18 to 26.
const EMPTY_PROCESS: u64 = 44_000_000;
/// An app that allocates needs something, too, while it waits to be scheduled again.
const SPARE: u64 = 8_000_000;

/// What the app's memory looks like before evidence is taken, bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Used heap, after GC.
    pub(crate) used: u64,
    /// Resident set of the process.
    pub(crate) rss: u64,
    /// The limit that leaves the least room, where one is known.
    pub(crate) room: Option<Room>,
}

/// What is known of the process besides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// 0 where the version cannot be read.
    pub(crate) node_major: u32,
    /// Its objects, where they were counted.
    pub(crate) count: Option<Count>,
    /// The snapshots so far.
    pub(crate) past: &'a Past,
}

impl Known<'_> {
    /// The count, its bytes those of the heap: V8 counts what lies outside of it as well, such as the 4 MB of Node's own source
    /// on 24 and 26, and small objects would be taken for larger ones.
    fn counted(&self, load: &Load) -> Option<Count> {
        self.count.map(|count| Count { bytes: count.bytes.min(load.used), ..count })
    }
}

/// Memory above the app's own, and the pause, of one snapshot.
#[derive(Clone, Copy)]
struct Expected {
    memory: f64,
    pause: f64,
}

/// Predicts what evidence would cost now.
pub(crate) fn predict(evidence: EvidenceKind, load: &Load, known: &Known<'_>) -> Prediction {
    let megabytes = load.used as f64 / 1e6;
    match evidence {
        EvidenceKind::Sampling => {
            let pause = Duration::from_secs_f64(megabytes * GC_SECONDS_PER_MEGABYTE);
            return at_peak(load, load.rss, SAMPLING as f64, 0.0, pause);
        }
        EvidenceKind::Cpu => {
            let code = megabytes.min(MOST_CODE);
            let pause = Duration::from_secs_f64(CPU_PAUSE + code * CPU_PAUSE_PER_MEGABYTE);
            return at_peak(load, load.rss, CPU + code * CPU_PER_MEGABYTE, 0.0, pause);
        }
        EvidenceKind::SnapshotByFile | EvidenceKind::SnapshotByStream | EvidenceKind::Timeline => {}
    }
    let model = model(known.node_major);
    let expected = match &known.past.last {
        Some(last) => next(&model, known, last, load.used),
        None => first(&model, &known.counted(load).unwrap_or_else(|| worst(&model, load.used))),
    };
    let objects =
        known.past.last.map_or_else(|| known.count.map_or(0, |count| count.objects), |last| last.nodes);
    let objects = match (objects, evidence) {
        (0, EvidenceKind::Timeline) => worst(&model, load.used).objects as f64,
        _ => objects as f64,
    };
    let queue = match evidence {
        EvidenceKind::SnapshotByFile => 0.0,
        EvidenceKind::Timeline => QUEUE_BASE + (QUEUE + TRACKED) * objects,
        _ => QUEUE_BASE + QUEUE * objects,
    };
    let own = known.past.own(load.used, load.rss);
    let kept = expected.memory * kept(known.node_major);
    // At its start all objects are numbered.
    let numbered = if evidence == EvidenceKind::Timeline { objects * COUNT_PAUSE } else { 0.0 };
    at_peak(load, own, expected.memory + queue, kept, Duration::from_secs_f64(expected.pause + numbered))
}

/// How many of the snapshots are expected to fit, if the heap goes on as it is made.
pub(crate) fn fitting(load: &Load, known: &Known<'_>, plan: &Plan) -> u32 {
    let (Some(count), Some(room)) = (known.counted(load), load.room) else { return plan.samples };
    let fits =
        |sample: &u32| at_sample(load, known, &count, step(plan, load.used), *sample).peak <= room.limit;
    (1..=plan.samples).take_while(fits).count() as u32
}

/// The second snapshot, as it is expected before the first.
pub(crate) fn second(load: &Load, known: &Known<'_>, plan: &Plan) -> Prediction {
    let count = known.counted(load).unwrap_or_else(|| worst(&model(known.node_major), load.used));
    at_sample(load, known, &count, step(plan, load.used), 2)
}

/// By how much the heap is expected to grow from one snapshot to the next. A step that is much larger than that is never
/// reached: whoever asks for it wants them by time.
fn step(plan: &Plan, used: u64) -> u64 {
    plan.growth.min((used / 10).max(2_500_000))
}

/// A later snapshot, as it is expected before the first: the heap has grown, and is made as it was.
fn at_sample(load: &Load, known: &Known<'_>, count: &Count, growth: u64, sample: u32) -> Prediction {
    let model = model(known.node_major);
    let density = (count.objects as f64 - model.base_objects).max(0.0)
        / (count.bytes as f64 - model.base_bytes).max(1e6);
    let grown = growth.saturating_mul(u64::from(sample - 1));
    let objects = count.objects + (grown as f64 * density) as u64;
    let expected = first(&model, &Count { objects, bytes: count.bytes.saturating_add(grown), ..*count });
    let own = load.rss.saturating_add(grown);
    let room = load.room.map(|room| Room { charged: room.charged.saturating_add(grown), ..room });
    let pause = Duration::from_secs_f64(expected.pause);
    at_peak(&Load { rss: own, room, ..*load }, own, expected.memory, 0.0, pause)
}

/// May the objects be counted? Not where even that might be too much.
pub(crate) fn may_count(load: &Load) -> bool {
    let most = load.used as f64 / SMALLEST * COUNT_MEMORY;
    load.room.is_none_or(|room| room.charged.saturating_add(most as u64).saturating_add(SPARE) <= room.limit)
}

/// What a snapshot of a process would cost that nobody has attached to: of one whose memory is mostly buffers or code, and of
/// one that is full of small objects, on the slowest Node.js.
pub(crate) fn from_outside(evidence: EvidenceKind, load: &Load) -> (Prediction, Prediction) {
    let past = Past::default();
    let empty = Count { objects: 40_000, bytes: EMPTY_HEAP, pause: Duration::from_millis(10) };
    let least = predict(evidence, load, &Known { node_major: 20, count: Some(empty), past: &past });
    (least, predict(evidence, load, &Known { node_major: 0, count: None, past: &past }))
}

/// The used heap behind a resident set, at most, where nobody can ask V8.
pub(crate) fn heap_behind(rss: u64) -> u64 {
    rss.saturating_sub(EMPTY_PROCESS).max(EMPTY_HEAP)
}

/// The peak of something that takes `memory` above the app's own, and leaves `kept`.
fn at_peak(load: &Load, own: u64, memory: f64, kept: f64, pause: Duration) -> Prediction {
    let others = load.room.map_or(0, |room| room.charged.saturating_sub(load.rss));
    let peak = own.saturating_add(memory as u64).max(load.rss).saturating_add(others).saturating_add(SPARE);
    let left = own.saturating_add(kept as u64).saturating_sub(load.rss);
    Prediction {
        peak,
        limit: load.room.map(|room| room.limit),
        limit_of: load.room.map(|room| room.bound),
        memory: memory as u64,
        left,
        pause,
    }
}

/// The share of it that stays resident: see [`Past`].
fn kept(node_major: u32) -> f64 {
    if node_major == 18 { 0.6 } else { 0.95 }
}

fn first(model: &Model, count: &Count) -> Expected {
    let objects = (count.objects as f64 - model.base_objects).max(0.0);
    let bytes = (count.bytes as f64 - model.base_bytes).max(0.0);
    let size = if objects > 0.0 { bytes / objects } else { 0.0 };
    let weight = ((size - LIGHT) / (HEAVY - LIGHT)).clamp(0.0, 1.0);
    let graph = model.light + (model.heavy - model.light) * weight;
    let strings = objects * size.min(LONGEST_STRING);
    let many = if size < LONG_STRING { 0.0 } else { (strings - FEW_STRINGS).max(0.0) * MANY_STRINGS };
    let times = model.pause.max(model.pause_per_million * count.objects as f64 / 1e6);
    // A count that was held up says nothing of the machine.
    let counted = count.pause.as_secs_f64().min(count.objects as f64 * SLOWEST_COUNT);
    Expected {
        memory: model.base_memory + objects * graph + strings * STRING + many,
        pause: 0.05 + counted * times + strings * STRING_PAUSE,
    }
}

/// The next snapshot, from what the last one took and how many objects it had.
fn next(model: &Model, known: &Known<'_>, last: &Cost, used: u64) -> Expected {
    let (nodes, memory) = (last.nodes as f64, last.memory as f64);
    let added = used.saturating_sub(last.used) as f64;
    let before = known.past.before_last.filter(|before| last.used > before.used.saturating_add(200_000));
    // What was added is made as what was added before it, if that is known, ...
    let density = match before {
        Some(before) => last.nodes.saturating_sub(before.nodes) as f64 / (last.used - before.used) as f64,
        None => (nodes - model.base_objects) / (last.used as f64 - model.base_bytes).max(1e6),
    };
    // ... else it may be smaller: beside strings of a kilobyte, a leak of small objects, a third of what it could be.
    let least = if before.is_some() { STRING } else { STRING + model.light / LIGHT / 3.0 };
    let of = |nodes: f64| (nodes - model.base_objects).max(10_000.0);
    let scale = of(nodes + added * density.clamp(0.0, 1.0 / SMALLEST)) / of(nodes);
    let base = model.base_memory.min(memory);
    let pause = if known.node_major <= 18 { scale * scale } else { scale };
    Expected {
        memory: (base + (memory - base) * scale).max(memory + added * least) * MARGIN,
        pause: last.pause.as_secs_f64() * pause * PAUSE_MARGIN,
    }
}

/// A heap of small objects, where nobody has counted.
fn worst(model: &Model, used: u64) -> Count {
    let objects = model.base_objects + (used as f64 - model.base_bytes).max(0.0) / LIGHT;
    Count { objects: objects as u64, bytes: used, pause: Duration::from_secs_f64(objects * COUNT_PAUSE) }
}

fn model(node_major: u32) -> Model {
    let model = |base_objects, base_bytes, base_megabytes, light, heavy, pause| Model {
        pause_per_million: if node_major <= 18 { 30.0 } else { 0.0 },
        base_objects,
        base_bytes,
        base_memory: base_megabytes * 1e6,
        light,
        heavy,
        pause,
    };
    match node_major {
        ..=18 => model(39_000.0, 3.7e6, 29.0, 480.0, 1140.0, 6.0),
        19..=20 => model(43_000.0, 3.3e6, 33.0, 480.0, 1140.0, 6.0),
        21..=22 => model(56_000.0, 4.0e6, 42.0, 465.0, 615.0, 6.0),
        23..=24 => model(61_000.0, 4.3e6, 43.0, 410.0, 595.0, 4.5),
        _ => model(63_000.0, 4.4e6, 44.0, 410.0, 595.0, 4.5),
    }
}

/// The major of `v22.23.3`; 0, which costs most, where it cannot be read.
pub(crate) fn major(version: &str) -> u32 {
    version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
