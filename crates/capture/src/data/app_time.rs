//! What a hunt took of the application's own time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Time in which the application's event loop did not serve the application, by what took it. Measured in the process, by
/// its own clock, except for `unfinished_ms`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppTime {
    /// In code of leakhunt's that was evaluated in the process, milliseconds.
    pub evaluated_ms: f64,
    /// In garbage collections that leakhunt forced, milliseconds.
    pub collections_ms: f64,
    /// How many those were.
    pub collections: u32,
    /// In snapshots, milliseconds; one that was not finished counts where the process could still tell.
    pub snapshots_ms: f64,
    /// In a snapshot that was not finished and of which the process could tell nothing: at most this many milliseconds, from
    /// the request until the process was seen to go on.
    pub unfinished_ms: f64,
    /// Of `evaluated_ms`, what agents of earlier connections have counted.
    #[serde(skip)]
    earlier_ms: f64,
    /// Of `snapshots_ms`, what the present agent has counted as well.
    #[serde(skip)]
    by_file_ms: f64,
}

impl AppTime {
    /// A new agent counts from nothing.
    pub(crate) fn planted(&mut self) {
        self.earlier_ms = self.evaluated_ms;
        self.by_file_ms = 0.0;
    }

    /// The present agent's own count so far.
    pub(crate) fn evaluated(&mut self, spent: Duration) {
        self.evaluated_ms = self.evaluated_ms.max(self.earlier_ms + millis(spent));
    }

    pub(crate) fn collected(&mut self, pause: Duration) {
        self.collections += 1;
        self.collections_ms += millis(pause);
    }

    pub(crate) fn snapshot(&mut self, pause: Duration) {
        self.snapshots_ms += millis(pause);
    }

    /// A snapshot that the agent takes and counts itself.
    pub(crate) fn snapshot_by_file(&mut self, pause: Duration) {
        self.snapshot(pause);
        self.by_file_ms += millis(pause);
    }

    /// The agent's last word of the time in its snapshots. Did it know of one that has not come home?
    pub(crate) fn paused(&mut self, paused: Duration) -> bool {
        let unknown = millis(paused) - self.by_file_ms;
        // The sum of rounded numbers is a bit off.
        if unknown < 1.0 {
            return false;
        }
        self.snapshots_ms += unknown;
        self.by_file_ms += unknown;
        true
    }

    pub(crate) fn unfinished(&mut self, at_most: Duration) {
        self.unfinished_ms += millis(at_most);
    }
}

fn millis(duration: Duration) -> f64 {
    // A tenth of a millisecond is as exact as any of this is.
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_that_did_not_come_home_counts_once() {
        let mut time = AppTime::default();
        time.snapshot_by_file(Duration::from_millis(300));
        assert!(!time.paused(Duration::from_millis(300)), "all is known");
        assert!(time.paused(Duration::from_millis(1800)), "a second one was under way");
        assert!(!time.paused(Duration::from_millis(1800)), "and is known now");
        assert!((time.snapshots_ms - 1800.0).abs() < 0.1, "{time:?}");
        time.planted();
        assert!(!time.paused(Duration::ZERO), "a new agent counts from nothing");
        time.snapshot(Duration::from_millis(50));
        assert!(!time.paused(Duration::ZERO), "a stream is not the agent's to count");
    }
}
