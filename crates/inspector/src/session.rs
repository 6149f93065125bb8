//! One WebSocket, one CDP session, from attach to leave.
//!
//! Every method locks the wire, so calls queue behind each other; dropping a call's future leaves the session usable
//! (see `wire.rs`). [`Session::leave`] takes the session: nothing can be asked afterwards.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::agent::{self, Agent, Count, Disk, Memory, OBJECT_GROUP, Planted, WhenGone};
use crate::error::Error;
use crate::ids::{self, Marker};
use crate::limits::Limits;
use crate::process::{self, ProcessFacts};
use crate::snapshot::{self, FileRoute, Progress, Taken};
use crate::sources::{self, MappedScript};
use crate::wire::Wire;
use crate::{http, profile};

/// One session to one process. Ids of heap objects are comparable only within it, and the process's inspector stays
/// open at least as long as it lives.
pub struct Session {
    limits: Limits,
    state: Mutex<State>,
}

struct State {
    wire: Wire,
    agent: Option<Agent>,
    /// Evidence that is being gathered and must be switched off before we go.
    sampling: bool,
    cpu: bool,
}

impl State {
    fn agent(&mut self, what: &'static str) -> Result<(&mut Wire, &Agent), Error> {
        match &self.agent {
            Some(agent) => Ok((&mut self.wire, agent)),
            None => Err(Error::NotPlanted { what }),
        }
    }
}

impl Session {
    /// Finds the process's target over HTTP and upgrades the same connection to a WebSocket.
    ///
    /// # Errors
    /// [`Error::NotInspector`], [`Error::Disconnected`], [`Error::Stalled`].
    pub async fn attach<S>(stream: S, limits: Limits) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let opened = timeout(limits.attach, http::open(Box::new(stream), limits.message)).await;
        let socket = opened.map_err(|_| Error::Stalled { doing: "attaching", after: limits.attach })??;
        let state = State { wire: Wire::new(socket), agent: None, sampling: false, cpu: false };
        Ok(Self { limits, state: Mutex::new(state) })
    }

    /// Who the process is. Read-only, and before anything is planted.
    ///
    /// # Errors
    /// [`Error::Refused`] if it is not Node; those of the connection.
    pub async fn process(&self) -> Result<ProcessFacts, Error> {
        let mut state = self.state.lock().await;
        process::process(&mut state.wire, self.limits.reply).await
    }

    /// Plants the agent: the first thing that is done to a process, since from then on it closes the inspector itself
    /// when we are gone. `hunt` is a name that no other hunt has; where another hunt is under way nothing is armed, and
    /// [`Planted::rival`] says so.
    ///
    /// # Errors
    /// [`Error::Refused`] where the process cannot run it; those of the connection.
    pub async fn plant(&self, when_gone: WhenGone, hunt: &str) -> Result<Planted, Error> {
        let mut state = self.state.lock().await;
        let (agent, planted) = agent::plant(&mut state.wire, when_gone, hunt, self.limits.reply).await?;
        state.agent = Some(agent);
        Ok(planted)
    }

    /// A raw reading of the process's memory: one small call, 0.1 to 0.3 ms of its event loop.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; those of the connection.
    pub async fn memory(&self) -> Result<Memory, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("memory")?;
        agent::memory(agent, wire, self.limits.reply).await
    }

    /// Forces a full garbage collection; returns how long it took, the way there and back included.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn collect_garbage(&self) -> Result<Duration, Error> {
        let mut state = self.state.lock().await;
        let began = Instant::now();
        state.wire.call_raw("HeapProfiler.collectGarbage", json!({}), self.limits.reply).await?;
        Ok(began.elapsed())
    }

    /// Counts the heap's objects. It costs a tenth to a fifth of a snapshot's pause, and 95 bytes an object that are given
    /// back. It resets V8's object ids, so it belongs before the first snapshot, and not beside another debugger.
    ///
    /// # Errors
    /// [`Error::Refused`] where the process cannot do it; those of the connection.
    pub async fn count(&self, within: Duration) -> Result<Count, Error> {
        let mut state = self.state.lock().await;
        agent::count(&mut state.wire, within).await
    }

    /// Holds a new object whose id tells whether the id space still lives.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn hold_marker(&self) -> Result<Marker, Error> {
        let mut state = self.state.lock().await;
        ids::hold_marker(&mut state.wire, self.limits.reply).await
    }

    /// The marker's id in V8's present id space; 0 until the first snapshot has numbered it. A number that was not 0
    /// and is another now (0 included) means that the space was lost: later snapshots cannot be compared with earlier ones.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn marker_id(&self, marker: &Marker) -> Result<u64, Error> {
        let mut state = self.state.lock().await;
        ids::marker_id(&mut state.wire, marker, self.limits.reply).await
    }

    /// Holds another object, made now: in one id space its number will be higher than any that was given out before.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn hold_newcomer(&self) -> Result<Marker, Error> {
        let mut state = self.state.lock().await;
        ids::hold_newcomer(&mut state.wire, self.limits.reply).await
    }

    /// Lets an object go again.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn release_marker(&self, marker: Marker) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        ids::release(&mut state.wire, marker, self.limits.reply).await
    }

    /// Takes a heap snapshot and streams it as V8 writes it. What a slow reader does not take queues in the application.
    ///
    /// # Errors
    /// [`Error::Sink`]; those of the connection.
    pub async fn snapshot_stream(
        &self,
        sink: &mut (impl io::Write + Send + ?Sized),
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Taken, Error> {
        let mut state = self.state.lock().await;
        let State { wire, agent, .. } = &mut *state;
        snapshot::stream(wire, agent.as_ref(), &self.limits, sink, progress).await
    }

    /// Lets the application write a heap snapshot to its own disk, and pulls it compressed.
    ///
    /// # Errors
    /// [`Error::NotPlanted`], [`Error::RemoteDisk`], [`Error::Damaged`], [`Error::Sink`]; those of the connection.
    pub async fn snapshot_file(
        &self,
        sink: &mut (impl io::Write + Send + ?Sized),
        options: FileRoute,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Taken, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("the file route")?;
        snapshot::file(wire, agent, &self.limits, &options, sink, progress).await
    }

    /// Where the process could write a snapshot.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; those of the connection.
    pub async fn disk(&self) -> Result<Disk, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("disk")?;
        agent::disk(agent, wire, self.limits.reply).await
    }

    /// The program's scripts that have source maps: those that are loaded, and those in the folders around the main one.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; those of the connection.
    pub async fn sources(&self) -> Result<Vec<MappedScript>, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("sources")?;
        sources::sources(wire, agent, &self.limits).await
    }

    /// Reads a file there of at most `most` bytes.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::Refused`] if it cannot be read or is larger; [`Error::Damaged`]; those of the
    /// connection.
    pub async fn source(&self, path: &str, most: u64) -> Result<Vec<u8>, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("a source")?;
        sources::source(wire, agent, &self.limits, path, most).await
    }

    /// How many clients the inspector's port has, us included: two or more mean that another debugger is attached.
    /// `None` where the process cannot see its connections.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; those of the connection.
    pub async fn clients(&self) -> Result<Option<u32>, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("clients")?;
        agent::clients(agent, wire, self.limits.reply).await
    }

    /// Starts V8's sampling heap profiler: one sample for each `interval` allocated bytes on average.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn sampling_start(&self, interval: u32) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        state.sampling = true;
        profile::sampling_start(&mut state.wire, interval, self.limits.reply).await
    }

    /// Stops it; returns the text of a `.heapprofile`, the sites of what is still alive.
    ///
    /// # Errors
    /// [`Error::Refused`] if it was not started; those of the connection.
    pub async fn sampling_stop(&self) -> Result<String, Error> {
        let mut state = self.state.lock().await;
        let text = profile::sampling_stop(&mut state.wire, self.limits.reply).await?;
        state.sampling = false;
        Ok(text)
    }

    /// Starts the CPU profiler: one sample for each `interval` (V8's own default is 1 ms).
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn cpu_start(&self, interval: Duration) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        state.cpu = true;
        profile::cpu_start(&mut state.wire, interval, self.limits.reply).await
    }

    /// Stops it; returns the text of a `.cpuprofile`.
    ///
    /// # Errors
    /// [`Error::Refused`] if it was not started; those of the connection.
    pub async fn cpu_stop(&self) -> Result<String, Error> {
        let mut state = self.state.lock().await;
        let text = profile::cpu_stop(&mut state.wire, self.limits.reply).await?;
        state.cpu = false;
        Ok(text)
    }

    /// Leaves: evidence off, file dropped, and with `close_inspector` the inspector closed by the agent as soon as its
    /// last client, we or another debugger, has gone. Never fails, never waits beyond [`Limits::leave`]; what could not
    /// be seen done is said. A session that has planted nothing can be used so to close an inspector, or just to go.
    pub async fn leave(self, close_inspector: bool) -> Left {
        let within = self.limits.leave / 2;
        let mut left = Left::default();
        let wire = part(self.state.into_inner(), close_inspector, within, &mut left).await;
        left.hung_up = wire.close(within).await;
        left
    }
}

/// What the teardown did, and what of it was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Profilers were off, and our objects released.
    pub evidence_off: bool,
    /// The agent confirmed that it has dropped its file and that it goes.
    pub farewell: Farewell,
    /// Clients of the inspector's port when we left, us included, where that was seen.
    pub clients: Option<u32>,
    /// Time that our evaluated code took from the application's event loop, snapshots excepted, where that was told.
    pub spent: Option<Duration>,
    /// The WebSocket was closed by both sides; otherwise the connection was just dropped.
    pub hung_up: bool,
}

/// What becomes of the inspector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Farewell {
    /// Nothing was confirmed: the dead-man, if one was planted, acts when it sees the connection gone.
    #[default]
    Unconfirmed,
    /// The agent is gone and the inspector stays open, as it was found.
    KeptOpen,
    /// The agent closes it when its last client has gone: within a second, unless another debugger is attached.
    Closing,
    /// Where no dead-man can watch: it was told to close at once.
    ClosedAtOnce,
    /// Another hunt is under way in this process, and closes it when it ends.
    OtherHunt,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.farewell {
            Farewell::Unconfirmed => "the process confirmed nothing",
            Farewell::KeptOpen => "the inspector stays open, as it was found",
            Farewell::Closing => "the inspector closes behind us",
            Farewell::ClosedAtOnce => "the inspector was told to close",
            Farewell::OtherHunt => "another hunt uses the inspector, and closes it",
        })?;
        if let Some(others @ 1..) = self.clients.map(|clients| clients.saturating_sub(1)) {
            write!(f, " ({others} more connected)")?;
        }
        if let Some(spent) = self.spent {
            write!(f, "; {:.1} ms of the event loop were ours", spent.as_secs_f64() * 1000.0)?;
        }
        if !self.hung_up {
            f.write_str("; the connection was dropped")?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Leaving {
    watching: bool,
    clients: Option<u32>,
    spent: f64,
}

/// Everything that is said before goodbye; `left` says how far it came. The agent is told first: its word is what
/// matters if the rest is not answered in time.
async fn part(state: State, close: bool, within: Duration, left: &mut Left) -> Wire {
    let State { mut wire, agent, sampling, cpu } = state;
    let parting = async {
        // A session that comes only to close an inspector has no agent yet.
        let agent = match agent {
            None if close => match agent::plant(&mut wire, WhenGone::CloseInspector, "", within).await {
                Ok((_, planted)) if planted.rival => {
                    left.farewell = Farewell::OtherHunt;
                    return;
                }
                planted => planted.ok().map(|(agent, _)| agent),
            },
            _ => agent,
        };
        let mut watched = true;
        if let Some(agent) = &agent
            && let Ok(leaving) = agent.ask::<Leaving>(&mut wire, "leave", &[json!(close)], within).await
        {
            watched = leaving.watching;
            left.clients = leaving.clients;
            left.spent = Some(agent::milliseconds(leaving.spent));
            left.farewell = match (close, watched) {
                (false, _) => Farewell::KeptOpen,
                (true, true) => Farewell::Closing,
                (true, false) => Farewell::Unconfirmed,
            };
        }
        let sampling_off = !sampling || profile::sampling_stop(&mut wire, within).await.is_ok();
        let cpu_off = !cpu || profile::cpu_stop(&mut wire, within).await.is_ok();
        if let (true, false, Some(agent)) = (close, watched, &agent)
            && close_now(&mut wire, agent, within).await
        {
            // Closing has released what we held.
            left.farewell = Farewell::ClosedAtOnce;
            left.evidence_off = sampling_off && cpu_off;
        } else {
            let params = json!({ "objectGroup": OBJECT_GROUP });
            let released = wire.call_raw("Runtime.releaseObjectGroup", params, within).await.is_ok();
            left.evidence_off = sampling_off && cpu_off && released;
        }
    };
    // What was not answered in time stays unsaid in `left`.
    timeout(within, parting).await.unwrap_or_default();
    wire
}

/// A synchronous close answers with the connection's end.
async fn close_now(wire: &mut Wire, agent: &Agent, within: Duration) -> bool {
    let closed = agent.ask::<serde_json::Value>(wire, "closeNow", &[], within).await;
    matches!(closed, Ok(_) | Err(Error::Disconnected { .. }))
}
