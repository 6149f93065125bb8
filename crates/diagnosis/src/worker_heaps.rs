//! The heaps of other threads, which no snapshot of the one that was hunted shows.

use crate::findings::{self, Memory};
use crate::series::growth::{baseline, rises};

/// The heap grows by this much at each step, or V8's own housekeeping and a worker's first work would count.
const LEAST_STEP: u64 = 500_000;

/// Threads whose heaps grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GrowingHeaps {
    /// The thread whose heap grew most, ...
    pub(crate) thread: u64,
    /// ... and its bytes at the first judged snapshot and the last.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// So many others grew besides.
    pub(crate) others: u64,
    /// By so much all of them grew.
    pub(crate) gain: u64,
}

impl GrowingHeaps {
    /// Of those that ran, and answered, all along.
    pub(crate) fn of(memory: &Memory) -> Option<Self> {
        let judged = memory.workers.get(baseline(memory.workers.len())..)?;
        let growing = judged.first()?.iter().filter_map(|worker| {
            let used = |heaps: &Vec<findings::WorkerHeap>| {
                heaps.iter().find(|heap| heap.thread == worker.thread).map(|heap| heap.used)
            };
            let series: Vec<u64> = judged.iter().map(used).collect::<Option<_>>()?;
            let (first, last) = (*series.first()?, *series.last()?);
            Some((worker.thread, first, last, rises(&series, LEAST_STEP)?))
        });
        let growing: Vec<(u64, u64, u64, u64)> = growing.collect();
        let (thread, first, last, _) = growing.iter().copied().max_by_key(|(.., gain)| *gain)?;
        let gain = growing.iter().fold(0, |sum: u64, (.., gain)| sum.saturating_add(*gain));
        Some(Self { thread, first, last, others: growing.len() as u64 - 1, gain })
    }

    /// The thread whose heap grew most, as it is at the last snapshot.
    pub(crate) fn worker(self, memory: &Memory) -> Option<&findings::WorkerHeap> {
        memory.workers.last()?.iter().find(|worker| worker.thread == self.thread)
    }

    /// The same for the findings.
    pub(crate) fn found(self, memory: &Memory) -> findings::Outside {
        let Self { thread, first, last, others, gain } = self;
        let known = self.worker(memory);
        findings::Outside::WorkerHeap {
            bytes: gain,
            thread,
            name: known.and_then(|worker| worker.name.clone()),
            script: known.and_then(|worker| worker.script.clone()),
            first,
            last,
            others,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::WorkerHeap;

    /// The megabytes of each thread, from 1 on, by snapshot; 0 where it did not answer.
    fn growing<const N: usize>(snapshots: [[u64; N]; 5]) -> Option<(u64, u64, u64)> {
        let of = |megabytes: [u64; N]| {
            let heaps = (1..).zip(megabytes).filter(|(_, megabytes)| *megabytes > 0);
            heaps
                .map(|(thread, megabytes)| WorkerHeap {
                    thread,
                    used: megabytes * 1_000_000,
                    ..WorkerHeap::default()
                })
                .collect()
        };
        let memory = Memory { workers: snapshots.map(of).to_vec(), ..Memory::default() };
        GrowingHeaps::of(&memory).map(|heaps| (heaps.thread, heaps.gain / 1_000_000, heaps.others))
    }

    #[test]
    fn the_worker_whose_heap_grows_is_told_by_its_thread() {
        assert_eq!(growing([[5, 5], [5, 9], [5, 13], [6, 17], [5, 21]]), Some((2, 12, 0)));
        assert_eq!(growing([[5, 5], [9, 9], [12, 14], [15, 19], [18, 24]]), Some((2, 24, 1)));
    }

    #[test]
    fn a_worker_that_fills_once_or_does_not_answer_is_none() {
        assert_eq!(growing([[5], [30], [31], [31], [31]]), None);
        assert_eq!(growing([[5], [9], [0], [17], [21]]), None);
        assert_eq!(growing([[0], [0], [0], [17], [21]]), None);
        assert_eq!(growing([[], [], [], [], []]), None);
    }
}
