//! What a kind of evidence would cost the app, and whether that is too much.
//!
//! V8 builds the whole graph in memory while the app stands still. Measured on Node 18 to 26 with heaps of small objects,
//! which are the worst case: resident memory grows by 7.5 to 9.6 times the used heap, on small heaps by about 120 MB more,
//! and the pause is proportional to the heap. Strings cost a quarter of that, but nobody knows beforehand which it is; so
//! the first prediction is the worst case, and each snapshot corrects it for the next.
//!
//! The limit is whatever leaves the least room: the container's, or the memory of the machine itself, whose kernel kills as
//! readily.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::plan::{Plan, Risk};
use crate::reach::{Machine, NodeProcess};

/// Growth of resident memory per byte of used heap, at worst.
const GROWTH_PER_BYTE: f64 = 10.0;
/// What even the snapshot of a small heap takes.
const GROWTH_BASE: u64 = 120_000_000;
/// The next snapshot may cost this much more than the last one did, for the same heap.
const MARGIN: f64 = 1.25;
/// Bytes of a snapshot's text per byte of used heap (2.6 on Node 18 to 22): what a slow link leaves queueing in the app.
const QUEUE_PER_BYTE: f64 = 2.6;
/// What V8's sampling profiler keeps, and the text of its profile. Most readings of Node 18 to 26 were 0 to 1 MB of resident
/// memory; the two that were not, 12 and 45 MB, came from an app that did nothing but allocate.
const SAMPLING: u64 = 4_000_000;
/// Pause of a forced garbage collection per megabyte of used heap: 1.2 s at 290 MB, Node 18 and 20.
const GC_SECONDS_PER_MEGABYTE: f64 = 0.0042;
/// Resident memory of a Node process that holds nothing: its code, its threads, an empty heap. 44 to 48 MB on Node 18 to 26.
const EMPTY_PROCESS: u64 = 44_000_000;
/// Used heap of such a process.
const EMPTY_HEAP: u64 = 4_000_000;
/// An app that allocates needs something, too, while it waits to be scheduled again.
const SPARE: u64 = 16_000_000;

/// The kinds of evidence that are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A heap snapshot that the app writes to its own disk.
    SnapshotByFile,
    /// A heap snapshot, streamed.
    SnapshotByStream,
    /// A sampling heap profile.
    Sampling,
}

/// What the app's memory looks like before evidence is taken, bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Used heap, after GC.
    pub(crate) used: u64,
    /// Resident set of the process.
    pub(crate) rss: u64,
    /// The limit that the process must not pass, where one is known.
    pub(crate) limit: Option<u64>,
    /// What counts against that limit now, the process's own resident set included.
    pub(crate) charged: Option<u64>,
}

impl Load {
    /// The heap and the resident set, within the limit that leaves the least room.
    ///
    /// What others use of it was seen once, before anything was taken; `constrained` is what the process itself knows.
    pub(crate) fn of(
        used: u64,
        rss: u64,
        process: &NodeProcess,
        machine: &Machine,
        constrained: Option<u64>,
    ) -> Self {
        let container = [process.memory_limit, constrained].into_iter().flatten().min().map(|limit| {
            let others = process.memory_used.map_or(0, |all| all.saturating_sub(process.rss));
            (limit, others.saturating_add(rss))
        });
        let whole = machine.memory_total.zip(machine.memory_available).map(|(total, available)| {
            let others = total.saturating_sub(available).saturating_sub(process.rss);
            (total, others.saturating_add(rss))
        });
        let tightest =
            container.into_iter().chain(whole).min_by_key(|(limit, charged)| limit.saturating_sub(*charged));
        Self { used, rss, limit: tightest.map(|tight| tight.0), charged: tightest.map(|tight| tight.1) }
    }
}

/// The used heap behind a resident set, where nobody can ask V8: a guess on the high side, since garbage, buffers and code
/// count as heap in it.
pub(crate) fn heap_behind(rss: u64) -> u64 {
    rss.saturating_sub(EMPTY_PROCESS).max(EMPTY_HEAP)
}

/// What the last snapshot of this process cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Used heap before it, bytes.
    pub(crate) used: u64,
    /// By how much resident memory had grown when it was done, bytes.
    pub(crate) growth: u64,
    /// How long the app stood still.
    pub(crate) pause: Duration,
}

/// What a piece of evidence is expected to cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Prediction {
    /// Memory charged against the limit at the peak, bytes.
    pub peak: u64,
    /// The limit, where one is known, bytes.
    pub limit: Option<u64>,
    /// How long the app will stand still.
    #[serde(rename = "pause_ms", serialize_with = "crate::event::millis")]
    pub pause: Duration,
}

/// Why evidence is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The peak would pass the memory limit.
    Memory,
    /// The pause would be longer than allowed.
    Pause,
}

impl Refusal {
    /// What would be risked.
    pub fn risk(self) -> Risk {
        match self {
            Self::Memory => Risk::Memory,
            Self::Pause => Risk::Pause,
        }
    }
}

/// At least so long, for a machine that is busy with something else, ...
const PATIENCE: Duration = Duration::from_secs(60);
/// ... and so many times what was predicted, whose margin is some tens of percent.
const PATIENCE_PER_PAUSE: u32 = 10;

/// Predicts from the heap, Node's major version and what the last snapshot of the same process cost.
pub(crate) fn predict(evidence: Evidence, load: &Load, node_major: u32, last: Option<&Cost>) -> Prediction {
    let used = load.used as f64;
    let (growth, pause) = match (evidence, last.filter(|last| last.used > 0)) {
        (Evidence::Sampling, _) => (SAMPLING, Duration::from_secs_f64(used / 1e6 * GC_SECONDS_PER_MEGABYTE)),
        (_, Some(last)) => {
            let scale = MARGIN * used / last.used as f64;
            ((last.growth as f64 * scale) as u64, last.pause.mul_f64(scale))
        }
        (_, None) => {
            let queue = if evidence == Evidence::SnapshotByStream { QUEUE_PER_BYTE } else { 0.0 };
            (
                (used * (GROWTH_PER_BYTE + queue)) as u64 + GROWTH_BASE,
                Duration::from_secs_f64(used / 1e6 * seconds_per_megabyte(node_major)),
            )
        }
    };
    let peak = load.charged.unwrap_or(load.rss).max(load.rss).saturating_add(growth).saturating_add(SPARE);
    Prediction { peak, limit: load.limit, pause }
}

/// Pause per megabyte of used heap: 290 MB of small objects, the slower of both routes, on two busy cores.
fn seconds_per_megabyte(node_major: u32) -> f64 {
    match node_major {
        ..=18 => 0.17,
        19..=20 => 0.16,
        21..=22 => 0.125,
        _ => 0.075,
    }
}

/// The major of `v22.23.3`; 0, which costs most, where it cannot be read.
pub(crate) fn major(version: &str) -> u32 {
    version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0)
}

impl Prediction {
    /// After this long without a word the connection is taken for dead, not the app for busy.
    pub(crate) fn patience(&self) -> Duration {
        PATIENCE.max(self.pause * PATIENCE_PER_PAUSE)
    }

    /// Is it too much?
    pub(crate) fn refused(&self, max_pause: Duration) -> Option<Refusal> {
        self.refusals(max_pause).next()
    }

    /// Is it too much in a way that was not consented to? Consent to one is not consent to the other.
    pub(crate) fn refused_by(&self, plan: &Plan) -> Option<Refusal> {
        self.refusals(plan.max_pause).find(|refusal| !plan.accepts(refusal.risk()))
    }

    fn refusals(&self, max_pause: Duration) -> impl Iterator<Item = Refusal> + use<> {
        let memory = self.limit.is_some_and(|limit| self.peak > limit).then_some(Refusal::Memory);
        let pause = (self.pause > max_pause).then_some(Refusal::Pause);
        memory.into_iter().chain(pause)
    }
}

impl std::fmt::Display for Prediction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "peak {:.0} MB", self.peak as f64 / 1e6)?;
        if let Some(limit) = self.limit {
            write!(f, " of {:.0} MB", limit as f64 / 1e6)?;
        }
        write!(f, ", pause {:.1} s", self.pause.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;
    const ALLOWED: Duration = Duration::from_secs(20);

    fn load(used: u64, limit: Option<u64>) -> Load {
        Load { used: used * MB, rss: (used + 60) * MB, limit: limit.map(|limit| limit * MB), charged: None }
    }

    #[track_caller]
    fn check(used: u64, limit: Option<u64>, node: u32, last: Option<Cost>, expected: Option<Refusal>) {
        let prediction = predict(Evidence::SnapshotByFile, &load(used, limit), node, last.as_ref());
        assert_eq!(prediction.refused(ALLOWED), expected, "{prediction}");
    }

    #[test]
    fn sixty_megabytes_of_objects_do_not_fit_a_small_dyno() {
        check(60, Some(512), 22, None, Some(Refusal::Memory));
        check(60, Some(2_500), 22, None, None);
        check(60, None, 22, None, None);
    }

    #[test]
    fn what_was_measured_lies_under_the_prediction() {
        // Used heap, growth of the resident set in MB, and the pause in s: 290 MB of small objects on Node 18 … 26.
        for (node, growth, pause) in
            [(18, 2736, 48), (20, 2736, 46), (22, 2401, 35), (24, 2466, 19), (26, 2430, 21)]
        {
            let prediction = predict(Evidence::SnapshotByFile, &load(290, None), node, None);
            assert!(
                prediction.peak >= (350 + growth) * MB && prediction.pause.as_secs() >= pause,
                "Node {node}: {prediction}"
            );
        }
        // A heap of 12 MB took the resident set from 56 to 296 MB.
        let small = Load { used: 12 * MB, rss: 56 * MB, limit: None, charged: None };
        assert!(predict(Evidence::SnapshotByFile, &small, 22, None).peak >= 296 * MB);
    }

    #[test]
    fn nobody_waits_for_ever_and_a_slow_machine_is_waited_for() {
        let patience =
            |pause| Prediction { peak: 0, limit: None, pause: Duration::from_secs(pause) }.patience();
        assert_eq!(patience(1), Duration::from_secs(60));
        assert_eq!(patience(20), Duration::from_secs(200));
    }

    #[test]
    fn a_long_pause_is_refused() {
        assert_eq!((major("v22.23.3"), major("v4.0.0-pre"), major("")), (22, 4, 0));
        check(150, None, 18, None, Some(Refusal::Pause));
        check(150, None, 26, None, None);
    }

    #[test]
    fn consent_to_one_risk_lifts_no_other() {
        let both = predict(Evidence::SnapshotByFile, &load(150, Some(512)), 18, None);
        let refused = |accept: &[Risk]| {
            both.refused_by(&Plan { accept: accept.to_vec(), max_pause: ALLOWED, ..Plan::default() })
        };
        assert_eq!(refused(&[]), Some(Refusal::Memory));
        assert_eq!(refused(&[Risk::Memory]), Some(Refusal::Pause));
        assert_eq!(refused(&[Risk::Pause, Risk::Exposure]), Some(Refusal::Memory));
        assert_eq!(refused(&[Risk::Memory, Risk::Pause]), None);
    }

    #[test]
    fn the_first_snapshot_corrects_the_next() {
        // Strings: a quarter of the cost of objects.
        let last = Cost { used: 100 * MB, growth: 230 * MB, pause: Duration::from_secs(2) };
        check(110, Some(512), 18, None, Some(Refusal::Memory));
        check(110, Some(500), 18, Some(last), Some(Refusal::Memory));
        check(110, Some(600), 18, Some(last), None);
    }

    #[test]
    fn what_others_use_of_the_limit_counts() {
        let mut load = load(20, Some(600));
        load.charged = Some(300 * MB);
        assert_eq!(
            predict(Evidence::SnapshotByFile, &load, 22, None).refused(ALLOWED),
            Some(Refusal::Memory)
        );
    }

    #[test]
    fn the_lighter_evidence_fits_where_a_snapshot_does_not() {
        let load = load(60, Some(512));
        for (evidence, expected) in [
            (Evidence::SnapshotByFile, Some(Refusal::Memory)),
            (Evidence::SnapshotByStream, Some(Refusal::Memory)),
            (Evidence::Sampling, None),
        ] {
            let prediction = predict(evidence, &load, 22, None);
            assert_eq!(prediction.refused(ALLOWED), expected, "{evidence:?}: {prediction}");
        }
    }

    #[test]
    fn the_limit_is_the_one_that_leaves_the_least_room() {
        let check = |limit: Option<u64>, available: u64, expected: (u64, u64)| {
            let process = NodeProcess {
                rss: 100 * MB,
                memory_limit: limit.map(|limit| limit * MB),
                memory_used: limit.map(|_| 150 * MB),
                ..NodeProcess::default()
            };
            let machine = Machine {
                memory_total: Some(4_000 * MB),
                memory_available: Some(available * MB),
                ..Machine::default()
            };
            let load = Load::of(60 * MB, 110 * MB, &process, &machine, None);
            assert_eq!((load.limit, load.charged), (Some(expected.0 * MB), Some(expected.1 * MB)));
        };
        check(Some(512), 3_000, (512, 160));
        check(Some(512), 200, (4_000, 3_810));
        check(None, 3_000, (4_000, 1_010));
    }
}
