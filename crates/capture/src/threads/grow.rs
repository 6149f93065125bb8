//! Whose heap grows, from one look to a later one.

use crate::data::{WorkerHeap, WorkerThread};

/// Less may be a collection's doing, code that has just been compiled, a request under way.
const LEAST: u64 = 500_000;

/// The used heaps of a process after garbage collections, in bytes.
pub(super) struct Heaps {
    pub(super) main: u64,
    pub(super) workers: Vec<WorkerHeap>,
}

/// A worker thread, and by how many bytes its heap has grown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Grown {
    pub(super) worker: WorkerThread,
    pub(super) by: u64,
}

/// The worker thread that grew most, unless the main thread grew as much.
pub(super) fn the_growing(before: &Heaps, after: &Heaps) -> Option<Grown> {
    let of_main = after.main.saturating_sub(before.main);
    most_grown(&before.workers, &after.workers).filter(|grown| grown.by > of_main)
}

/// The one that grew most of those that were there at both looks, if any grew.
pub(super) fn most_grown(before: &[WorkerHeap], after: &[WorkerHeap]) -> Option<Grown> {
    let grown = before.iter().filter_map(|then| {
        let now = after.iter().find(|now| now.thread == then.thread)?;
        Some(Grown { worker: now.into(), by: now.used.saturating_sub(then.used) })
    });
    grown.filter(|grown| grown.by >= LEAST).max_by_key(|grown| grown.by)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kilobytes of the main thread at both looks, and of each worker, from 1 on; 0 where it did not answer.
    #[track_caller]
    fn check(main: (u64, u64), workers: &[(u64, u64)], expected: Option<(u64, u64)>) {
        let heaps = |main: u64, of: fn(&(u64, u64)) -> u64| {
            let used = |(thread, kb)| WorkerHeap { thread, name: None, script: None, used: kb * 1_000 };
            let workers = (1..).zip(workers.iter().map(of)).filter(|(_, kb)| *kb > 0).map(used);
            Heaps { main: main * 1_000, workers: workers.collect() }
        };
        let (before, after) = (heaps(main.0, |kb| kb.0), heaps(main.1, |kb| kb.1));
        let grown = the_growing(&before, &after).map(|grown| (grown.worker.thread, grown.by / 1_000));
        assert_eq!(grown, expected);
    }

    #[test]
    fn a_worker_is_taken_that_grows_more_than_the_main_thread() {
        check((9_000, 9_100), &[(5_000, 5_050), (5_000, 7_100)], Some((2, 2_100)));
        check((9_000, 10_000), &[(5_000, 7_100)], Some((1, 2_100)));
        // The main thread's part in it is as large, or nothing of it grows.
        check((9_000, 11_100), &[(5_000, 7_100)], None);
        check((9_000, 9_000), &[(5_000, 5_400), (5_000, 4_000)], None);
        check((9_000, 9_000), &[], None);
    }

    #[test]
    fn one_that_came_or_went_did_not_grow() {
        check((9_000, 9_000), &[(0, 9_000), (9_000, 0), (5_000, 5_600)], Some((3, 600)));
    }
}
