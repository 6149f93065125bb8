//! The bytes of one file.
//!
//! A mapped file counts as resident memory as far as it was touched. Whoever maps it can pass a `release` hook that
//! is told of each stretch the parser will not look at again soon.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::{memchr, memchr2};

use crate::threads::both;

/// How much is read between two calls of the release hook.
pub(crate) const RELEASE_STEP: usize = 1 << 22;

/// Told of stretches of the bytes that were consumed.
pub(crate) trait Release: Sync {
    fn release(&self, range: Range<usize>);
}

/// The bytes of a snapshot and what to do with those that were consumed.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) release: Option<&'a dyn Release>,
    /// How many threads may read them; more than two are not used.
    pub(crate) threads: usize,
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}

impl<'a> Source<'a> {
    pub(crate) fn plain(bytes: &'a [u8], threads: usize) -> Self {
        Self { bytes, release: None, threads }
    }

    /// Does two things, at once if there may be two threads.
    pub(crate) fn both<A, B: Send>(&self, one: impl FnOnce() -> A, two: impl FnOnce() -> B + Send) -> (A, B) {
        if self.threads > 1 { both(one, two) } else { (one(), two()) }
    }

    pub(crate) fn released(&self, range: Range<usize>) {
        if let Some(release) = self.release {
            release.release(range);
        }
    }

    /// Searches for the bracket that closes a flat array of numbers, releasing what lies before it.
    pub(super) fn array_end(&self, start: usize) -> Option<usize> {
        let end = self.bytes.len();
        let found = AtomicBool::new(false);
        if self.threads < 2 || end.saturating_sub(start) < 4 * RELEASE_STEP {
            return self.bracket(start..end, &found);
        }
        let middle = start + (end - start) / 2;
        let (near, far) = both(
            || {
                let near = self.bracket(start..middle, &found);
                found.fetch_or(near.is_some(), Ordering::Relaxed);
                near
            },
            || self.bracket(middle..end, &found),
        );
        near.or(far)
    }

    /// Searches for a bracket until somebody else has found a nearer one.
    fn bracket(&self, range: Range<usize>, found: &AtomicBool) -> Option<usize> {
        for start in range.clone().step_by(RELEASE_STEP) {
            if found.load(Ordering::Relaxed) {
                return None;
            }
            let end = (start + RELEASE_STEP).min(range.end);
            let here = memchr(b']', &self.bytes[start..end]);
            self.released(start..end);
            if let Some(here) = here {
                return Some(start + here);
            }
        }
        None
    }
}

pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The place of the quote that ends the string whose text begins at `at`.
pub(crate) fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bracket_is_found_whoever_meets_it() {
        let mut text = vec![b'1'; 5 * RELEASE_STEP];
        let last = text.len() - 1;
        for brackets in [&[][..], &[0], &[last], &[last / 2], &[last / 2 + 1], &[7, last], &[last - 1, last]]
        {
            for &at in brackets {
                text[at] = b']';
            }
            for threads in [1, 2] {
                let source = Source::plain(&text, threads);
                assert_eq!(source.array_end(0), brackets.first().copied(), "{brackets:?}, {threads} threads");
                assert_eq!(source.array_end(text.len()), None);
                assert_eq!(source.array_end(text.len() + 5), None);
            }
            for &at in brackets {
                text[at] = b'1';
            }
        }
    }
}
