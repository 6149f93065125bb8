//! What a session reads, holds and leaves behind, on every Node version.

use std::time::{Duration, Instant};

use leakhunt_inspector::{Error, Farewell, Identity, Medium, Parting, WhenGone};

use crate::node::{Module, Node, VERSIONS, start_ticks};

/// One hunt without evidence: facts, agent, readings, leave.
async fn check(version: u32, module: Module) {
    let mut node = Node::start(version, module).await;
    let session = node.attach().await;

    let meant = Identity { pid: node.pid, start: Some(start_ticks(node.pid)) };
    let planted = session.plant(WhenGone::CloseInspector, "ours", Some(meant)).await.expect("planted");
    assert_eq!((planted.identity, planted.clients, planted.unwatched), (meant, Some(1), None));

    let process = session.process().await.expect("facts");
    assert_eq!((process.pid, process.untold.len()), (node.pid, 0));
    assert!(process.node_version.starts_with(&format!("{version}.")), "{process:?}");
    assert_eq!(process.dyno.as_deref(), Some("web.1"));
    assert!(process.main_script.as_deref().is_some_and(|script| script.contains("/app.")), "{process:?}");

    let memory = session.memory().await.expect("a reading");
    assert!(memory.used_size > 3 << 20 && memory.used_size < memory.total_size, "{memory:?}");
    assert!(memory.rss > memory.total_size && memory.heap_limit > 256 << 20, "{memory:?}");
    assert!(memory.spent > Duration::ZERO && memory.spent < Duration::from_secs(1), "{memory:?}");
    assert!(session.collect_garbage().await.expect("collected") < Duration::from_secs(5));

    let disk = session.disk().await.expect("directories");
    let own = disk.directories.first().expect("its TMPDIR comes first");
    assert_eq!(own.path, node.folder.path().to_string_lossy());
    assert!(own.medium != Medium::Unknown && own.free.is_some_and(|free| free > 0), "{own:?}");

    let left = session.leave(Parting::CloseInspector(None)).await;
    assert_eq!((left.farewell, left.clients, left.hung_up), (Farewell::Closing, Some(1), true));
    assert!(left.evidence_off);
    node.closed().await;
    node.assert_alive().await;
}

#[tokio::test]
async fn every_version_in_common_js() {
    for version in VERSIONS {
        check(version, Module::CommonJs).await;
    }
}

#[tokio::test]
async fn every_version_in_ecma_script() {
    for version in VERSIONS {
        check(version, Module::EcmaScript).await;
    }
}

#[tokio::test]
async fn the_oldest_node_is_planted_in_and_closed() {
    for module in [Module::CommonJs, Module::EcmaScript] {
        let mut node = Node::oldest(module).await;
        let session = node.attach().await;
        let planted = session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        assert_eq!((planted.clients, planted.unwatched), (Some(1), None));
        assert!(session.memory().await.expect("a reading").used_size > 3 << 20);
        assert!(session.disk().await.expect("directories").is_partly_unknown());
        drop(session);
        node.closed().await;
        node.assert_alive().await;
    }
}

/// What the application was doing when a collection was asked for is not the collection's.
#[tokio::test]
async fn a_collection_is_measured_there() {
    const BLOCKS: &str = "
        const cell = new Int32Array(new SharedArrayBuffer(4));
        setInterval(() => Atomics.wait(cell, 0, 0, 3000), 20);";
    for version in [18, 26] {
        let node = Node::running(version, Module::CommonJs, BLOCKS).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        loop {
            let asked = std::time::Instant::now();
            let took = session.collect_garbage().await.expect("collected");
            assert!(took > Duration::ZERO);
            // It waited for most of a block.
            if asked.elapsed() > Duration::from_secs(2) {
                assert!(took < Duration::from_secs(1), "{took:?}");
                break;
            }
        }
        drop(session);
    }
}

#[tokio::test]
async fn the_marker_tells_a_lost_id_space() {
    for version in [18, 26] {
        let node = Node::start(version, Module::CommonJs).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        let marker = session.hold_marker().await.expect("held");
        let mut first = Vec::new();
        session.snapshot_stream(&mut first, |_| ()).await.expect("taken");
        let id = session.marker_id(&marker).await.expect("an id");
        assert!(id > 0);
        session.collect_garbage().await.expect("collected");
        session.snapshot_stream(&mut Vec::new(), |_| ()).await.expect("taken");
        assert_eq!(session.marker_id(&marker).await.expect("an id"), id, "stable inside the session");

        let other = node.attach().await;
        assert_eq!(session.clients().await.expect("counted"), Some(2));
        let left = other.leave(Parting::KeepInspector).await;
        assert_eq!(left.farewell, Farewell::Unconfirmed, "it had planted nothing");
        assert_eq!(session.marker_id(&marker).await.expect("an id"), 0, "another client came and left");
        session.leave(Parting::CloseInspector(None)).await;
        node.closed().await;
    }
}

#[tokio::test]
async fn a_session_may_come_only_to_close() {
    let mut node = Node::start(20, Module::EcmaScript).await;
    let left = node.attach().await.leave(Parting::CloseInspector(None)).await;
    assert_eq!(left.farewell, Farewell::Closing);
    node.closed().await;
    node.assert_alive().await;
}

#[tokio::test]
async fn an_inspector_that_was_open_stays_open() {
    let mut node = Node::start(24, Module::CommonJs).await;
    let session = node.attach().await;
    session.plant(WhenGone::KeepInspector, "ours", None).await.expect("planted");
    let left = session.leave(Parting::KeepInspector).await;
    assert_eq!((left.farewell, left.hung_up), (Farewell::KeptOpen, true));
    node.assert_alive().await;
    let again = node.attach().await;
    assert_eq!(
        again.plant(WhenGone::KeepInspector, "ours", None).await.expect("planted").identity.pid,
        node.pid
    );
}

#[tokio::test]
async fn another_debugger_is_seen_and_not_disconnected() {
    let node = Node::start(22, Module::CommonJs).await;
    let theirs = node.attach().await;
    let ours = node.attach().await;
    let planted = ours.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    assert_eq!(planted.clients, Some(2));
    assert_eq!(planted.to_string(), "dead man's switch armed; 1 more connected to the inspector");
    let left = ours.leave(Parting::CloseInspector(None)).await;
    assert_eq!((left.farewell, left.clients), (Farewell::Closing, Some(2)));
    // Longer than the dead-man takes when it is alone.
    let until = tokio::time::Instant::now() + Duration::from_secs(2);
    while tokio::time::Instant::now() < until {
        theirs.hold_marker().await.expect("still connected");
    }
    drop(theirs);
    node.closed().await;
}

#[tokio::test]
async fn a_profile_is_json_that_devtools_opens() {
    for version in [18, 26] {
        let node = Node::running(
            version,
            Module::CommonJs,
            "setInterval(() => kept.push(new Array(1000).fill({})), 1)",
        )
        .await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        session.sampling_start(16 << 10).await.expect("started");
        let before = session.memory().await.expect("a reading").used_size;
        while session.memory().await.expect("a reading").used_size < before + (2 << 20) {}
        let heap: serde_json::Value =
            serde_json::from_str(&session.sampling_stop().await.expect("stopped").0).expect("JSON");
        assert!(heap["head"]["children"].as_array().is_some_and(|children| !children.is_empty()));
        assert!(heap["samples"].as_array().is_some_and(|samples| !samples.is_empty()));
        session.sampling_start(16 << 10).await.expect("started again");
        assert!(session.leave(Parting::CloseInspector(None)).await.evidence_off);
        node.closed().await;
    }
}

#[tokio::test]
async fn a_sampling_profile_is_read_while_it_goes_on() {
    for version in VERSIONS {
        let node = Node::running(
            version,
            Module::CommonJs,
            "setInterval(() => kept.push(new Array(1000).fill({})), 1)",
        )
        .await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        session.sampling_start(16 << 10).await.expect("started");
        let until = |used| {
            let session = &session;
            async move { while session.memory().await.expect("a reading").used_size < used {} }
        };
        let before = session.memory().await.expect("a reading").used_size;
        until(before + (2 << 20)).await;
        let samples = |text: String| -> Vec<serde_json::Value> {
            let profile: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            profile["samples"].as_array().expect("a list").clone()
        };
        let first = samples(session.sampling_cut().await.expect("a cut").0);
        until(before + (6 << 20)).await;
        let second = samples(session.sampling_stop().await.expect("stopped").0);
        // What has lived on has its number, its size and its place in both.
        let kept = first.iter().filter(|sample| second.contains(sample)).count();
        assert!(
            kept > 0 && second.len() > first.len(),
            "Node {version}: {kept} of {}, {}",
            first.len(),
            second.len()
        );
    }
}

#[tokio::test]
async fn a_cpu_profile_comes_with_the_event_loops_delay_and_does_not_outlive_us() {
    for version in VERSIONS {
        let busy = "setInterval(() => { const end = Date.now() + 60; while (Date.now() < end) kept.length = 0 }, 80)";
        let node = Node::running(version, Module::CommonJs, busy).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        session.cpu_start(Duration::from_millis(1)).await.expect("started");
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(1) {
            session.memory().await.expect("a reading");
        }
        let (text, event_loop, _) = session.cpu_stop().await.expect("stopped");
        let profile: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let parts =
            ["nodes", "samples", "timeDeltas"].map(|part| profile[part].as_array().map_or(0, Vec::len));
        assert!(parts.iter().all(|count| *count > 1), "Node {version}: {parts:?}");
        // The loop is held up for 60 ms again and again.
        let most = event_loop.max_delay;
        assert!(
            most > Duration::from_millis(30) && event_loop.utilization > 0.3,
            "Node {version}: {event_loop:?}"
        );
        assert!(event_loop.mean_delay <= event_loop.p99_delay && event_loop.p99_delay <= most);
        let again = session.cpu_stop().await;
        assert!(matches!(again, Err(Error::Refused { .. })), "Node {version}: {again:?}");
        session.cpu_start(Duration::from_millis(1)).await.expect("started again");
        assert!(session.leave(Parting::CloseInspector(None)).await.evidence_off, "Node {version}");
        node.closed().await;
    }
}

#[tokio::test]
async fn a_timeline_has_the_stacks_of_what_lives_and_does_not_outlive_us() {
    for version in VERSIONS {
        let busy = "function order() { kept.push(new Array(50).fill(kept.length)) } setInterval(order, 5)";
        let node = Node::running(version, Module::CommonJs, busy).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        session.timeline_start().await.expect("started");
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(500) {
            session.memory().await.expect("a reading");
        }
        let mut file = Vec::new();
        session.timeline_stop(&mut file, |_| {}).await.expect("stopped");
        let timeline: serde_json::Value = serde_json::from_slice(&file).expect("JSON");
        let filled = ["trace_function_infos", "trace_tree", "samples", "nodes"]
            .map(|part| timeline[part].as_array().map_or(0, Vec::len));
        assert!(filled.iter().all(|count| *count > 0), "Node {version}: {filled:?}");
        let strings = timeline["strings"].as_array().expect("strings");
        assert!(strings.iter().any(|name| name == "order"), "Node {version}");
        // A snapshot afterwards has no stacks: nothing is tracked any more.
        let mut plain = Vec::new();
        session.snapshot_stream(&mut plain, |_| {}).await.expect("taken");
        let plain: serde_json::Value = serde_json::from_slice(&plain).expect("JSON");
        assert_eq!(plain["trace_function_infos"], serde_json::json!([]), "Node {version}");
        session.timeline_start().await.expect("started again");
        session.timeline_off().await.expect("ended without a snapshot");
        session.timeline_start().await.expect("started once more");
        assert!(session.leave(Parting::CloseInspector(None)).await.evidence_off, "Node {version}");
        node.closed().await;
    }
}

#[tokio::test]
async fn one_sampler_at_a_time_and_none_outlives_its_session() {
    for version in VERSIONS {
        let node = Node::start(version, Module::CommonJs).await;
        let first = node.attach().await;
        first.sampling_start(16 << 10).await.expect("started");
        let second = node.attach().await;
        let refused = second.sampling_start(16 << 10).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "Node {version}: {refused:?}");
        drop(second);
        first.sampling_stop().await.expect("nobody has ended it");
        first.sampling_start(16 << 10).await.expect("started again");
        drop(first);
        let third = node.attach().await;
        let deadline = Instant::now() + Duration::from_secs(10);
        // The process learns of the end of a connection a moment later.
        while let Err(error) = third.sampling_start(16 << 10).await {
            assert!(Instant::now() < deadline, "Node {version}: {error}");
        }
    }
}

#[tokio::test]
async fn what_needs_the_agent_says_so() {
    let node = Node::start(24, Module::CommonJs).await;
    let session = node.attach().await;
    assert!(matches!(session.memory().await, Err(Error::NotPlanted { what: "memory" })));
}

/// Applications replace globals. The agent must neither use the replacements nor show the application an error.
#[tokio::test]
async fn an_application_that_replaced_its_globals_is_hunted_all_the_same() {
    const EXTRA: &str = "
        const broken = () => { throw new Error('replaced') };
        const timers = [setTimeout, clearTimeout, Math.random];
        globalThis.setTimeout = globalThis.setInterval = globalThis.setImmediate = globalThis.clearTimeout = broken;
        globalThis.Promise = broken;
        JSON.stringify = broken;
        Date.now = broken;
        Error.prepareStackTrace = () => { process.exit(7) };
        Object.prototype.toJSON = broken;
        Object.freeze(globalThis);
        process.on('unhandledRejection', () => process.exit(8));
        process.on('uncaughtException', () => process.exit(9));";
    for (version, module) in [(18, Module::EcmaScript), (26, Module::CommonJs)] {
        let mut node = Node::running(version, module, EXTRA).await;
        let session = node.attach().await;
        assert_eq!(
            session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted").unwatched,
            None
        );
        let mut bytes = Vec::new();
        let route = leakhunt_inspector::FileRoute::new(node.folder.path().to_string_lossy());
        session.snapshot_file(&mut bytes, route, |_| ()).await.expect("taken");
        crate::snapshot::assert_whole(&bytes);
        drop(session);
        node.closed().await;
        node.assert_alive().await;
    }
}

/// Under Node's permission model the dead-man may read no /proc: it must say that nothing watches, and close at once.
#[tokio::test]
async fn without_proc_the_dead_man_says_that_nothing_watches() {
    let mut node = Node::restricted(26, Module::CommonJs).await;
    let session = node.attach().await;
    let planted = session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    assert!(
        planted.to_string().starts_with("no dead man's switch: Access to this API has been restricted"),
        "{planted}"
    );
    assert_eq!((planted.identity.pid, planted.clients), (node.pid, None));
    assert_eq!(session.clients().await.expect("answered"), None);
    let left = session.leave(Parting::CloseInspector(None)).await;
    assert_eq!(left.farewell, Farewell::ClosedAtOnce);
    node.closed().await;
    node.assert_alive().await;
}

#[tokio::test]
async fn objects_are_counted_as_a_snapshot_finds_them() {
    for version in VERSIONS {
        let mut node = Node::start(version, Module::CommonJs).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        let count = session.count(Duration::from_secs(60)).await.expect("counted");
        let mut snapshot = Vec::new();
        session.snapshot_stream(&mut snapshot, |_| ()).await.expect("a snapshot");
        let head = String::from_utf8_lossy(&snapshot[..2000]);
        let nodes = head.split_once("\"node_count\":").expect("a count").1;
        let nodes: u64 = nodes.split(',').next().and_then(|number| number.parse().ok()).expect("a number");
        assert!(count.objects.abs_diff(nodes) < nodes / 20, "Node {version}: {count:?}, {nodes} nodes");
        assert!(count.bytes > 3 << 20 && count.bytes < 1 << 30, "Node {version}: {count:?}");
        session.leave(Parting::CloseInspector(None)).await;
        node.closed().await;
        node.assert_alive().await;
    }
}

/// The inspector of another process than the one that is meant is left alone, whether we come to stay or only to close it.
#[tokio::test]
async fn nothing_is_done_to_another_process() {
    let mut node = Node::start(22, Module::CommonJs).await;
    let start = Some(start_ticks(node.pid));
    for meant in [
        Identity { pid: node.pid + 1, start },
        Identity { pid: node.pid, start: start.map(|start| start - 1) },
    ] {
        let session = node.attach().await;
        let error = session.plant(WhenGone::CloseInspector, "ours", Some(meant)).await.expect_err("another");
        assert!(matches!(error, Error::OtherProcess { pid } if pid == node.pid), "{error}");
        assert_eq!(session.leave(Parting::CloseInspector(Some(meant))).await.farewell, Farewell::Unconfirmed);
    }
    // Longer than a dead-man that was armed would take.
    let until = tokio::time::Instant::now() + Duration::from_secs(2);
    while tokio::time::Instant::now() < until {
        node.assert_alive().await;
    }
    assert!(node.listens());
}
