//! How long to wait, and how much to accept.

use std::time::Duration;

/// Every wait of a session is bounded by one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte sent to an open WebSocket. An application inside a synchronous call (`execSync`) answers
    /// nothing at all until that call ends.
    pub attach: Duration,
    /// For the answer to an ordinary question, a forced garbage collection included (measured: up to 1.2 s at 290 MB).
    pub reply: Duration,
    /// For the next frame where frames should be flowing. While V8 builds a snapshot it reports progress all the time.
    pub idle: Duration,
    /// For one snapshot from the first request to the last byte.
    pub snapshot: Duration,
    /// For the whole of [`Session::leave`](crate::Session::leave).
    pub leave: Duration,
    /// The largest message accepted, in bytes. V8's largest chunk is 1.3 MB; a profile comes in one piece.
    pub message: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attach: Duration::from_secs(20),
            reply: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            snapshot: Duration::from_secs(3600),
            leave: Duration::from_secs(10),
            message: 64 << 20,
        }
    }
}
