//! Both routes download the same complete snapshot, and say what it cost.

use std::io;
use std::time::Duration;

use leakhunt_inspector::{Codec, Error, FileRoute, Parting, Progress, Route, Taken, WhenGone};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::sync::oneshot;

use crate::node::{Module, Node, VERSIONS};

#[derive(Deserialize)]
struct HeapSnapshot {
    snapshot: Header,
    nodes: Vec<IgnoredAny>,
    edges: Vec<IgnoredAny>,
    strings: Vec<String>,
}

#[derive(Deserialize)]
struct Header {
    meta: Meta,
    node_count: usize,
    edge_count: usize,
}

#[derive(Deserialize)]
struct Meta {
    node_fields: Vec<String>,
    edge_fields: Vec<String>,
}

/// The bytes are one heap snapshot of the test's application, with nothing missing.
#[track_caller]
pub(crate) fn assert_whole(bytes: &[u8]) {
    let heap: HeapSnapshot = serde_json::from_slice(bytes).expect("JSON to its end");
    assert_eq!(heap.nodes.len(), heap.snapshot.node_count * heap.snapshot.meta.node_fields.len());
    assert_eq!(heap.edges.len(), heap.snapshot.edge_count * heap.snapshot.meta.edge_fields.len());
    assert!(heap.snapshot.node_count > 20_000);
    assert!(heap.strings.iter().any(|text| text == "caf\u{e9} \u{2028} 19999"), "its strings are right");
}

fn assert_measured(taken: &Taken, bytes: &[u8]) {
    assert_eq!(taken.bytes, bytes.len() as u64);
    assert!(taken.pause_measured);
    assert!(taken.pause > Duration::from_millis(20) && taken.pause <= taken.wall, "{taken:?}");
}

/// A progress callback, and what tells that it has heard of the first bytes.
pub(crate) fn first_bytes() -> (impl FnMut(Progress) + Send, oneshot::Receiver<()>) {
    let (first, arrived) = oneshot::channel();
    let mut first = Some(first);
    let progress = move |progress| {
        if matches!(progress, Progress::Receiving { .. })
            && let Some(first) = first.take()
        {
            first.send(()).expect("somebody waits");
        }
    };
    (progress, arrived)
}

async fn check(version: u32, module: Module) {
    let mut node = Node::start(version, module).await;
    let session = node.attach().await;
    session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");

    let (mut bytes, mut order) = (Vec::new(), Vec::new());
    let taken = session.snapshot_stream(&mut bytes, |progress| order.push(progress)).await.expect("taken");
    assert_whole(&bytes);
    assert_measured(&taken, &bytes);
    assert_eq!(taken.route, Route::Stream);
    assert!(taken.wire_bytes > taken.bytes, "escapes cost");
    let first_byte =
        order.iter().position(|progress| matches!(progress, Progress::Receiving { .. })).expect("bytes");
    assert!(first_byte > 0, "progress is told before the first byte");
    assert!(order[first_byte..].iter().all(|progress| matches!(progress, Progress::Receiving { .. })));

    let mut bytes = Vec::new();
    let options =
        FileRoute { block: 100_000, in_flight: 3, ..FileRoute::new(node.folder.path().to_string_lossy()) };
    let mut last = None;
    let taken =
        session.snapshot_file(&mut bytes, options, |progress| last = Some(progress)).await.expect("taken");
    assert_whole(&bytes);
    assert_measured(&taken, &bytes);
    let codec = if version < 22 { Codec::Brotli } else { Codec::Zstd };
    assert_eq!(taken.route, Route::File { codec, named: false });
    assert!(taken.wire_bytes * 3 < taken.bytes, "{taken:?}");
    assert_eq!(last, Some(Progress::Receiving { bytes: taken.bytes, total: Some(taken.bytes) }));
    assert!(node.snapshot_files().is_empty(), "dropped when it is home");

    let too_little = FileRoute { most: 100_000, ..FileRoute::new(node.folder.path().to_string_lossy()) };
    let mut none = Vec::new();
    let refused =
        session.snapshot_file(&mut none, too_little, |_| ()).await.expect_err("too much is announced");
    assert!(matches!(refused, Error::TooMuch { bytes, most: 100_000 } if bytes > 100_000), "{refused}");
    assert!(none.is_empty() && node.snapshot_files().is_empty());

    session.leave(Parting::CloseInspector(None)).await;
    node.closed().await;
    node.assert_alive().await;
}

/// Whatever nobody has asked about for two minutes is dropped; the time that a snapshot takes is not such a time.
#[tokio::test]
async fn a_snapshot_that_takes_minutes_is_there_when_it_is_fetched() {
    for version in VERSIONS {
        let node = Node::slow(version, 200_000).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        let mut bytes = Vec::new();
        let options = FileRoute::new(node.folder.path().to_string_lossy());
        let taken = session.snapshot_file(&mut bytes, options, |_| ()).await.expect("taken");
        assert!(taken.pause > Duration::from_secs(200), "the clock was ahead: {taken:?}");
        assert_whole(&bytes);
        session.leave(Parting::CloseInspector(None)).await;
        node.closed().await;
    }
}

#[tokio::test]
async fn both_routes_in_common_js() {
    for version in VERSIONS {
        check(version, Module::CommonJs).await;
    }
}

#[tokio::test]
async fn both_routes_in_ecma_script() {
    for version in VERSIONS {
        check(version, Module::EcmaScript).await;
    }
}

#[tokio::test]
async fn a_dropped_snapshot_does_not_leak_into_the_next() {
    for version in [20, 26] {
        let mut node = Node::start(version, Module::CommonJs).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        let (progress, arrived) = first_bytes();
        let mut sink = io::sink();
        tokio::select! {
            biased;
            _ = arrived => {}
            taken = session.snapshot_stream(&mut sink, progress) => panic!("it was dropped on the way: {taken:?}"),
        }
        assert_eq!(session.process().await.expect("usable").pid, node.pid);
        for _ in 0..2 {
            let mut bytes = Vec::new();
            session.snapshot_stream(&mut bytes, |_| ()).await.expect("taken");
            assert_whole(&bytes);
        }
        let left = session.leave(Parting::CloseInspector(None)).await;
        assert!(left.hung_up);
        node.closed().await;
        node.assert_alive().await;
    }
}

/// How many objects of a class a snapshot has.
fn instances(bytes: &[u8], class: &str) -> usize {
    let heap: serde_json::Value = serde_json::from_slice(bytes).expect("JSON to its end");
    let meta = &heap["snapshot"]["meta"];
    let fields = meta["node_fields"].as_array().expect("fields").len();
    let types = meta["node_types"][0].as_array().expect("types");
    let object = types.iter().position(|name| name == "object").expect("objects") as u64;
    let numbers: Vec<u64> =
        heap["nodes"].as_array().expect("nodes").iter().filter_map(serde_json::Value::as_u64).collect();
    let name = |node: &[u64]| heap["strings"][node[1] as usize].as_str() == Some(class);
    numbers.chunks_exact(fields).filter(|node| node[0] == object && name(node)).count()
}

#[tokio::test]
async fn what_the_program_printed_is_not_kept_for_us() {
    let prints = "const { url } = require('inspector');\n\
        class Printed {}\n\
        let count = 0;\n\
        setInterval(() => { if (url() && count++ < 200) console.log(new Printed()); }, 1);";
    for version in VERSIONS {
        let mut node = Node::running(version, Module::CommonJs, prints).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        node.eventually("all is printed", || node.said("Printed") == 200).await;
        let mut bytes = Vec::new();
        session.snapshot_stream(&mut bytes, |_| ()).await.expect("taken");
        assert_eq!(instances(&bytes, "Printed"), 0, "by stream, Node {version}");
        let mut bytes = Vec::new();
        let route = FileRoute::new(node.folder.path().to_string_lossy());
        session.snapshot_file(&mut bytes, route, |_| ()).await.expect("taken");
        assert_eq!(instances(&bytes, "Printed"), 0, "by file, Node {version}");
        session.leave(Parting::CloseInspector(None)).await;
        node.closed().await;
        node.assert_alive().await;
    }
}

struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_full_disk_here_ends_the_snapshot_and_not_the_session() {
    let mut node = Node::start(24, Module::CommonJs).await;
    let session = node.attach().await;
    session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    assert!(matches!(session.snapshot_stream(&mut Full, |_| ()).await, Err(Error::Sink(_))));
    let route = FileRoute::new(node.folder.path().to_string_lossy());
    assert!(matches!(session.snapshot_file(&mut Full, route, |_| ()).await, Err(Error::Sink(_))));
    // Reads that are under way keep the descriptor a moment longer.
    node.eventually("the file goes", || node.snapshot_files().is_empty()).await;
    let mut bytes = Vec::new();
    session.snapshot_stream(&mut bytes, |_| ()).await.expect("taken");
    assert_whole(&bytes);
    session.leave(Parting::CloseInspector(None)).await;
    node.closed().await;
    node.assert_alive().await;
}

#[tokio::test]
async fn a_directory_that_takes_no_file_is_named() {
    let mut node = Node::start(24, Module::CommonJs).await;
    let session = node.attach().await;
    session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    let missing = node.folder.path().join("missing").to_string_lossy().into_owned();
    let error =
        session.snapshot_file(&mut io::sink(), FileRoute::new(&missing), |_| ()).await.expect_err("refused");
    let Error::RemoteDisk { directory, why } = &error else { panic!("{error}") };
    assert_eq!(*directory, missing);
    assert!(why.contains("ENOENT"), "{why}");
    node.assert_alive().await;
}

/// The ids of the objects of a class in a snapshot, the class' prototype among them.
fn ids_of(class: &str, bytes: &[u8]) -> Vec<u32> {
    #[derive(Deserialize)]
    struct Nodes {
        snapshot: Header,
        nodes: Vec<u32>,
        strings: Vec<String>,
    }
    let heap: Nodes = serde_json::from_slice(bytes).expect("JSON to its end");
    let name = heap.strings.iter().position(|text| text == class).expect("it is there") as u32;
    // The first three fields are type, name and id; the fourth type is an object's.
    let nodes = heap.nodes.chunks(heap.snapshot.meta.node_fields.len());
    nodes.filter(|node| node[0] == 3 && node[1] == name).map(|node| node[2]).collect()
}

#[tokio::test]
async fn numbers_that_a_snapshot_leaves_out_are_told_and_nothing_runs_for_that() {
    const CACHE: &str = "
        globalThis.cache = new (class OnlyCache {
          #most = 7;
          max = 20000;
          none = Infinity;
          name = 'pages';
          get size() { process.exit(3); }
        })();
        Object.defineProperty(cache, 'limit', { get() { process.exit(3); }, enumerable: true });
        setInterval(() => {}, 1000);";
    for version in VERSIONS {
        let mut node = Node::running(version, Module::CommonJs, CACHE).await;
        let session = node.attach().await;
        session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
        let mut bytes = Vec::new();
        session.snapshot_stream(&mut bytes, |_| ()).await.expect("taken");
        let fields = ["#most", "max", "none", "name", "size", "limit"].map(str::to_owned);
        let mut told = Vec::new();
        for id in ids_of("OnlyCache", &bytes) {
            let (numbers, pause) = session.numbers(id, &fields).await.expect("an answer");
            assert!(pause > Duration::ZERO);
            told.extend(numbers);
        }
        assert_eq!(told, [("#most".to_owned(), 7.0), ("max".to_owned(), 20_000.0)], "Node {version}");
        // Ids are odd: that of no object.
        assert!(session.numbers(4_000_000_000, &fields).await.expect("an answer").0.is_empty());
        session.leave(Parting::CloseInspector(None)).await;
        node.closed().await;
        node.assert_alive().await;
    }
}
