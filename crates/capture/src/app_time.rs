//! What a hunt took of the application's own time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Time in which the application's event loop did not serve the application, by what took it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppTime {
    /// In code of leakhunt's that was evaluated in the process, by the process's own clock, milliseconds.
    pub evaluated_ms: f64,
    /// In garbage collections that leakhunt forced, seen from here, milliseconds.
    pub collections_ms: f64,
    /// How many those were.
    pub collections: u32,
    /// In snapshots, by the process's own clock, milliseconds.
    pub snapshots_ms: f64,
    /// Of `evaluated_ms`, what agents of earlier connections have counted.
    #[serde(skip)]
    earlier_ms: f64,
}

impl AppTime {
    /// A new agent counts from nothing.
    pub(crate) fn planted(&mut self) {
        self.earlier_ms = self.evaluated_ms;
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
}

fn millis(duration: Duration) -> f64 {
    // A tenth of a millisecond is as exact as any of this is.
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}
