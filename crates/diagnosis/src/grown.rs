//! What grew in all: in the heap that the snapshots show, and outside of it; how much of it a suspect is, and how sure that is.

use crate::findings::{self, Descriptors, Growth, Kind, Memory, OpenKind};
use crate::native::Native;
use crate::observed::HeapTrend;
use crate::series::columns::Columns;
use crate::series::growth::{LEAST_STEPS, baseline, rises, steps};
use crate::series::trend::{Trend, trend};
use crate::suspects::Cluster;
use crate::worker_heaps::GrowingHeaps;
use crate::workers::Workers;

/// A suspect gains at least this many bytes a step, and this share of what the whole heap gains: V8's own housekeeping
/// stays below either.
const LEAST_STEP: u64 = 1_500;
const LEAST_SHARE: f64 = 0.03;

/// So long a process warms up: code is compiled when it first runs, caches and pools fill, modules load when they are needed.
pub(crate) const WARM_UP_MS: u64 = 120_000;
/// And what it warms up by stays below this pace, in bytes: a server that compiles 300 templates as they are asked for, 40 times a
/// second, gained 0.7 MB a minute in its first one (Node 22).
const WARM_UP_PER_MINUTE: u64 = 2_000_000;

/// What has this share of the growth between snapshots explains that before them, ...
const EXPLAINS: f64 = 0.8;
/// ... if it grows by this share of the pace of then.
const KEEPS_PACE: f64 = 0.3;

/// All that grew since the first judged snapshot.
pub(crate) struct Grown {
    /// Bytes that the snapshots have more, compiled code that V8 threw away meanwhile not taken off; 0 where they have less.
    pub(crate) heap: u64,
    /// What grew that the snapshots do not show.
    pub(crate) outside: Option<Outside>,
    /// What more and more of is open.
    pub(crate) opened: Option<Opened>,
    /// Used heap at the first and the last snapshot, where it was read: snapshots count what objects own outside of it as well.
    pub(crate) used: Option<Totals>,
    /// So many steps are judged.
    steps: usize,
    /// How the heap went before the first snapshot, where it was observed.
    before: Option<HeapTrend>,
    /// Bytes a minute, where the times are known.
    per_minute: Option<u64>,
    /// How much was seen of the process, and how old it was when that began, where both are known.
    seen: Option<Span>,
}

/// A stretch of a process's life, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) seen: u64,
    pub(crate) age: u64,
}

/// Growth that the snapshots do not show, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// In array buffers.
    ArrayBuffers {
        gain: u64,
        /// Objects in the heap have them, as far as V8's count of external memory tells: it grew as well.
        is_owned: bool,
    },
    /// In what V8's objects own outside of its heap, and array buffers are less than half of it.
    External(u64),
    /// In heaps of worker threads.
    WorkerHeaps(GrowingHeaps),
    /// In the resident set alone.
    Resident {
        gain: u64,
        /// What has most of it, where that is known.
        native: Option<Native>,
    },
}

/// File descriptors of one kind that are opened and not closed, as far as the snapshots tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) kind: OpenKind,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// Bytes of the first and of the last snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Grown {
    /// `minutes` passed from the first judged snapshot to the last; `age_ms` is how old the process was at the first snapshot.
    pub(crate) fn of(
        columns: &[Columns],
        memory: &Memory,
        minutes: Option<f64>,
        age_ms: Option<u64>,
    ) -> Self {
        let base = baseline(columns.len());
        let heap = columns.get(base).zip(columns.last()).map_or(0, |(first, last)| {
            (last.total + first.code.saturating_sub(last.code)).saturating_sub(first.total)
        });
        Self {
            heap,
            per_minute: minutes.map(|minutes| (heap as f64 / minutes) as u64),
            outside: Outside::of(memory),
            opened: Opened::of(memory),
            used: memory
                .used
                .first()
                .zip(memory.used.last())
                .map(|(first, last)| Totals { first: *first, last: *last }),
            steps: steps(columns.len()),
            before: None,
            seen: age_ms
                .zip(memory.at_ms.first().zip(memory.at_ms.last()))
                .map(|(age, (first, last))| Span { seen: last.saturating_sub(*first), age }),
        }
    }

    /// The same, and how the heap went before.
    pub(crate) fn with_before(self, before: Option<HeapTrend>) -> Self {
        Self { before, ..self }
    }

    /// The steps that are known of what gains a share of all growth, at a pace: those between the snapshots, and where the heap grew
    /// before as well, and this explains it, those of then.
    pub(crate) fn steps_of(&self, share: f64, per_minute: Option<u64>) -> usize {
        let before = match self.before {
            Some(HeapTrend::Growing { steps, per_minute: then, .. }) if share >= EXPLAINS => {
                let keeps_pace = |(now, then): (u64, u64)| now as f64 >= then as f64 * KEEPS_PACE;
                if per_minute.zip(then).is_some_and(keeps_pace) { steps } else { 0 }
            }
            _ => 0,
        };
        self.steps + before
    }

    /// What was seen of a process that still warms up, where it does not grow faster than that: neither the whole heap, of which
    /// what grows by `bounded` bytes a minute comes to an end by itself, nor the first suspect by `leading` bytes a minute, which
    /// may grow while what the process only needed to start goes.
    pub(crate) fn warm_up(&self, leading: u64, bounded: u64) -> Option<Span> {
        let span = self.seen.filter(|span| span.age.saturating_add(span.seen) < WARM_UP_MS);
        span.filter(|_| {
            self.per_minute.is_some_and(|pace| pace.saturating_sub(bounded).max(leading) < WARM_UP_PER_MINUTE)
        })
    }

    /// Whether a gain is more than noise beside the growth of the whole; where the heap fell, nothing is.
    pub(crate) fn is_material(&self, gain: u64) -> bool {
        self.heap > 0
            && gain / self.steps.max(1) as u64 >= LEAST_STEP
            && gain as f64 >= self.heap as f64 * LEAST_SHARE
    }

    /// The share that a gain is of all that grew.
    pub(crate) fn share(&self, gain: u64) -> f64 {
        let outside = match self.outside {
            // Array buffers are in the snapshots as well, and everything is in the resident set.
            Some(outside) => outside.gain(),
            None => 0,
        };
        let all = self.heap.max(outside).max(1);
        ((gain as f64 / all as f64).min(1.0) * 100.0).round() / 100.0
    }

    /// How sure a suspect is, from 0 to 1: a long series, survivors, a large share of the growth, a name.
    pub(crate) fn confidence(&self, cluster: &Cluster, growth: &Growth, kind: Kind, is_placed: bool) -> f64 {
        let steps = self.steps_of(self.share(cluster.gain()), growth.per_minute);
        let length = [0.0, 0.3, 0.6, 0.85, 1.0][steps.min(4)];
        let survival = cluster.first_site().survival;
        let named = if is_placed { 1.0 } else { 0.6 };
        let own = if kind == Kind::Native { 0.4 } else { 1.0 };
        let confidence: f64 =
            length * survival * named * own * (0.5 + 0.5 * self.share(cluster.gain()).sqrt());
        (confidence * 100.0).round() / 100.0
    }
}

impl Outside {
    /// The resident set rises with each snapshot that is taken and hardly falls again: what is known to be left by them is taken
    /// off, and only a rise well above what a reading swings by counts. Where it is not known what they left, nothing is said.
    pub(crate) fn of(memory: &Memory) -> Option<Self> {
        let grew = |series: &[u64], least| rises(series.get(baseline(series.len())..)?, least);
        let own: Vec<u64> = memory
            .rss
            .iter()
            .zip(&memory.left)
            .map(|(resident, left)| resident.saturating_sub(*left))
            .collect();
        let buffers = grew(&memory.array_buffers, 500_000);
        let external = grew(&memory.external, 500_000);
        let of_main = buffers
            .filter(|buffers| external.is_none_or(|external| external / 2 < *buffers))
            .map(|gain| Self::ArrayBuffers { gain, is_owned: external.is_some() })
            .or(external.map(Self::External));
        let resident =
            || grew(&own, 4_000_000).map(|gain| Self::Resident { gain, native: Native::of(memory, gain) });
        let most = |one: &Self, other: &Self| one.gain().cmp(&other.gain());
        match GrowingHeaps::of(memory).map(Self::WorkerHeaps) {
            None => of_main.or_else(resident),
            Some(workers) => {
                // The resident set holds all that the others are, and grows by more: only far more is something else.
                let rest = resident().filter(|resident| resident.gain() / 4 > workers.gain());
                of_main.or(rest).into_iter().chain([workers]).max_by(most)
            }
        }
    }

    /// The same for the findings.
    pub(crate) fn found(self, workers: Option<&Workers>, memory: &Memory) -> findings::Outside {
        match (self, workers) {
            (Self::ArrayBuffers { gain, is_owned }, _) => {
                findings::Outside::ArrayBuffers { bytes: gain, owned: is_owned }
            }
            (Self::WorkerHeaps(heaps), _) => heaps.found(memory),
            (Self::External(gain), _) => findings::Outside::External { bytes: gain },
            (Self::Resident { gain, .. }, Some(Workers { running, started, made })) => {
                findings::Outside::WorkerThreads {
                    bytes: gain,
                    running: *running,
                    started: *started,
                    location: made.as_ref().map(|made| made.place.best().clone()),
                }
            }
            (Self::Resident { native: Some(native), .. }, None) => native.found(memory),
            (Self::Resident { gain, native: None }, None) => findings::Outside::Resident { bytes: gain },
        }
    }

    /// In bytes.
    pub(crate) fn gain(self) -> u64 {
        match self {
            Self::ArrayBuffers { gain, .. } | Self::External(gain) | Self::Resident { gain, .. } => gain,
            Self::WorkerHeaps(heaps) => heaps.gain,
        }
    }
}

/// A kind of which so many more are open at each step is not a pool that fills, nor a few clients more.
const LEAST_OPENED: u64 = 4;

impl Opened {
    /// The kind of which most more are open.
    pub(crate) fn of(memory: &Memory) -> Option<Self> {
        let open = memory.descriptors.get(baseline(memory.descriptors.len())..)?;
        let grew = |kind: OpenKind, count: fn(&Descriptors) -> u64| {
            let series: Vec<u64> = open.iter().map(count).collect();
            let (first, last, steps) = (*series.first()?, *series.last()?, series.len() as u64 - 1);
            let much = last.saturating_sub(first) >= (steps * LEAST_OPENED).max(first / 4);
            let grows = steps >= LEAST_STEPS as u64 && series.is_sorted_by(|one, next| one < next) && much;
            grows.then_some(Self { kind, first, last })
        };
        let kinds = [
            grew(OpenKind::Files, |open| open.files),
            grew(OpenKind::Sockets, |open| open.sockets),
            grew(OpenKind::Pipes, |open| open.pipes),
        ];
        kinds.into_iter().flatten().max_by_key(|opened| opened.last - opened.first)
    }

    /// The same for the findings.
    pub(crate) fn found(self) -> findings::Outside {
        let Self { kind, first, last } = self;
        findings::Outside::Descriptors { of: kind, first, last }
    }
}

impl Totals {
    pub(crate) fn of(columns: &[Columns]) -> Option<Self> {
        Some(Self { first: columns.first()?.total, last: columns.last()?.total })
    }
}

/// What the whole heap gained from one snapshot to the next, where it grew all along.
pub(crate) fn diffuse(columns: &[Columns]) -> Option<u64> {
    let base = baseline(columns.len());
    let totals: Vec<u64> = columns[base..].iter().map(|columns| columns.total).collect();
    let (first, steps) = (totals[0], totals.len() as u64 - 1);
    let gain = totals[totals.len() - 1].saturating_sub(first);
    let much = gain >= steps * (first / 50).max(200_000);
    (trend(&totals) == Trend::Growing && much).then(|| gain / steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::WorkerHeap;

    #[track_caller]
    fn check(rss: &[u64], left: &[u64], grows: bool) {
        let bytes = |series: &[u64]| series.iter().map(|megabytes| megabytes * 1_000_000).collect();
        let memory = Memory { rss: bytes(rss), left: bytes(left), ..Memory::default() };
        assert_eq!(Outside::of(&memory).is_some(), grows, "{rss:?} {left:?}");
    }

    #[test]
    fn what_snapshots_leave_resident_is_no_growth_of_the_program() {
        // A heap of 77 MB that does not grow, Node 22.
        check(&[137, 631, 690, 720], &[0, 492, 550, 581], false);
        check(&[137, 631, 786], &[0, 492, 640], false);
        // Sessions of before did not tell what was left.
        check(&[137, 631, 690, 720], &[], false);
        check(&[137, 631, 690, 720], &[0, 492], false);
    }

    #[test]
    fn what_is_opened_at_each_step_and_not_closed_is_told_by_its_kind() {
        let opened = |files: [u64; 5], sockets: [u64; 5]| {
            let open = |(files, sockets)| Descriptors { files, sockets, ..Descriptors::default() };
            let descriptors = files.into_iter().zip(sockets).map(open).collect();
            Opened::of(&Memory { descriptors, ..Memory::default() })
        };
        let steady = [12, 12, 13, 12, 12];
        let files = Opened { kind: OpenKind::Files, first: 30, last: 90 };
        assert_eq!(opened([12, 30, 50, 70, 90], steady), Some(files));
        let sockets = Opened { kind: OpenKind::Sockets, first: 40, last: 160 };
        assert_eq!(opened(steady, [9, 40, 80, 120, 160]), Some(sockets));
        // A pool that fills, clients that come and go, and some few.
        assert_eq!(opened(steady, [9, 40, 80, 80, 80]), None);
        assert_eq!(opened(steady, [90, 40, 80, 20, 160]), None);
        assert_eq!(opened([12, 13, 14, 15, 16], steady), None);
    }

    #[test]
    fn array_buffers_are_told_from_other_external_memory() {
        let outside = |external: [u64; 4], array_buffers: [u64; 4]| {
            let megabytes = |series: [u64; 4]| series.iter().map(|megabytes| megabytes * 1_000_000).collect();
            Outside::of(&Memory {
                external: megabytes(external),
                array_buffers: megabytes(array_buffers),
                ..Memory::default()
            })
        };
        let grown = [5, 25, 45, 65];
        let kept = |is_owned| Some(Outside::ArrayBuffers { gain: 60_000_000, is_owned });
        // Node's own code keeps them: no object in the heap has them any more.
        assert_eq!(outside([4, 4, 4, 4], grown), kept(false));
        assert_eq!(outside([6, 26, 46, 66], grown), kept(true));
        assert_eq!(outside(grown, [4, 4, 4, 4]), Some(Outside::External(60_000_000)));
        assert_eq!(outside([4, 4, 4, 4], [5, 5, 5, 5]), None);
    }

    #[test]
    fn heaps_of_workers_are_told_from_the_rest_of_the_resident_set() {
        let outside = |worker: [u64; 4], rss: [u64; 4]| {
            let megabytes = |series: [u64; 4]| series.map(|megabytes| megabytes * 1_000_000);
            let heap = |used| vec![WorkerHeap { thread: 3, used, ..WorkerHeap::default() }];
            Outside::of(&Memory {
                workers: megabytes(worker).map(heap).to_vec(),
                rss: megabytes(rss).to_vec(),
                left: vec![0; 4],
                ..Memory::default()
            })
        };
        let grown = [100, 120, 140, 160];
        let (first, last, gain) = (5_000_000, 50_000_000, 45_000_000);
        let heaps = GrowingHeaps { thread: 3, first, last, others: 0, gain };
        assert_eq!(outside([5, 20, 35, 50], grown), Some(Outside::WorkerHeaps(heaps)));
        // Where the kernel took other pages away meanwhile.
        assert_eq!(outside([5, 20, 35, 50], [100; 4]), Some(Outside::WorkerHeaps(heaps)));
        assert_eq!(outside([5, 6, 7, 8], grown), Some(Outside::Resident { gain: 60_000_000, native: None }));
        assert_eq!(outside([5, 5, 5, 5], grown), Some(Outside::Resident { gain: 60_000_000, native: None }));
    }

    #[test]
    fn readings_that_no_process_had_are_survived() {
        let most = || vec![0, u64::MAX / 4, u64::MAX / 2, u64::MAX];
        let memory = Memory { external: most(), array_buffers: most(), rss: most(), ..Memory::default() };
        assert_eq!(Outside::of(&memory), Some(Outside::ArrayBuffers { gain: u64::MAX, is_owned: true }));
    }

    #[test]
    fn what_grows_besides_is() {
        // A worker thread's own heap, Node 20.
        check(&[76, 121, 134, 153, 178, 191], &[0, 33, 41, 41, 54, 55], true);
    }
}
