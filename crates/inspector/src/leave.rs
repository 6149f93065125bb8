//! The end of a session: what is said before goodbye, and what of it was answered.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use crate::agent::{self, Agent, Arming, Identity, OBJECT_GROUP};
use crate::error::Error;
use crate::route::Isolate;
use crate::state::{InWorker, Running, State};
use crate::wire::Wire;
use crate::{cpu, sampling, timeline, workers};

/// What is to become of the inspector when we leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// It stays open, as it was found.
    KeepInspector,
    /// It is closed, if its process is the one that is meant.
    CloseInspector(Option<Identity>),
}

/// What the teardown did, and what of it was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// The profiler was off, and our objects released.
    pub evidence_off: bool,
    /// The agent confirmed that it has dropped its file and that it goes.
    pub farewell: Farewell,
    /// Clients of the inspector's port when we left, us included, where that was seen.
    pub clients: Option<u32>,
    /// Time that our evaluated code took from the application's event loop, snapshots excepted, where that was told.
    pub spent: Option<Duration>,
    /// Time that the application was paused for snapshots by the file route, whole or not, where that was told.
    pub paused: Option<Duration>,
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
            Farewell::KeptOpen => "the inspector stays open, as it was before",
            Farewell::Closing => "the inspector is closing",
            Farewell::ClosedAtOnce => "the inspector was asked to close",
            Farewell::OtherHunt => "another hunt uses the inspector and will close it",
        })?;
        if let Some(others @ 1..) = self.clients.map(|clients| clients.saturating_sub(1)) {
            write!(f, " ({others} more connected)")?;
        }
        if let Some(spent) = self.spent {
            let (amount, unit) = match spent.as_secs_f64() {
                seconds if seconds < 1.0 => (seconds * 1000.0, "ms"),
                seconds => (seconds, "s"),
            };
            write!(f, "; leakhunt used {amount:.1} {unit} of the app's event loop")?;
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
    paused: f64,
}

pub(crate) async fn leave(mut state: State, parting: Parting, within: Duration) -> Left {
    let mut left = Left::default();
    // What was not answered in time stays unsaid in `left`.
    timeout(within, part(&mut state, parting, within, &mut left)).await.unwrap_or_default();
    left.hung_up = state.wire.close(within).await;
    left
}

/// Everything that is said before goodbye; `left` says how far it came. The dead-man is told first: its word is what
/// matters if the rest is not answered in time.
async fn part(state: &mut State, parting: Parting, within: Duration, left: &mut Left) {
    let State { wire, dead_man, worker, running, .. } = state;
    let close = parting != Parting::KeepInspector;
    let dead_man = match (dead_man, parting) {
        (Some((dead_man, _)), _) => Some(dead_man.clone()),
        (None, Parting::KeepInspector) => None,
        // A session that comes only to close an inspector has planted nothing yet.
        (None, Parting::CloseInspector(meant)) => {
            match agent::plant(wire, Isolate::Main, Arming::to_close(meant), within).await {
                Ok((_, planted)) if planted.rival => {
                    left.farewell = Farewell::OtherHunt;
                    return;
                }
                Ok((dead_man, _)) => Some(dead_man),
                Err(Error::Refused { .. }) => {
                    if end(wire, meant, within).await {
                        left.farewell = Farewell::ClosedAtOnce;
                    }
                    return;
                }
                Err(_) => None,
            }
        }
    };
    let mut watched = true;
    if let Some(dead_man) = &dead_man
        && let Ok(leaving) = dead_man.ask::<Leaving>(wire, "leave", &[json!(close)], within).await
    {
        watched = leaving.watching;
        left.clients = leaving.clients;
        left.spent = Some(agent::milliseconds(leaving.spent));
        left.paused = Some(agent::milliseconds(leaving.paused));
        left.farewell = match (close, watched) {
            (false, _) => Farewell::KeptOpen,
            (true, true) => Farewell::Closing,
            (true, false) => Farewell::Unconfirmed,
        };
    }
    let profilers_off = match worker {
        Some(worker) => leave_worker(wire, worker, *running, within / 2, left).await,
        None => profilers_off(wire.go(Isolate::Main), *running, within).await,
    };
    let sessions_off = !running.workers || workers::detach(wire.go(Isolate::Main), within).await.is_ok();
    let evidence_off = profilers_off && sessions_off;
    if let (true, false, Some(dead_man)) = (close, watched, &dead_man)
        && close_now(wire, dead_man, within).await
    {
        // Closing has released what we held.
        left.farewell = Farewell::ClosedAtOnce;
        left.evidence_off = evidence_off;
    } else {
        let params = json!({ "objectGroup": OBJECT_GROUP });
        let released = wire.call_raw("Runtime.releaseObjectGroup", params, within).await.is_ok();
        left.evidence_off = evidence_off && released;
    }
}

/// The worker that was entered. Of one that has ended nothing is left; one that does not answer keeps nobody.
async fn leave_worker(
    wire: &mut Wire,
    InWorker { dead_man, .. }: &InWorker,
    running: Running,
    within: Duration,
    left: &mut Left,
) -> bool {
    let parting = async {
        let leaving = dead_man.ask::<Leaving>(wire, "leave", &[json!(false)], within).await;
        if matches!(leaving, Err(Error::ThreadEnded { .. })) {
            return true;
        }
        if let Ok(leaving) = leaving {
            let of_worker = [(&mut left.spent, leaving.spent), (&mut left.paused, leaving.paused)];
            for (told, more) in of_worker {
                *told = Some(told.unwrap_or_default() + agent::milliseconds(more));
            }
        }
        let off = profilers_off(wire.go(Isolate::Worker), running, within).await;
        let params = json!({ "objectGroup": OBJECT_GROUP });
        off & wire.call_raw("Runtime.releaseObjectGroup", params, within).await.is_ok()
    };
    timeout(within, parting).await.unwrap_or(false)
}

/// Switches off what runs.
async fn profilers_off(wire: &mut Wire, running: Running, within: Duration) -> bool {
    let sampling_off = !running.sampling || sampling::stop(wire, None, within).await.is_ok();
    let cpu_off = !running.cpu || cpu::off(wire, within).await.is_ok();
    let timeline_off = !running.timeline || timeline::off(wire, within).await.is_ok();
    sampling_off && cpu_off && timeline_off
}

/// A synchronous close answers with the connection's end.
async fn close_now(wire: &mut Wire, dead_man: &Agent, within: Duration) -> bool {
    let closed = dead_man.ask::<serde_json::Value>(wire, "closeNow", &[], within).await;
    matches!(closed, Ok(_) | Err(Error::Disconnected { .. }))
}

/// The last means, where nothing could be planted: the application's own `process` is told to close.
async fn end(wire: &mut Wire, meant: Option<Identity>, within: Duration) -> bool {
    let same = meant.map_or_else(|| "true".to_owned(), |meant| format!("process.pid === {}", meant.pid));
    let params = json!({ "expression": format!("{same} && process._debugEnd()"), "silent": true });
    let ended = wire.call_raw("Runtime.evaluate", params, within).await;
    matches!(ended, Err(Error::Disconnected { .. }))
}
