//! What snapshots have taken of the process's memory, and what of that it keeps.
//!
//! V8 builds a snapshot's graph with `malloc`, and frees it; of what was freed, glibc gives back only what lies at the top
//! of its heap. Measured with 20 MB of small objects, in MB of resident memory before two snapshots, after them, and after
//! the session had ended: Node 18 82, 234, 196; Node 20 82, 340, 302; Node 22 86, 309, 271; Node 24 87, 329, 291; Node 26 88,
//! 331, 293. Both routes are the same; neither more collections nor large buffers that are freed give any of it back, and
//! V8's flags are not to be touched in a running process (`--single-threaded-gc` ended it). What is given back at the end of
//! the session are the numbers of the objects. The next snapshot uses the rest again: a series of them peaks hardly above the
//! first.

use std::time::Duration;

use leakhunt_inspector::Memory;
use serde::Serialize;

/// The resident set around the snapshots of one hunt, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Resident {
    /// Before the first one.
    pub before: u64,
    /// At the most, where the system told it.
    pub peak: Option<u64>,
    /// After the last one: V8 and malloc keep it and use it again.
    pub after: u64,
}

/// What one snapshot cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Used heap before it, bytes.
    pub(crate) used: u64,
    /// Objects in it.
    pub(crate) nodes: u64,
    /// Memory that it took at its peak, above the app's own, bytes.
    pub(crate) memory: u64,
    /// How long the app stood still.
    pub(crate) pause: Duration,
}

/// The snapshots so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Past {
    /// Resident set and used heap before the first.
    first: Option<(u64, u64)>,
    /// What snapshots have left resident, bytes.
    left: u64,
    peak: Option<u64>,
    after: u64,
    pub(crate) last: Option<Cost>,
    pub(crate) before_last: Option<Cost>,
}

impl Past {
    /// The resident set that is the app's own, without what snapshots have left.
    pub(crate) fn own(&self, used: u64, rss: u64) -> u64 {
        let Some((first_rss, first_used)) = self.first else { return rss };
        // What was left may have been given back meanwhile, as Node 18 does.
        let at_least = first_rss.saturating_add(used.saturating_sub(first_used));
        rss.saturating_sub(self.left).max(at_least).min(rss.max(first_rss))
    }

    /// A snapshot of `nodes` objects was taken between two readings, both after a collection.
    pub(crate) fn taken(
        &mut self,
        before: &Memory,
        after: &Memory,
        nodes: u64,
        expected: u64,
        pause: Duration,
    ) {
        let own = self.own(before.used_size, before.rss);
        self.first.get_or_insert((before.rss, before.used_size));
        // A peak below one that the process had before is not told.
        let told = (after.peak_rss > before.peak_rss).then_some(after.peak_rss);
        let memory =
            told.map_or_else(|| expected.max(after.rss.saturating_sub(own)), |peak| peak.saturating_sub(own));
        self.peak = self.peak.max(told);
        self.left = self.left.saturating_add(after.rss.saturating_sub(before.rss));
        self.after = after.rss;
        self.before_last = self.last;
        self.last = Some(Cost { used: before.used_size, nodes, memory, pause });
    }

    pub(crate) fn resident(&self) -> Option<Resident> {
        let (before, _) = self.first?;
        Some(Resident { before, peak: self.peak, after: self.after })
    }
}
