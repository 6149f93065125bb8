//! What a hunt took of the application's own time.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::millis;
use super::plan::Route;

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
    /// In the start and the end of CPU profiles, milliseconds.
    pub profiles_ms: f64,
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
    /// Since when a snapshot is under way: what breaks now has broken it.
    #[serde(skip)]
    under_way: Option<Instant>,
}

impl AppTime {
    /// A new agent counts from nothing.
    pub(crate) fn planted(&mut self) {
        self.earlier_ms = self.evaluated_ms;
        self.by_file_ms = 0.0;
    }

    /// The present agent's own count so far.
    pub(crate) fn evaluated(&mut self, spent: Duration) {
        self.evaluated_ms = self.evaluated_ms.max(self.earlier_ms + millis::tenths(spent));
    }

    pub(crate) fn collected(&mut self, pause: Duration) {
        self.collections += 1;
        self.collections_ms += millis::tenths(pause);
    }

    pub(crate) fn profiled(&mut self, pause: Duration) {
        self.profiles_ms += millis::tenths(pause);
    }

    pub(crate) fn snapshot_begins(&mut self) {
        self.under_way = Some(Instant::now());
    }

    /// Is a snapshot under way, of which nobody knows how long it has stopped the app? At the end of a hunt: could nobody look?
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// A snapshot that was downloaded.
    pub(crate) fn snapshot_by(&mut self, route: Route, pause: Duration) {
        self.under_way = None;
        self.snapshots_ms += millis::tenths(pause);
        // By the file route the agent takes it, and counts it itself.
        if route == Route::File {
            self.by_file_ms += millis::tenths(pause);
        }
    }

    /// What the process told of its own time at the end. A snapshot that was under way is over when it speaks.
    pub(crate) fn last_words(&mut self, spent: Option<Duration>, paused: Option<Duration>) {
        if let Some(spent) = spent {
            self.evaluated(spent);
        }
        if let Some(paused) = paused {
            let known = self.paused(paused);
            self.goes_on(!known);
        }
    }

    /// The app goes on, if it stood still. `unmeasured`: nobody has told for how long a snapshot under way has stopped it.
    pub(crate) fn goes_on(&mut self, unmeasured: bool) {
        if let Some(since) = self.under_way.take().filter(|_| unmeasured) {
            self.unfinished_ms += millis::tenths(since.elapsed());
        }
    }

    /// The agent's last word of the time in its snapshots. Did it know of one that was not downloaded?
    fn paused(&mut self, paused: Duration) -> bool {
        let unknown = millis::tenths(paused) - self.by_file_ms;
        // The sum of rounded numbers is a bit off.
        if unknown < 1.0 {
            return false;
        }
        self.snapshots_ms += unknown;
        self.by_file_ms += unknown;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_that_did_not_come_home_counts_once() {
        let mut time = AppTime::default();
        time.snapshot_by(Route::File, Duration::from_millis(300));
        assert!(!time.paused(Duration::from_millis(300)), "all is known");
        assert!(time.paused(Duration::from_millis(1800)), "a second one was under way");
        assert!(!time.paused(Duration::from_millis(1800)), "and is known now");
        assert!((time.snapshots_ms - 1800.0).abs() < 0.1, "{time:?}");
        time.planted();
        assert!(!time.paused(Duration::ZERO), "a new agent counts from nothing");
        time.snapshot_by(Route::Stream, Duration::from_millis(50));
        assert!(!time.paused(Duration::ZERO), "a stream is not the agent's to count");
    }
}
