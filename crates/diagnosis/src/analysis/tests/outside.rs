//! What grows outside of the main thread's heap, in words.

use std::collections::BTreeMap;

use leakhunt_heap::Snapshot;

use super::shop;
use crate::diagnose;
use crate::evidence::Evidence;
use crate::findings::{Descriptors, Findings, Mappings, Memory, Outside, Verdict, WorkerHeap, WorkerThread};

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

/// A resident set that grows by 20 MB a snapshot, and of it these mappings.
fn resident(mappings: [u64; 5], of: impl Fn(u64) -> Mappings) -> Memory {
    Memory {
        rss: [60, 80, 100, 120, 140].map(|megabytes| megabytes * MB).to_vec(),
        left: vec![0; 5],
        mappings: mappings.map(|megabytes| of(megabytes * MB)).to_vec(),
        ..Memory::default()
    }
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
    says(&found, "while the JavaScript heap of the main thread went from");
    says(&found, "Hunt again with `--worker 3`, which looks into that heap");
    let Some(Outside::WorkerHeap { thread: 3, others: 0, script, .. }) = found.outside else {
        panic!("{:?}", found.outside)
    };
    assert_eq!(script.as_deref(), Some("file:///app/resize.js"));

    let mut both = memory();
    both.workers.iter_mut().zip([5, 7, 9, 11, 13]).for_each(|(heaps, used)| heaps[0].used = used * MB);
    says(
        &steady(both),
        "the heaps of 2 threads, that of worker thread 3 (thumbnails, resize.js) from 10.0 MB",
    );
}

/// What is outside of a worker's heap is told as well as what is outside of the main thread's.
#[test]
fn where_a_worker_was_hunted_the_main_thread_is_another() {
    let text = shop(10).text();
    let main = |used| vec![WorkerHeap { used: used * MB, ..WorkerHeap::default() }];
    let worker = WorkerThread { thread: 3, name: Some("thumbnails".to_owned()), script: None };
    let at_ms = (0..5).map(|minute| minute * 60_000).collect();
    let memory = Memory { at_ms, workers: [5, 10, 20, 30, 40].map(main).to_vec(), ..Memory::default() };
    let evidence = Evidence { memory, worker: Some(worker.clone()), ..Evidence::of_sources(&|_| None) };
    let found = diagnose(5, |_| Snapshot::parse(text.as_bytes(), 1), &evidence).expect("they are whole");
    assert_eq!(found.worker, Some(worker.clone()));
    says(&found, "the heap of the main thread went from 10.0 MB to 40.0 MB");
    says(&found, "while the JavaScript heap of worker thread 3 (thumbnails) went from");
    says(&found, "Hunt again with `--worker main`");

    let evidence = Evidence { worker: Some(worker), ..Evidence::of_sources(&|_| None) };
    let steady = diagnose(5, |_| Snapshot::parse(text.as_bytes(), 1), &evidence).expect("they are whole");
    says(&steady, "worker thread 3 (thumbnails): no leak: the heap went from");
    let texts: Vec<String> = (0..5).map(|at| shop(10 + 300 * at).text()).collect();
    let leaks =
        diagnose(5, |at| Snapshot::parse(texts[at].as_bytes(), 1), &evidence).expect("they are whole");
    assert_eq!(leaks.verdict, Verdict::Leak, "{}", leaks.sentence);
    says(&leaks, "leak in worker thread 3 (thumbnails): ");
}

#[test]
fn arenas_of_malloc() {
    let arenas = |bytes| Mappings { arenas: bytes, arena_count: 12, ..Mappings::default() };
    let found = steady(resident([10, 30, 50, 70, 90], arenas));
    says(&found, "the process grew by 60.0 MB (20.0 MB a minute)");
    says(
        &found,
        ": malloc has 60.0 MB of it, 60.0 MB in arenas besides the main one, which have 12 mappings. Native code",
    );
    says(&found, "heroku config:set MALLOC_ARENA_MAX=2");
    let limited = |bytes| Mappings { arena_max: Some(2), ..arenas(bytes) };
    let found = steady(resident([10, 30, 50, 70, 90], limited));
    assert!(!found.sentence.contains("MALLOC_ARENA_MAX=2"), "{}", found.sentence);
    says(&found, "jemalloc by LD_PRELOAD");
}

#[test]
fn the_main_arena_of_malloc() {
    let main = |bytes| Mappings { main_arena: bytes, ..Mappings::default() };
    let mut memory = resident([10, 30, 50, 70, 90], main);
    let found = steady(memory.clone());
    says(&found, ": malloc has 60.0 MB of it. Native code");
    assert!(!found.sentence.contains("MALLOC_ARENA_MAX"), "{}", found.sentence);
    // Whose Buffers no reading of the main thread's counts.
    memory.workers = vec![vec![WorkerHeap { thread: 1, used: MB, ..WorkerHeap::default() }]; 5];
    says(&steady(memory), "of it, Buffers of worker threads among it");
}

#[test]
fn mappings_besides_the_arenas() {
    let others = |bytes| Mappings { others: bytes, ..Mappings::default() };
    says(
        &steady(resident([10, 30, 50, 70, 90], others)),
        "60.0 MB of it in anonymous mappings besides malloc's",
    );
    let jemalloc = |bytes| Mappings { allocator: Some("jemalloc".to_owned()), ..others(bytes) };
    says(&steady(resident([10, 30, 50, 70, 90], jemalloc)), "where jemalloc has what it manages");
    says(&steady(resident([10; 5], others)), ": look at worker threads, native addons and buffers");
}

#[test]
fn what_keeps_the_event_loop_alive_beside_open_sockets() {
    let sockets = [9, 40, 80, 120, 160];
    let kinds = |sockets| BTreeMap::from([("TCPSocketWrap".to_owned(), sockets), ("Timeout".to_owned(), 2)]);
    let found = steady(Memory {
        descriptors: sockets.map(|sockets| Descriptors { sockets, ..Descriptors::default() }).to_vec(),
        resources: sockets.map(kinds).to_vec(),
        ..Memory::default()
    });
    says(&found, "open sockets went from 40 to 160 (40 a minute), more at every step");
    says(
        &found,
        ". Of what keeps the event loop alive, TCPSocketWrap grew most, from 40 to 160. At its limit",
    );
}
