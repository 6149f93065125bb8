//! Heaps of worker threads, whatever these do meanwhile.

use std::time::Duration;

use leakhunt_inspector::{Parting, WhenGone};
use tokio::time::timeout;

use crate::node::{Module, Node, VERSIONS};

/// One that idles, one that loops, one that sleeps, one that keeps 8 MB, and one that is started and terminated again and again.
const WORKERS: &str = "
    const { Worker } = require('worker_threads');
    const start = (name, code) => new Worker(code, { eval: true, name });
    start('idle', 'setInterval(() => {}, 1000)');
    start('busy', 'for (;;) {}');
    start('asleep', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)');
    start('large', 'globalThis.kept = Array.from({ length: 1e6 }, (_, i) => i + 0.5); setInterval(() => {}, 1000)');
    const again = () => {
      const worker = start('short', '');
      worker.on('online', () => worker.terminate().then(again));
    };
    again();";

#[tokio::test]
async fn every_version_tells_the_heaps_of_workers() {
    for version in VERSIONS {
        let mut node = Node::running(version, Module::CommonJs, WORKERS).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        let marker = session.hold_marker().await.expect("a marker");
        session.snapshot_stream(&mut std::io::sink(), |_| ()).await.expect("a snapshot");
        let id = session.marker_id(&marker).await.expect("its id");
        for _ in 0..5 {
            let heaps = session.workers().await.expect("an answer").expect("Node knows the domain");
            let of = |name: &str| heaps.iter().find(|heap| heap.name.as_deref() == Some(name));
            for (thread, name) in (1..).zip(["idle", "busy", "asleep", "large"]) {
                let heap = of(name).unwrap_or_else(|| panic!("Node {version}, {name}: {heaps:?}"));
                assert_eq!((heap.thread, &heap.script), (thread, &None));
                assert!((1 << 20..32 << 20).contains(&heap.used_size), "Node {version}: {heap:?}");
            }
            assert!(of("large").unwrap().used_size > of("idle").unwrap().used_size + 5_000_000, "{heaps:?}");
        }
        assert_eq!(session.marker_id(&marker).await.expect("its id"), id);
        let left = session.leave(Parting::CloseInspector(None)).await;
        assert!(left.evidence_off, "Node {version}: {left:?}");
        node.closed().await;
        node.assert_alive().await;
    }
}

/// Whoever asks goes while a worker, inside of native code, has not answered.
#[tokio::test]
async fn nobody_need_wait_for_a_worker() {
    // A pipe that nobody writes to cannot be opened.
    const BLOCKED: &str = "
        const { Worker } = require('worker_threads');
        require('child_process').execFileSync('mkfifo', [`${__dirname}/pipe`]);
        new Worker(`require('fs').openSync('${__dirname}/pipe')`, { eval: true });";
    for version in [18, 26] {
        let mut node = Node::running(version, Module::CommonJs, BLOCKED).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        assert_eq!(session.workers().await.expect("an answer"), Some(Vec::new()));
        let asking = timeout(Duration::from_millis(200), session.workers()).await;
        assert!(asking.is_err(), "it answered");
        let left = session.leave(Parting::CloseInspector(None)).await;
        assert!(left.evidence_off, "Node {version}: {left:?}");
        node.closed().await;
        node.assert_alive().await;
    }
}
