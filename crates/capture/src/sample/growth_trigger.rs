//! When is the next snapshot due?
//!
//! The rule wants *post-GC* growth, since raw used heap swings by megabytes with no leak at all; but a forced GC stops the
//! app. A raw reading costs the app a fraction of a millisecond and can only be too high. So raw readings are polled, and
//! one that lies under the threshold settles the matter for free. One above it *could* mean growth and is worth a GC,
//! but not more GCs than the leak's own speed calls for, nor more than one part in fifty of the app's time.

use std::time::Duration;

/// A GC may take at most this share of the time between two.
const GC_SHARE: u32 = 50;
/// No two forced GCs are closer than this.
const SHORTEST: Duration = Duration::from_secs(1);

/// Decides, for one wait between two snapshots. Times count from the last snapshot.
#[derive(Debug)]
pub(super) struct GrowthTrigger {
    base: u64,
    growth: u64,
    longest: Duration,
    /// No GC before this.
    quiet_until: Duration,
    settled: u64,
}

/// What to do after a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: read again later.
    Wait,
    /// Force a GC and give the settled value.
    Collect,
    /// The snapshot is due because memory has grown.
    Grown,
    /// The snapshot is due because time is up.
    TimeUp,
}

impl GrowthTrigger {
    /// A wait that starts at the post-GC value `base`, bytes.
    pub(super) fn new(base: u64, growth: u64, longest: Duration) -> Self {
        Self { base, growth, longest, quiet_until: SHORTEST, settled: base }
    }

    /// The value at which the snapshot is due, bytes.
    pub(super) fn due_at(&self) -> u64 {
        self.base.saturating_add(self.growth)
    }

    /// The last post-GC value, bytes.
    pub(super) fn settled(&self) -> u64 {
        self.settled
    }

    /// After a raw reading.
    pub(super) fn raw(&self, used: u64, elapsed: Duration) -> Next {
        if elapsed >= self.longest {
            Next::TimeUp
        } else if used >= self.due_at() && elapsed >= self.quiet_until {
            Next::Collect
        } else {
            Next::Wait
        }
    }

    /// After a post-GC reading, whose GC paused the app for `pause`.
    pub(super) fn collected(&mut self, used: u64, pause: Duration, elapsed: Duration) -> Next {
        self.settled = used;
        if used >= self.due_at() {
            return Next::Grown;
        }
        let grown = used.saturating_sub(self.base);
        let left = self.due_at() - used;
        // At the speed seen so far, two thirds of the way to the threshold; where nothing grew, as long again as it took.
        let by_speed = if grown == 0 {
            elapsed
        } else {
            elapsed.mul_f64((left as f64 / grown as f64 * 2.0 / 3.0).min(1e6)).min(elapsed * 2)
        };
        self.quiet_until = elapsed + by_speed.max(pause * GC_SHARE).max(SHORTEST);
        Next::Wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;
    const SECOND: Duration = Duration::from_secs(1);

    fn trigger() -> GrowthTrigger {
        GrowthTrigger::new(50 * MB, 5 * MB / 2, 600 * SECOND)
    }

    #[test]
    fn a_raw_reading_under_the_threshold_costs_nothing() {
        assert_eq!(trigger().raw(52 * MB, 10 * SECOND), Next::Wait);
    }

    #[test]
    fn a_raw_reading_over_it_is_only_a_suspicion() {
        assert_eq!(trigger().raw(80 * MB, 10 * SECOND), Next::Collect);
    }

    #[test]
    fn only_a_settled_value_is_growth() {
        let mut trigger = trigger();
        assert_eq!(trigger.collected(53 * MB, SECOND / 100, 10 * SECOND), Next::Grown);
        assert_eq!(trigger.collected(52 * MB, SECOND / 100, 10 * SECOND), Next::Wait);
        assert_eq!(trigger.settled(), 52 * MB);
    }

    #[test]
    fn garbage_does_not_buy_a_gc_at_every_reading() {
        let mut trigger = trigger();
        trigger.collected(50 * MB, SECOND / 2, 10 * SECOND);
        // Half a second of GC is worth 25 seconds of quiet, however high the raw value swings.
        assert_eq!(trigger.raw(90 * MB, 34 * SECOND), Next::Wait);
        assert_eq!(trigger.raw(90 * MB, 36 * SECOND), Next::Collect);
    }

    #[test]
    fn a_fast_leak_is_looked_at_again_soon() {
        let mut trigger = trigger();
        trigger.collected(52 * MB, SECOND / 100, 4 * SECOND);
        assert_eq!(trigger.raw(60 * MB, 6 * SECOND), Next::Collect, "0.5 MB are left at 0.5 MB a second");
    }

    #[test]
    fn time_is_up_whatever_was_read() {
        assert_eq!(trigger().raw(50 * MB, 600 * SECOND), Next::TimeUp);
        assert_eq!(trigger().raw(90 * MB, 601 * SECOND), Next::TimeUp);
    }
}
