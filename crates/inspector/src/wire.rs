//! Calls and answers over one WebSocket.
//!
//! There is no task behind it: whoever calls drives the socket, reads until the answer with its number has come and
//! lets everything else go. So nothing is ever queued here, and a sink that is slow slows the application's sending.
//!
//! Cancelling. A call that is dropped half way leaves its answer under way; numbers are never used twice, so the next
//! call skips it. A snapshot that is dropped half way leaves chunks under way, which must not be taken for those of the
//! next: `unfinished` remembers its number until its answer has gone by.
//!
//! Where to. A call goes to the main thread's isolate or to that of the worker thread that was entered, as was said last
//! ([`Wire::go`]); what that one answers is read as if it had come by itself (`route.rs`). A worker that has ended is an
//! error of each call to it, at once, and none of the session.
//!
//! Waiting. Each wait for a frame has a limit, each call as a whole has one. After an error of the connection the socket
//! gives nothing but errors: the session is dead, never half alive.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message, Utf8Bytes};

use crate::cut;
use crate::error::Error;
use crate::message::{self, FromWorker, Incoming};
use crate::route::{Isolate, Route};

/// A connected stream, of whatever kind.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// The number of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallId(u64);

pub(crate) struct Wire {
    socket: WebSocketStream<Box<dyn Duplex>>,
    last: u64,
    /// A snapshot whose answer has not come: chunks until then are its own.
    unfinished: Option<CallId>,
    received: u64,
    route: Route,
    /// The other side has broken the protocol: nothing of what it says counts any more.
    broken: bool,
}

#[derive(Serialize)]
struct Call<'a, P> {
    id: u64,
    method: &'a str,
    params: P,
}

/// What a reader makes of a message.
pub(crate) enum Verdict<T> {
    Done(T),
    Continue,
}

impl Wire {
    pub(crate) fn new(socket: WebSocketStream<Box<dyn Duplex>>) -> Self {
        Self { socket, last: 0, unfinished: None, received: 0, route: Route::default(), broken: false }
    }

    /// Bytes of all messages so far.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Whose isolate the calls go to that follow.
    pub(crate) fn go(&mut self, to: Isolate) -> &mut Self {
        self.route.go(to);
        self
    }

    /// The sessions of worker threads.
    pub(crate) fn route(&mut self) -> &mut Route {
        &mut self.route
    }

    /// Calls `method` and waits for its result.
    pub(crate) async fn call<R: DeserializeOwned>(
        &mut self,
        method: &'static str,
        params: impl Serialize,
        within: Duration,
    ) -> Result<R, Error> {
        let raw = self.call_raw(method, params, within).await?;
        serde_json::from_str(raw.get()).map_err(|error| protocol(method, error.to_string()))
    }

    /// As [`Self::call`], the result as the JSON text that it came as.
    pub(crate) async fn call_raw(
        &mut self,
        method: &'static str,
        params: impl Serialize,
        within: Duration,
    ) -> Result<Box<RawValue>, Error> {
        let limit = Waiting { doing: method, idle: within, until: Instant::now() + within, total: within };
        let call = self.send(method, params, &limit).await?;
        self.read(&limit, |id, incoming| match incoming {
            Incoming::Reply { outcome, .. } if id == Some(call) => {
                let result = outcome.map_err(|why| Error::Refused { what: method, why })?;
                Ok(Verdict::Done(result.to_owned()))
            }
            _ => Ok(Verdict::Continue),
        })
        .await
    }

    /// Makes several calls at once and gives their results in order; `None` for one that was refused.
    pub(crate) async fn call_all<R: DeserializeOwned>(
        &mut self,
        method: &'static str,
        params: impl IntoIterator<Item = impl Serialize>,
        within: Duration,
    ) -> Result<Vec<Option<R>>, Error> {
        let limit = Waiting::new(method, within, within);
        let mut calls = Vec::new();
        for params in params {
            calls.push(self.send(method, params, &limit).await?);
        }
        self.answers(&calls, &limit).await
    }

    /// The results of calls that were sent, in their order; `None` for one that was refused.
    pub(crate) async fn answers<R: DeserializeOwned>(
        &mut self,
        calls: &[CallId],
        limit: &Waiting,
    ) -> Result<Vec<Option<R>>, Error> {
        let mut results: Vec<Option<R>> = calls.iter().map(|_| None).collect();
        let mut missing = calls.len();
        while missing > 0 {
            let (position, result) = self
                .read(limit, |id, incoming| {
                    let position = calls.iter().position(|call| Some(*call) == id);
                    let (Some(position), Incoming::Reply { outcome, .. }) = (position, incoming) else {
                        return Ok(Verdict::Continue);
                    };
                    let Ok(raw) = outcome else { return Ok(Verdict::Done((position, None))) };
                    let result = serde_json::from_str(raw.get())
                        .map_err(|error| protocol(limit.doing, error.to_string()))?;
                    Ok(Verdict::Done((position, Some(result))))
                })
                .await?;
            results[position] = result;
            missing -= 1;
        }
        Ok(results)
    }

    /// Sends a call in one frame (Node's inspector refuses fragments).
    pub(crate) async fn send(
        &mut self,
        method: &'static str,
        params: impl Serialize,
        limit: &Waiting,
    ) -> Result<CallId, Error> {
        let call = self.queue(method, params, limit).await?;
        let sent = timeout_at(limit.deadline(), self.socket.flush()).await;
        sent.map_err(|_| limit.reached())?.map_err(|error| ended(limit.doing, &error))?;
        Ok(call)
    }

    /// Puts a call before the next one that is sent: both go in one piece, and V8 does them one after the other.
    pub(crate) async fn queue(
        &mut self,
        method: &'static str,
        params: impl Serialize,
        limit: &Waiting,
    ) -> Result<CallId, Error> {
        self.usable(limit.doing)?;
        self.last += 1;
        let call = CallId(self.last);
        let text = text_of(&Call { id: self.last, method, params })?;
        let text = match self.route.session() {
            None => text,
            Some(session) => {
                // Its own answer says only that it was passed on.
                self.last += 1;
                let params = json!({ "sessionId": session, "message": text });
                text_of(&Call { id: self.last, method: "NodeWorker.sendMessageToWorker", params })?
            }
        };
        let fed = timeout_at(limit.deadline(), self.socket.feed(Message::text(text))).await;
        fed.map_err(|_| limit.reached())?.map_err(|error| ended(limit.doing, &error))?;
        Ok(call)
    }

    /// Starts the one call whose answer is preceded by chunks.
    pub(crate) async fn send_snapshot(
        &mut self,
        method: &'static str,
        params: impl Serialize,
        limit: &Waiting,
    ) -> Result<CallId, Error> {
        // Remembered before it is sent: this future may be dropped on the way.
        self.unfinished = Some(CallId(self.last + 1));
        self.send(method, params, limit).await
    }

    /// Reads what a dropped snapshot has left under way.
    pub(crate) async fn finish_snapshot(&mut self, limit: &Waiting) -> Result<(), Error> {
        while self.unfinished.is_some() {
            self.read(limit, |_, _| Ok(Verdict::Done(()))).await?;
        }
        Ok(())
    }

    /// Hands each message to `reader` until it is done. Replies carry the number of their call.
    pub(crate) async fn read<T>(
        &mut self,
        limit: &Waiting,
        mut reader: impl FnMut(Option<CallId>, Incoming<'_>) -> Result<Verdict<T>, Error>,
    ) -> Result<T, Error> {
        loop {
            self.usable(limit.doing)?;
            let frame = self.frame(limit).await.map_err(|error| self.of_worker(error));
            self.broken = matches!(frame, Err(Error::Protocol { .. }));
            let text = frame?;
            let of_worker;
            let incoming = match message::read(&text) {
                Ok(Incoming::Worker(FromWorker::Says { session_id, message }))
                    if self.route.is_entered(&session_id) =>
                {
                    of_worker = message;
                    message::read(&of_worker)
                }
                incoming => incoming,
            };
            let incoming = incoming.and_then(|incoming| self.made(incoming));
            self.broken = incoming.is_err();
            let (id, incoming) = incoming.map_err(|why| protocol(limit.doing, why))?;
            self.route.note(&incoming);
            if id.is_some() && id == self.unfinished {
                self.unfinished = None;
            }
            if let Verdict::Done(done) = reader(id, incoming)? {
                return Ok(done);
            }
        }
    }

    /// The number of the call that a reply answers; every reply must have one.
    fn made<'a>(&self, incoming: Incoming<'a>) -> Result<(Option<CallId>, Incoming<'a>), String> {
        match incoming {
            Incoming::Reply { id, .. } if id == 0 || id > self.last => {
                Err(format!("an answer to call {id}, which was never made"))
            }
            Incoming::Reply { id, .. } => Ok((Some(CallId(id)), incoming)),
            _ => Ok((None, incoming)),
        }
    }

    /// Where a worker is waited for, it may be the one that does not answer.
    fn of_worker(&self, error: Error) -> Error {
        match (error, self.route.thread()) {
            (Error::Stalled { doing, after }, Some(thread)) => Error::ThreadSilent { thread, doing, after },
            (error, _) => error,
        }
    }

    fn usable(&self, doing: &'static str) -> Result<(), Error> {
        if self.broken {
            return Err(Error::Disconnected {
                doing,
                why: "the other side does not keep to the protocol".to_owned(),
            });
        }
        match self.route.ended() {
            Some(thread) => Err(Error::ThreadEnded { thread, doing }),
            None => Ok(()),
        }
    }

    async fn frame(&mut self, limit: &Waiting) -> Result<Utf8Bytes, Error> {
        let idle = Instant::now() + limit.idle;
        loop {
            let next =
                timeout_at(idle.min(limit.until), self.socket.next()).await.map_err(|_| limit.reached())?;
            match next {
                Some(Ok(Message::Text(text))) => {
                    self.received += text.len() as u64;
                    return Ok(text);
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Frame(_))) => {
                    return Err(protocol(limit.doing, "a binary message"));
                }
                Some(Ok(Message::Close(_))) | None => {
                    return Err(Error::Disconnected {
                        doing: limit.doing,
                        why: "the inspector was closed".to_owned(),
                    });
                }
                Some(Err(error)) => return Err(ended(limit.doing, &error)),
            }
        }
    }

    /// Says goodbye and reads until the other side has hung up, so that nothing unread turns the end into a reset.
    pub(crate) async fn close(mut self, within: Duration) -> bool {
        let closing = async {
            let said = self.socket.close(None).await;
            while let Some(Ok(_)) = self.socket.next().await {}
            said.is_ok()
        };
        timeout(within, closing).await.unwrap_or(false)
    }
}

/// For how long, and on what, somebody waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) doing: &'static str,
    /// For the next frame.
    pub(crate) idle: Duration,
    /// For everything.
    pub(crate) until: Instant,
    pub(crate) total: Duration,
}

impl Waiting {
    pub(crate) fn new(doing: &'static str, idle: Duration, total: Duration) -> Self {
        Self { doing, idle, until: Instant::now() + total, total }
    }

    fn deadline(&self) -> Instant {
        self.until.min(Instant::now() + self.idle)
    }

    fn reached(&self) -> Error {
        if Instant::now() >= self.until && self.total > self.idle {
            Error::Overdue { doing: self.doing, after: self.total }
        } else {
            Error::Stalled { doing: self.doing, after: self.idle }
        }
    }
}

fn text_of(call: &Call<'_, impl Serialize>) -> Result<String, Error> {
    serde_json::to_string(call)
        .map_err(|error| Error::Protocol { doing: "writing a call", why: error.to_string() })
}

pub(crate) fn protocol(doing: &'static str, why: impl Into<String>) -> Error {
    Error::Protocol { doing, why: cut::reason(&why.into()) }
}

fn ended(doing: &'static str, error: &SocketError) -> Error {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    match error {
        SocketError::Protocol(
            ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing,
        ) => Error::Disconnected { doing, why: "the connection ended without a goodbye".to_owned() },
        SocketError::Capacity(_) | SocketError::Protocol(_) | SocketError::Utf8(_) => {
            protocol(doing, error.to_string())
        }
        _ => Error::Disconnected { doing, why: error.to_string() },
    }
}
