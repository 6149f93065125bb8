//! The time of a hunt: that of day when it began, and from then on a clock that nobody sets.
//!
//! How fast memory grows is told by the times of readings and snapshots. A wall clock that is set meanwhile, by a day or back,
//! made "3 B a minute" of a leak.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Counts on from the moment it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    began: Timestamp,
    since: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { began: Timestamp::now(), since: Instant::now() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX);
        self.began.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_meanwhile_does_not_count() {
        // As after a hunt that began when the wall clock was decades behind.
        let began = Timestamp::from_second(1_000_000_000).unwrap();
        let clock = Clock { began, since: Instant::now() };
        let (first, second) = (clock.now(), clock.now());
        assert!(began <= first && first <= second);
        assert!(second.duration_since(began) < SignedDuration::from_hours(1), "{second}");
    }
}
