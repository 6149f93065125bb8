//! The dead-man: whatever becomes of us, the inspector closes, the file goes, the application lives.

use std::io;

use leakhunt_inspector::{Farewell, FileRoute, Limits, Parting, Progress, Session, WhenGone};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::node::{Module, Node, VERSIONS};
use crate::snapshot::first_bytes;

/// Node.js 24.19 and later survive a connection that is reset while they write to it. Others may crash of it, whoever
/// debugs them (nodejs/node#64209).
const SURVIVES_RESETS: u32 = 24;

/// We vanish while the file is being pulled, without a goodbye.
async fn check(version: u32, module: Module) {
    let mut node = Node::start(version, module).await;
    let session = node.attach().await;
    session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    if version >= SURVIVES_RESETS {
        pull_first_block(&session, &node).await;
        assert_eq!(node.snapshot_files().len(), 1, "the file is there while it is pulled");
        drop(session);
    } else {
        die_between_blocks(session, &node).await;
    }
    node.closed().await;
    assert!(node.snapshot_files().is_empty(), "dropped with the inspector");
    node.assert_alive().await;
}

/// Begins to pull a snapshot and drops the future when the first block has come.
async fn pull_first_block(session: &Session, node: &Node) {
    let (progress, arrived) = first_bytes();
    let mut sink = io::sink();
    let route = FileRoute { block: 10_000, ..FileRoute::new(node.folder.path().to_string_lossy()) };
    tokio::select! {
        biased;
        _ = arrived => {}
        taken = session.snapshot_file(&mut sink, route, progress) => panic!("it was dropped on the way: {taken:?}"),
    }
}

/// Panics when the first block has come and none is under way.
async fn die_between_blocks(session: Session, node: &Node) {
    let directory = node.folder.path().to_string_lossy();
    let route = FileRoute { block: 10_000, in_flight: 1, ..FileRoute::new(directory) };
    let pulling = tokio::spawn(async move {
        let die = |progress| assert!(!matches!(progress, Progress::Receiving { .. }), "this is meant to be");
        session.snapshot_file(&mut io::sink(), route, die).await
    });
    let ended = pulling.await.expect_err("it died");
    assert!(ended.is_panic());
}

#[tokio::test]
async fn we_vanish_from_common_js() {
    for version in VERSIONS {
        check(version, Module::CommonJs).await;
    }
}

#[tokio::test]
async fn we_vanish_from_ecma_script() {
    for version in VERSIONS {
        check(version, Module::EcmaScript).await;
    }
}

#[tokio::test]
async fn an_inspector_that_was_open_stays_open_and_the_file_goes() {
    let mut node = Node::start(24, Module::CommonJs).await;
    let session = node.attach().await;
    session.plant(WhenGone::KeepInspector, "ours", None).await.expect("planted");
    pull_first_block(&session, &node).await;
    drop(session);
    node.eventually("the file goes", || node.snapshot_files().is_empty()).await;
    assert!(node.listens());
    node.assert_alive().await;
}

/// We vanish while chunks stream; what the process has queued for us must not keep the inspector open.
#[tokio::test]
async fn we_vanish_from_a_stream() {
    for version in VERSIONS.into_iter().filter(|version| *version >= SURVIVES_RESETS) {
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
        drop(session);
        node.closed().await;
        node.assert_alive().await;
    }
}

/// A reset is what a killed tunnel leaves.
#[tokio::test]
async fn we_are_reset() {
    let mut node = Node::start(22, Module::CommonJs).await;
    let stream = node.connect().await;
    stream.set_zero_linger().expect("a socket");
    let session = Session::attach(stream, Limits::default()).await.expect("attached");
    session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    drop(session);
    node.closed().await;
    node.assert_alive().await;
}

/// The inspector can be opened again afterwards: nothing of the agent is in the way.
#[tokio::test]
async fn the_next_hunt_finds_the_process_as_new() {
    let mut node = Node::start(26, Module::CommonJs).await;
    for _ in 0..2 {
        let session = node.attach().await;
        assert_eq!(
            session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted").unwatched,
            None
        );
        assert!(session.leave(Parting::CloseInspector(None)).await.hung_up);
        node.closed().await;
        node.open().await;
    }
    node.assert_alive().await;
}

/// A tunnel whose far end stays connected and never answers, as seen by the process: `inspector.close()` would hang it.
#[tokio::test]
async fn a_dead_tunnel_keeps_the_inspector_open_and_the_application_running() {
    let mut node = Node::start(20, Module::CommonJs).await;
    let (ours, relay) = stalling_relay(node.inspector).await;
    let session = Session::attach(ours, Limits::default()).await.expect("attached");
    session.plant(WhenGone::CloseInspector, "ours", None).await.expect("planted");
    drop(session);
    // The relay still holds the far connection, so the process has a client that never answers.
    for _ in 0..20 {
        node.assert_alive().await;
    }
    assert!(node.listens());
    relay.abort();
    node.closed().await;
    node.assert_alive().await;
}

/// Relays one connection; when our end is gone it keeps the far end open, silently, until it is aborted.
async fn stalling_relay(port: u16) -> (TcpStream, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let near = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("connected");
    let relay = tokio::spawn(async move {
        let (ours, _) = listener.accept().await.expect("accepted");
        let theirs = TcpStream::connect(("127.0.0.1", port)).await.expect("the inspector listens");
        let (mut ours_in, mut ours_out) = ours.into_split();
        let (mut theirs_in, mut theirs_out) = theirs.into_split();
        let back = async {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = theirs_in.read(&mut buffer).await {
                if ours_out.write_all(&buffer[..count]).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        };
        let forth = async {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = ours_in.read(&mut buffer).await {
                if theirs_out.write_all(&buffer[..count]).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        };
        tokio::join!(back, forth);
    });
    (near, relay)
}

/// Two hunts in one process: the second sees the first, and does nothing to its inspector.
#[tokio::test]
async fn a_second_hunt_is_told_of_the_first() {
    for (version, module) in [(18, Module::CommonJs), (26, Module::EcmaScript)] {
        let mut node = Node::start(version, module).await;
        let first = node.attach().await;
        assert!(!first.plant(WhenGone::CloseInspector, "first", None).await.expect("planted").rival);
        let second = node.attach().await;
        assert!(second.plant(WhenGone::CloseInspector, "second", None).await.expect("planted").rival);
        assert!(second.leave(Parting::KeepInspector).await.hung_up);
        // One that comes only to close must not either.
        assert_eq!(
            node.attach().await.leave(Parting::CloseInspector(None)).await.farewell,
            Farewell::OtherHunt
        );
        assert!(node.listens());
        first.memory().await.expect("the first goes on");
        assert_eq!(first.leave(Parting::CloseInspector(None)).await.farewell, Farewell::Closing);
        node.closed().await;
        node.assert_alive().await;
    }
}

/// What a hunt that was killed has opened is closed by the next one, even where that one found the inspector open.
#[tokio::test]
async fn the_place_of_a_dead_hunt_is_taken() {
    let mut node = Node::start(22, Module::CommonJs).await;
    let dead = node.attach().await;
    dead.plant(WhenGone::CloseInspector, "dead", None).await.expect("planted");
    // The next hunt is there before the dead-man has looked twice.
    let next = node.attach().await;
    drop(dead);
    let since = std::time::Instant::now();
    let planted = loop {
        let planted = next.plant(WhenGone::KeepInspector, "next", None).await.expect("planted");
        if !planted.rival {
            break planted;
        }
        assert!(since.elapsed() < std::time::Duration::from_secs(10), "the dead hunt's connection goes");
    };
    assert_eq!(planted.when_gone, WhenGone::CloseInspector);
    drop(next);
    node.closed().await;
    node.assert_alive().await;
}
