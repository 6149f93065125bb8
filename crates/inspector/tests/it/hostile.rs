//! Peers that stall, hang up or lie: an error of the right kind, in time, and never a panic.

use std::io;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use leakhunt_inspector::{Error, Limits, Parting, Session, WhenGone};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

const LIST: &str = r#"[{"id":"0f7f4e0e-8d3c-4a6b-9a0f-6f6a4c1f2b3d","type":"node","title":"app.js"}]"#;

fn limits() -> Limits {
    let short = Duration::from_secs(1);
    Limits { attach: short, reply: short, idle: short, leave: short, message: 1 << 20, ..Limits::default() }
}

/// A stream to a peer that answers the first request with `answer` and then does nothing.
async fn attach_to(answer: &'static str) -> Result<Session, Error> {
    let (ours, mut theirs) = tokio::io::duplex(1 << 16);
    let peer = tokio::spawn(async move {
        let _ = theirs.read(&mut [0; 4096]).await;
        // Whoever was refused hangs up before everything is written.
        let _ = theirs.write_all(answer.as_bytes()).await;
        theirs
    });
    let attached = Session::attach(ours, limits()).await;
    peer.await.expect("no panic");
    attached
}

#[track_caller]
fn assert_not_inspector(attached: Result<Session, Error>, expected: &str) {
    match attached.err().expect("refused") {
        Error::NotInspector { why } => assert!(why.contains(expected), "{why}"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn who_is_no_inspector_is_told_so() {
    for (answer, why) in [
        ("SSH-2.0-OpenSSH_9.6\r\n\r\n", "it answers \"SSH-2.0-OpenSSH_9.6\""),
        ("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "503"),
        ("HTTP/1.1 200 OK\r\n\r\n[]", "no length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n[]", "no length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "no Node target"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "unreadable"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]more", "more than was asked"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n[{\"id\":\"a/../b HTTP\",\"type\":\"node\"}]",
            "odd id",
        ),
    ] {
        assert_not_inspector(attach_to(answer).await, why);
    }
}

#[tokio::test]
async fn a_silent_or_endless_peer_is_left() {
    assert!(matches!(attach_to("HTTP/1.1 200").await, Err(Error::Stalled { doing: "attaching", .. })));
    let endless: &'static str = "x".repeat(1 << 17).leak();
    assert_not_inspector(attach_to(endless).await, "longer than");
    let (ours, theirs) = tokio::io::duplex(64);
    drop(theirs);
    assert!(matches!(Session::attach(ours, limits()).await, Err(Error::Disconnected { .. })));
}

type Socket = WebSocketStream<DuplexStream>;

/// A session to a peer that behaves until its WebSocket is open, and then as `behave` wants.
async fn session_with<F, R>(behave: F) -> Session
where
    F: FnOnce(Socket) -> R + Send + 'static,
    R: Future<Output = ()> + Send,
{
    let (ours, mut theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move {
        let _ = theirs.read(&mut [0; 4096]).await;
        let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{LIST}", LIST.len());
        theirs.write_all(head.as_bytes()).await.expect("written");
        behave(accept_async(theirs).await.expect("upgraded")).await;
    });
    Session::attach(ours, limits()).await.expect("attached")
}

/// A session whose first call is answered by these messages; then the peer stays silent.
async fn session_answered(messages: Vec<Message>) -> Session {
    session_with(|mut socket| async move {
        let _ = socket.next().await;
        for message in messages {
            let _ = socket.send(message).await;
        }
        std::future::pending::<()>().await;
    })
    .await
}

#[track_caller]
fn kind(error: &Error) -> &'static str {
    match error {
        Error::Protocol { .. } => "protocol",
        Error::Disconnected { .. } => "disconnected",
        Error::Stalled { .. } => "stalled",
        Error::Overdue { .. } => "overdue",
        Error::Refused { .. } => "refused",
        other => panic!("{other}"),
    }
}

async fn check(messages: &[&str], expected: &str) {
    let messages = messages.iter().map(|text| Message::text(*text)).collect();
    let session = session_answered(messages).await;
    let error = session.hold_marker().await.expect_err("refused");
    assert_eq!(kind(&error), expected, "{error}");
}

#[tokio::test]
async fn answers_that_are_none() {
    check(&["not JSON"], "protocol").await;
    check(&["[]"], "protocol").await;
    check(&[r#"{"id":1}"#], "protocol").await;
    check(&[r#"{"id":99,"result":{}}"#], "protocol").await;
    check(&[r#"{"id":0,"result":{}}"#], "protocol").await;
    check(&[r#"{"id":1,"result":{}}"#], "protocol").await;
    check(&[r#"{"id":1,"result":{"result":{"type":"object","value":{"pid":-1}}}}"#], "protocol").await;
    check(&[r#"{"id":1,"error":{"code":-32601,"message":"no such method"}}"#], "refused").await;
    check(&[r#"{"method":"Runtime.consoleAPICalled","params":{}}"#], "stalled").await;
    check(&[r#"{"id":1,"result":{"result":{},"exceptionDetails":{"text":"Uncaught"}}}"#], "refused").await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_not_read() {
    let session = session_answered(vec![Message::text("x".repeat((1 << 20) + 1))]).await;
    let error = session.hold_marker().await.expect_err("too large");
    assert_eq!(kind(&error), "protocol", "{error}");
    // Nothing that follows is trusted.
    assert_eq!(kind(&session.hold_marker().await.expect_err("over")), "disconnected");
}

/// 30 MB of an error's text once reached a terminal.
#[tokio::test]
async fn reasons_are_cut() {
    let long = "x".repeat(1 << 19);
    for answer in [
        format!(r#"{{"id":1,"error":{{"code":1,"message":"{long}"}}}}"#),
        format!(
            r#"{{"id":1,"result":{{"result":{{"type":"object","objectId":7,"{long}":1,"value":"{long}"}}}}}}"#
        ),
        format!(r#"{{"id":1,"result":{{"result":{{}},"exceptionDetails":{{"text":"{long}"}}}}}}"#),
    ] {
        let session = session_answered(vec![Message::text(answer)]).await;
        let error = session.hold_marker().await.expect_err("refused").to_string();
        assert!(error.len() < 2_000, "{} bytes", error.len());
    }
}

#[tokio::test]
async fn binary_and_broken_frames() {
    let session = session_answered(vec![Message::binary(vec![1, 2, 3])]).await;
    assert_eq!(kind(&session.hold_marker().await.expect_err("binary")), "protocol");
    for frame in [
        &b"\xff\xff\xff\xff"[..],
        b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81\x02\xc3\x28",
        b"\x81\x80",
    ] {
        let session = session_with(move |mut socket| async move {
            let _ = socket.next().await;
            let mut raw = socket.into_inner();
            raw.write_all(frame).await.expect("written");
            std::future::pending::<()>().await;
        })
        .await;
        let error = session.hold_marker().await.expect_err("broken");
        assert!(matches!(kind(&error), "protocol" | "stalled"), "{frame:?}: {error}");
    }
}

#[tokio::test]
async fn a_cut_connection_ends_the_session() {
    let session = session_with(|mut socket| async move {
        let _ = socket.next().await;
    })
    .await;
    assert_eq!(kind(&session.hold_marker().await.expect_err("cut")), "disconnected");
    assert_eq!(kind(&session.hold_marker().await.expect_err("still")), "disconnected");
    let left = tokio::time::timeout(Duration::from_secs(5), session.leave(Parting::CloseInspector(None)))
        .await
        .expect("bounded");
    assert!(!left.evidence_off);
}

#[tokio::test]
async fn a_peer_that_says_goodbye_is_gone() {
    let session = session_with(|mut socket| async move {
        let _ = socket.next().await;
        let _ = socket.close(None).await;
    })
    .await;
    let error = session.hold_marker().await.expect_err("closed");
    assert!(matches!(error, Error::Disconnected { .. }) && error.ends_session(), "{error}");
}

#[tokio::test]
async fn a_stalled_peer_costs_no_more_than_the_limits() {
    let session = session_with(|socket| async move {
        let _held = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let since = std::time::Instant::now();
    assert_eq!(kind(&session.hold_marker().await.expect_err("stalled")), "stalled");
    assert_eq!(
        kind(&session.plant(WhenGone::CloseInspector, "ours", None).await.expect_err("stalled")),
        "stalled"
    );
    assert_eq!(
        kind(&session.snapshot_stream(&mut io::sink(), |_| ()).await.expect_err("stalled")),
        "stalled"
    );
    let left = session.leave(Parting::CloseInspector(None)).await;
    assert!(!left.hung_up && !left.evidence_off);
    assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
}

/// What a snapshot gives for the events and answer that the peer sends, after it has let go of what the program printed.
async fn snapshot_of(messages: &[&str]) -> Result<String, Error> {
    let messages = std::iter::once(&DISCARDED).chain(messages).map(|text| Message::text(*text)).collect();
    let session = session_answered(messages).await;
    let mut bytes = Vec::new();
    session.snapshot_stream(&mut bytes, |_| ()).await?;
    Ok(String::from_utf8(bytes).expect("UTF-8"))
}

const CHUNK: &str = r#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{"chunk":"{\"a\":1,"}}"#;
const CHUNK_2: &str =
    r#"{"params":{"chunk":"\n\"b\":\"\\u00e9\"}"},"method":"HeapProfiler.addHeapSnapshotChunk"}"#;
const PROGRESS: &str =
    r#"{"method":"HeapProfiler.reportHeapSnapshotProgress","params":{"done":1,"total":2}}"#;
const DISCARDED: &str = r#"{"id":1,"result":{}}"#;
const TAKEN: &str = r#"{"id":2,"result":{}}"#;

#[tokio::test]
async fn chunks_become_the_file() {
    let text = snapshot_of(&[PROGRESS, CHUNK, CHUNK_2, TAKEN]).await.expect("taken");
    assert_eq!(text, "{\"a\":1,\n\"b\":\"\\u00e9\"}");
}

#[tokio::test]
async fn broken_snapshots() {
    let bad = r#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{"chunk":"a"b"}}"#;
    let refused = r#"{"id":2,"error":{"code":-32000,"message":"Failed to take heap snapshot"}}"#;
    for (messages, expected) in [
        (vec![PROGRESS, CHUNK], "stalled"),
        (vec![CHUNK, bad, TAKEN], "protocol"),
        (vec![PROGRESS, refused], "refused"),
        (vec![PROGRESS, r#"{"id":7,"result":{}}"#], "protocol"),
    ] {
        let error = snapshot_of(&messages).await.expect_err("broken");
        assert_eq!(kind(&error), expected, "{messages:?}: {error}");
    }
}
