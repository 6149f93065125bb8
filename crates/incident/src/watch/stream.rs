//! The lines of a log, each once.
//!
//! A new connection begins with the last lines of the log, up to 1,500, as the platform keeps them. So most of them were read before:
//! these are known by their time and text.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Lines of interest, of which a connection repeats 1,500 at most.
const REMEMBERED: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Stream {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Stream {
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
}
