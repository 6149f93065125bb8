//! What of a process is outside of its JavaScript heap.

use leakhunt_inspector::WhenGone;

use crate::node::{Module, Node, VERSIONS};

#[tokio::test]
async fn every_version_tells_what_malloc_has_and_what_keeps_the_loop_alive() {
    // Large ones lie in mappings of their own, small ones of a worker's in an arena of its own.
    const NATIVE: &str = "
        const { Worker } = require('worker_threads');
        new Worker(`
          globalThis.kept = Array.from({ length: 2000 }, () => Buffer.allocUnsafeSlow(16000).fill(1));
          setInterval(() => {}, 1000)`, { eval: true });
        globalThis.large = Buffer.allocUnsafeSlow(64 << 20).fill(1);
        for (let i = 0; i < 3; i++) setInterval(() => {}, 1000);";
    for version in VERSIONS {
        let node = Node::running(version, Module::CommonJs, NATIVE).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        let mut mappings = session.mappings().await.expect("an answer").expect("there is /proc");
        let due = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while mappings.arenas < 30 << 20 && std::time::Instant::now() < due {
            mappings = session.mappings().await.expect("an answer").expect("there is /proc");
        }
        let memory = session.memory().await.expect("a reading");
        assert!((30 << 20..64 << 20).contains(&mappings.arenas), "Node {version}: {mappings:?}");
        assert!(mappings.arena_count > 0, "Node {version}: {mappings:?}");
        assert!((1 << 20..32 << 20).contains(&mappings.main_arena), "Node {version}: {mappings:?}");
        assert!((64 << 20..128 << 20).contains(&mappings.others), "Node {version}: {mappings:?}");
        assert!((1 << 20..128 << 20).contains(&mappings.files), "Node {version}: {mappings:?}");
        assert!((1 << 12..8 << 20).contains(&mappings.stacks), "Node {version}: {mappings:?}");
        assert_eq!((&mappings.allocator, mappings.arena_max), (&None, None));
        let of_kinds =
            [mappings.arenas, mappings.main_arena, mappings.others, mappings.files, mappings.stacks];
        assert!(
            memory.rss.abs_diff(of_kinds.iter().sum()) < 8 << 20,
            "Node {version}: {mappings:?} {memory:?}"
        );

        let resources = session.resources().await.expect("an answer").expect("Node tells");
        assert_eq!(resources.get("Timeout"), Some(&3), "Node {version}: {resources:?}");
        assert_eq!(resources.get("TCPServerWrap"), Some(&1), "Node {version}: {resources:?}");
    }
}
