//! What grows outside of the main thread's heap, in words.

use leakhunt_heap::Snapshot;

use super::shop;
use crate::diagnose;
use crate::evidence::Evidence;
use crate::findings::{Findings, Memory, Outside, Verdict, WorkerHeap};

const MB: u64 = 1_000_000;

/// Five snapshots of a heap in which nothing grows, a minute apart.
fn steady(memory: Memory) -> Findings {
    let text = shop(10).text();
    let at_ms = (0..5).map(|minute| minute * 60_000).collect();
    let evidence = Evidence { memory: Memory { at_ms, ..memory }, ..Evidence::of_sources(&|_| None) };
    let found = diagnose(5, |_| Snapshot::parse(text.as_bytes(), 1), &evidence).expect("they are whole");
    assert_eq!(found.verdict, Verdict::NotHeap, "{}", found.sentence);
    found
}

#[track_caller]
fn says(found: &Findings, part: &str) {
    assert!(found.sentence.contains(part), "{}", found.sentence);
}

#[test]
fn the_heap_of_a_worker_thread() {
    let heap = |thread, used: u64, script: &str| WorkerHeap {
        thread,
        name: (thread == 3).then(|| "thumbnails".to_owned()),
        script: Some(format!("file:///app/{script}")),
        used: used * MB,
    };
    let of = |used| vec![heap(2, 5, "mail.js"), heap(3, used, "resize.js")];
    let memory = || Memory { workers: [5, 10, 20, 30, 40].map(of).to_vec(), ..Memory::default() };
    let found = steady(memory());
    says(
        &found,
        "the heap of worker thread 3 (thumbnails, resize.js) went from 10.0 MB to 40.0 MB: it grew by 30.0 MB (10.0 MB",
    );
    says(&found, "v8.writeHeapSnapshot()");
    let Some(Outside::WorkerHeap { thread: 3, others: 0, script, .. }) = found.outside else {
        panic!("{:?}", found.outside)
    };
    assert_eq!(script.as_deref(), Some("file:///app/resize.js"));

    let mut both = memory();
    both.workers.iter_mut().zip([5, 7, 9, 11, 13]).for_each(|(heaps, used)| heaps[0].used = used * MB);
    says(
        &steady(both),
        "the heaps of 2 worker threads, that of thread 3 (thumbnails, resize.js) from 10.0 MB",
    );
}
