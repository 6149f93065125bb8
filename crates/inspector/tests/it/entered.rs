//! A worker thread's heap, studied as the main thread's is.

use std::time::{Duration, Instant};

use leakhunt_inspector::{Error, FileRoute, Limits, Parting, Session, WhenGone};

use crate::node::{Module, Node, VERSIONS};
use crate::snapshot::assert_whole;

/// One whose heap is the test's, one that idles; the main thread does something all the time.
const WORKERS: &str = "
    const { Worker } = require('worker_threads');
    const start = (name, code) => new Worker(code, { eval: true, name });
    start('idle', 'setInterval(() => {}, 1000)');
    start('large', `
      globalThis.kept = Array.from({ length: 30000 }, (_, i) => ({ i, text: 'caf\\\\u00e9 \\\\u2028 ' + i }));
      class OnlyInTheWorker {}
      globalThis.one = new OnlyInTheWorker();
      setInterval(() => kept.push({ more: [] }), 5);
      setInterval(() => { if (require('fs').existsSync('${__dirname}/end')) process.exit(); }, 20);
    `);
    setInterval(() => { for (const end = Date.now() + 5; Date.now() < end; ); }, 10);";

async fn planted(node: &Node) -> Session {
    let session = node.attach().await;
    session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    session
}

/// The thread of that name, once it runs.
async fn thread(session: &Session, name: &str) -> u64 {
    loop {
        let heaps = session.workers().await.expect("an answer").expect("Node knows the domain");
        if let Some(heap) = heaps.iter().find(|heap| heap.name.as_deref() == Some(name)) {
            return heap.thread;
        }
    }
}

#[tokio::test]
async fn every_version_lets_a_workers_heap_be_studied() {
    for version in VERSIONS {
        let mut node = Node::running(version, Module::CommonJs, WORKERS).await;
        let session = planted(&node).await;
        let of_main = session.memory().await.expect("a reading");
        let entered = thread(&session, "large").await;
        session.enter(entered, "ours").await.expect("entered");

        session.collect_garbage().await.expect("collected");
        let memory = session.memory().await.expect("a reading");
        assert!(memory.used_size != of_main.used_size && memory.rss > memory.used_size, "{memory:?}");
        let heaps = session.workers().await.expect("an answer").expect("Node knows the domain");
        let threads: Vec<u64> = heaps.iter().map(|heap| heap.thread).collect();
        assert!(threads.contains(&0) && !threads.contains(&entered) && threads.len() == 2, "{heaps:?}");
        assert!(session.count(Duration::from_secs(20)).await.expect("counted").objects > 30_000);

        let marker = session.hold_marker().await.expect("a marker");
        let mut streamed = Vec::new();
        session.snapshot_stream(&mut streamed, |_| ()).await.expect("taken");
        assert_whole(&streamed);
        let id = session.marker_id(&marker).await.expect("its id");
        let mut pulled = Vec::new();
        let route = FileRoute::new(node.folder.path().to_string_lossy());
        let taken = session.snapshot_file(&mut pulled, route, |_| ()).await.expect("taken");
        assert_whole(&pulled);
        assert_eq!(session.marker_id(&marker).await.expect("its id"), id, "one id space");
        for snapshot in [&streamed, &pulled] {
            assert!(String::from_utf8_lossy(snapshot).contains("OnlyInTheWorker"), "Node {version}");
        }
        assert!(taken.pause_measured && node.snapshot_files().is_empty());

        session.sampling_start(32 << 10).await.expect("started");
        session.sampling_cut().await.expect("a profile");
        session.sampling_stop().await.expect("a profile");
        session.cpu_start(Duration::from_millis(1)).await.expect("started");
        session.cpu_stop().await.expect("a profile");
        assert!(session.resources().await.expect("an answer").expect("Node tells").contains_key("Timeout"));
        assert!(session.descriptors().await.expect("an answer").is_some());
        assert_eq!(session.packages().await.expect("an answer"), []);

        let left = session.leave(Parting::CloseInspector(None)).await;
        assert!(left.evidence_off && left.paused > Some(taken.pause / 2), "Node {version}: {left:?}");
        node.closed().await;
        node.assert_alive().await;
    }
}

/// It ends while its heap is studied: an error, and the session goes on.
#[tokio::test]
async fn a_worker_that_ends_is_told_from_a_connection_that_does() {
    for version in [18, 22, 26] {
        let mut node = Node::running(version, Module::CommonJs, WORKERS).await;
        let session = planted(&node).await;
        let entered = thread(&session, "large").await;
        session.enter(entered, "ours").await.expect("entered");
        std::fs::write(node.folder.path().join("end"), "").expect("a file");
        let error = loop {
            if let Err(error) = session.snapshot_stream(&mut std::io::sink(), |_| ()).await {
                break error;
            }
        };
        assert!(matches!(error, Error::ThreadEnded { thread, .. } if thread == entered), "{error}");
        assert!(matches!(session.memory().await, Err(Error::ThreadEnded { .. })));
        assert!(session.descriptors().await.expect("the process answers").is_some());
        let left = session.leave(Parting::CloseInspector(None)).await;
        assert!(left.evidence_off, "Node {version}: {left:?}");
        node.closed().await;
        node.assert_alive().await;
    }
}

#[tokio::test]
async fn there_is_no_entering_what_is_not_there() {
    let mut node = Node::running(24, Module::CommonJs, WORKERS).await;
    let session = planted(&node).await;
    let error = session.enter(77, "ours").await.expect_err("there is none");
    assert!(matches!(error, Error::ThreadEnded { thread: 77, .. }), "{error}");
    session.memory().await.expect("the main thread's");
    session.leave(Parting::CloseInspector(None)).await;
    node.closed().await;
    node.assert_alive().await;
}

/// As a thread pool's that waits for its tasks: it answers, and never comes back to its event loop.
#[tokio::test]
async fn a_worker_that_waits_synchronously_is_not_entered() {
    const WAITS: &str = "
        const { Worker } = require('worker_threads');
        const code = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
        new Worker(code, { eval: true, name: 'waits' });";
    for version in [18, 26] {
        let mut node = Node::running(version, Module::CommonJs, WAITS).await;
        let limits = Limits { reply: Duration::from_secs(2), ..Limits::default() };
        let session = Session::attach(node.connect().await, limits).await.expect("attached");
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        let waits = thread(&session, "waits").await;
        let error = session.enter(waits, "ours").await.expect_err("it does not turn");
        assert!(matches!(error, Error::ThreadSilent { .. }), "{error}");
        session.memory().await.expect("the main thread's");
        let left = session.leave(Parting::CloseInspector(None)).await;
        assert!(left.evidence_off, "Node {version}: {left:?}");
        node.closed().await;
        node.assert_alive().await;
    }
}

/// What the agent holds in a worker goes with the connection, as what it holds in the main thread does.
#[tokio::test]
async fn nothing_is_left_in_a_worker_by_a_connection_that_is_dropped() {
    for version in [18, 22, 26] {
        let mut node = Node::running(version, Module::CommonJs, WORKERS).await;
        let session = planted(&node).await;
        let entered = thread(&session, "large").await;
        session.enter(entered, "ours").await.expect("entered");
        session.sampling_start(32 << 10).await.expect("started");
        drop(session);
        node.closed().await;
        node.open().await;
        let session = planted(&node).await;
        session.enter(entered, "another").await.expect("entered again");
        // The worker's dead-man looks by itself, as the main thread's does.
        let looks = Instant::now() + Duration::from_secs(10);
        while session.sampling_start(32 << 10).await.is_err() {
            assert!(Instant::now() < looks, "Node {version}: a profiler still runs");
        }
        assert_eq!(session.clients().await.expect("an answer"), Some(1));
        session.leave(Parting::CloseInspector(None)).await;
        node.closed().await;
        node.assert_alive().await;
    }
}
