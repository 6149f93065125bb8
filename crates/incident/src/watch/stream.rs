//! The lines of a log that is read over several connections: each once, and what is missing between two of them is known.
//!
//! A new connection begins with the last lines of the log, up to 1,500, as the platform keeps them. So most of them were read before:
//! these are known by their time and text. Where the first line of a connection is later than all that was read, lines may be missing.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;

/// Lines of interest, of which a connection repeats 1,500 at most.
const REMEMBERED: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Stream {
    latest: Option<Timestamp>,
    /// A connection has begun, and no line of it was read.
    begins: bool,
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

/// A time of which lines may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last line before it.
    pub from: Timestamp,
    /// The first line after it.
    pub to: Timestamp,
}

impl Stream {
    /// The next line is the first of a new connection.
    pub(super) fn connected(&mut self) {
        self.begins = true;
    }

    /// The time of the last line.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        self.latest
    }

    /// Whether lines are missing before this one.
    pub(super) fn gap(&mut self, at: Timestamp) -> Option<Gap> {
        let gap = self.latest.filter(|latest| self.begins && *latest < at).map(|from| Gap { from, to: at });
        self.begins = false;
        self.latest = self.latest.max(Some(at));
        gap
    }

    /// Whether a line of interest was read before. Its time stands in its text.
    pub(super) fn knows(&mut self, line: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        let hash = hasher.finish();
        if !self.known.insert(hash) {
            return true;
        }
        self.order.push_back(hash);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_once_and_old_ones_are_forgotten() {
        let mut stream = Stream::default();
        assert!(!stream.knows(b"10 a") && !stream.knows(b"10 b") && stream.knows(b"10 a"));
        for line in 0..10_000_u32 {
            assert!(!stream.knows(&line.to_le_bytes()));
        }
        assert!(stream.known.len() == REMEMBERED && stream.order.len() == REMEMBERED);
        assert!(!stream.knows(b"10 a"));
    }

    #[test]
    fn what_is_missing_between_two_connections_is_known() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut stream = Stream::default();
        stream.connected();
        assert_eq!([stream.gap(at(10)), stream.gap(at(20))], [None, None]);
        stream.connected();
        assert_eq!([stream.gap(at(10)), stream.gap(at(20)), stream.gap(at(50))], [None, None, None]);
        stream.connected();
        assert_eq!(stream.gap(at(90)), Some(Gap { from: at(50), to: at(90) }));
        assert_eq!(stream.gap(at(99)), None);
    }
}
