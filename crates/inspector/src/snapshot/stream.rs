//! The stream route: `HeapProfiler.takeHeapSnapshot`, its chunks unescaped into the sink one frame at a time. The end of an
//! allocation timeline is a snapshot as well, by the same messages.
//!
//! Order on the wire: progress, chunks, the answer. V8 builds and serialises the snapshot without returning to the event
//! loop, so a clock reading that is asked for at the first progress report is answered when the pause is over, long
//! before a slow link has carried the chunks.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Progress, Route, Taken, discard_console};
use crate::agent::{self, Agent, Answer, Clock, read_answer};
use crate::error::Error;
use crate::limits::Limits;
use crate::message::Incoming;
use crate::unescape::unescape;
use crate::wire::{CallId, Verdict, Waiting, Wire, protocol};

const DOING: &str = "taking a snapshot";

/// Which call V8 answers with a snapshot.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    /// The heap as it is.
    Now,
    /// What was noted of each allocation, which ends with it.
    Timeline,
}

impl Of {
    fn method(self) -> &'static str {
        match self {
            Self::Now => "HeapProfiler.takeHeapSnapshot",
            Self::Timeline => "HeapProfiler.stopTrackingHeapObjects",
        }
    }
}

/// What a frame means to the caller of [`Wire::read`].
enum Step {
    Progress { done: u64, total: u64 },
    Chunk,
    Taken,
    Clock(f64),
}

pub(crate) async fn stream(
    wire: &mut Wire,
    of: Of,
    agent: Option<&Agent>,
    limits: &Limits,
    sink: &mut (impl Write + Send + ?Sized),
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Taken, Error> {
    let limit = Waiting::new(DOING, limits.idle, limits.snapshot);
    wire.finish_snapshot(&limit).await?;
    discard_console(wire, limits.reply).await?;
    let (began, before) = (Instant::now(), wire.received());
    let start = match agent {
        Some(agent) => Some(agent.ask::<Clock>(wire, "clock", &[], limits.reply).await?.now),
        None => None,
    };
    let call = wire.send_snapshot(of.method(), json!({ "reportProgress": true }), &limit).await?;

    let mut clock: Option<CallId> = None;
    let mut end = None;
    let mut taken = false;
    let mut paused_at_most = Duration::ZERO;
    let (mut bytes, mut chunk) = (0, Vec::new());
    while !taken || (clock.is_some() && end.is_none()) {
        let step =
            wire.read(&limit, |id, incoming| step(id, incoming, (of, call), clock, &mut chunk)).await?;
        match step {
            Step::Progress { done, total } => {
                progress(Progress::Taking { done, total });
                if let (Some(agent), None) = (agent, clock) {
                    clock = Some(agent.send(wire, "clock", &[], &limit).await?);
                }
            }
            Step::Chunk => {
                sink.write_all(&chunk).map_err(Error::Sink)?;
                bytes += chunk.len() as u64;
                progress(Progress::Receiving { bytes, total: None });
            }
            Step::Taken => {
                taken = true;
                paused_at_most = began.elapsed();
            }
            Step::Clock(now) => end = Some(now),
        }
    }
    let measured = start.zip(end).map(|(start, end)| agent::milliseconds(end - start));
    Ok(Taken {
        bytes,
        wire_bytes: wire.received() - before,
        pause: measured.unwrap_or(paused_at_most),
        pause_measured: measured.is_some(),
        wall: began.elapsed(),
        route: Route::Stream,
    })
}

fn step(
    id: Option<CallId>,
    incoming: Incoming<'_>,
    (of, call): (Of, CallId),
    clock: Option<CallId>,
    chunk: &mut Vec<u8>,
) -> Result<Verdict<Step>, Error> {
    let step = match incoming {
        Incoming::Progress { done, total } => Step::Progress { done, total },
        Incoming::Chunk { escaped } => {
            chunk.clear();
            unescape(escaped, chunk).map_err(|error| protocol(DOING, error.to_string()))?;
            Step::Chunk
        }
        Incoming::Reply { outcome, .. } if id == Some(call) => match outcome {
            Ok(_) => Step::Taken,
            Err(why) => {
                return Err(Error::Refused { what: of.method(), why });
            }
        },
        Incoming::Reply { outcome: Ok(result), .. } if id.is_some() && id == clock => {
            match read_answer::<Clock>("clock", result.get())? {
                Answer::Done(clock) => Step::Clock(clock.now),
                Answer::Failed { error } => return Err(protocol(DOING, error.message)),
            }
        }
        Incoming::Reply { .. } | Incoming::Worker(_) | Incoming::Event => return Ok(Verdict::Continue),
    };
    Ok(Verdict::Done(step))
}
