//! One connection: a debugger's, or a look at `/json/list`, and the tunnel's that carries it.
//!
//! States: *asking* (HTTP) → *attached*, once Node.js has answered 101 → ended, by either side or by ours. However it ends, the
//! tunnel's connection is read until it is quiet before it is given up: Node.js before 24.19 can crash when a connection is
//! reset that it is writing to (nodejs/node#64209), as while DevTools takes a snapshot, and `heroku ps:forward` ends
//! when its client resets.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use leakhunt_host::{Connection, Peer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// What is read at once.
const BUFFER: usize = 64 << 10;

/// Node.js's answer to a WebSocket's request begins so, and none to another.
const SWITCHING: &[u8] = b"HTTP/1.1 101 ";

/// A connection on which nothing has come for so long is not being written to.
const QUIET: Duration = Duration::from_millis(300);
/// Until it is given up all the same: a snapshot of some hundred megabytes may be on its way.
const MOST_DRAINED: Duration = Duration::from_secs(6);
/// For the other side to hang up as well.
const GOODBYE: Duration = Duration::from_secs(1);

/// What happened on a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// It is a debugger's: Node.js has let it attach.
    Attached(Option<Peer>),
    /// A debugger's connection has ended.
    Detached,
}

/// The two ends, and what is known of the near one.
pub(super) struct Carried {
    pub(super) client: TcpStream,
    /// What was read of it already.
    pub(super) first: Vec<u8>,
    pub(super) tunnel: Connection,
    pub(super) peer: Option<Peer>,
}

/// Carries until one side has ended, or `stop`.
pub(super) async fn carry(ends: Carried, stop: &CancellationToken, tell: &UnboundedSender<Happening>) {
    let Carried { client, first, tunnel, mut peer } = ends;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_app, mut to_app) = tokio::io::split(tunnel);
    let (asked, attached) = (AtomicBool::new(true), AtomicBool::new(false));
    let there = async {
        to_app.write_all(&first).await?;
        pass(&mut from_client, &mut to_app, |_| asked.store(true, Ordering::Relaxed)).await
    };
    let mut answer = Answer::default();
    let back = pass(&mut from_app, &mut to_client, |piece| {
        if asked.swap(false, Ordering::Relaxed) {
            answer = Answer::default();
        }
        if !attached.load(Ordering::Relaxed) && answer.switches(piece) {
            attached.store(true, Ordering::Relaxed);
            // One that is gone wants to know nothing.
            let _ = tell.send(Happening::Attached(peer.take()));
        }
    });
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        _ = there => {}
        _ = back => {}
    }
    drain(&mut from_app, &mut to_client).await;
    drop((from_client, to_client));
    let _ = to_app.shutdown().await;
    let _ = timeout(GOODBYE, tokio::io::copy(&mut from_app, &mut tokio::io::sink())).await;
    if attached.into_inner() {
        let _ = tell.send(Happening::Detached);
    }
}

/// Hands on what is read until it ends.
async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut look: impl FnMut(&[u8]),
) -> std::io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        look(&buffer[..length]);
        to.write_all(&buffer[..length]).await?;
    }
}

/// Reads until nothing comes any more. What a client that is still there is owed is handed on.
async fn drain(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) {
    let mut buffer = vec![0; BUFFER];
    let until = Instant::now() + MOST_DRAINED;
    while let Ok(Ok(length @ 1..)) = timeout(QUIET, from.read(&mut buffer)).await {
        // A client that takes nothing any more must not keep the rest from being read.
        let _ = timeout(QUIET, to.write_all(&buffer[..length])).await;
        if Instant::now() > until {
            return;
        }
    }
}

/// The beginning of an answer, in however many pieces it comes.
#[derive(Default)]
struct Answer(Vec<u8>);

impl Answer {
    /// With this piece of it: does it switch to a WebSocket?
    fn switches(&mut self, piece: &[u8]) -> bool {
        let missing = SWITCHING.len() - self.0.len();
        self.0.extend_from_slice(&piece[..piece.len().min(missing)]);
        self.0 == SWITCHING
    }
}
