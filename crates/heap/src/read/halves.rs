//! A long text cut in two, for two threads to read.

use std::ops::Range;

use memchr::{memchr, memchr_iter};

use crate::read::source::{RELEASE_STEP, Source};
use crate::threads::both;

/// A flat array cut in two at the beginning of a record.
#[derive(Debug, Clone)]
pub(crate) struct Halves {
    pub(crate) first: Range<usize>,
    pub(crate) second: Range<usize>,
    /// The ordinal of the second half's first record.
    pub(crate) record: usize,
}

/// Below this, a thread costs more than it saves.
const WORTH_A_THREAD: usize = 1 << 16;

/// Finds the record nearest the middle of a section, if two threads may read it and it is worth both. Commas behind the
/// middle say how many values are there.
pub(crate) fn halve(
    source: &Source<'_>,
    range: &Range<usize>,
    fields: usize,
    count: usize,
) -> Option<Halves> {
    if source.threads < 2 || count < WORTH_A_THREAD {
        return None;
    }
    let bytes = source.bytes;
    let middle = range.start + range.len() / 2;
    let begin = middle + memchr(b',', &bytes[middle..range.end])? + 1;
    let quarter = begin + (range.end - begin) / 2;
    let (one, two) = both(|| commas(source, begin..quarter), || commas(source, quarter..range.end));
    let value = (count * fields).checked_sub(one + two + 1)?;
    // The middle may lie inside a record: the next one begins after as many commas as values are left of it.
    let inside = (fields - value % fields) % fields;
    let mut split = begin;
    for _ in 0..inside {
        split += memchr(b',', &bytes[split..range.end])? + 1;
    }
    let record = (value + inside) / fields;
    (record < count).then(|| Halves { first: range.start..split - 1, second: split..range.end, record })
}

fn commas(source: &Source<'_>, range: Range<usize>) -> usize {
    let mut count = 0;
    for start in range.clone().step_by(RELEASE_STEP) {
        let end = (start + RELEASE_STEP).min(range.end);
        count += memchr_iter(b',', &source.bytes[start..end]).count();
        source.released(start..end);
    }
    count
}
