//! How long a call of the protocol keeps the application from its work, by the process's own clock.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::{Agent, Answer, milliseconds, read_answer};
use crate::error::Error;
use crate::wire::{Waiting, Wire};

#[derive(Deserialize)]
pub(crate) struct Clock {
    pub(crate) now: f64,
}

/// A collection, by the process's clock. The three calls go in one piece: V8 does them one after the other.
pub(crate) async fn collect_garbage(
    dead_man: &Agent,
    wire: &mut Wire,
    within: Duration,
) -> Result<Duration, Error> {
    let limit = Waiting::new("collecting garbage", within, within);
    clocked(dead_man, wire, "HeapProfiler.collectGarbage", &limit).await.map(|(_, pause)| pause)
}

/// A call between two looks at the process's clock, with the time between them.
pub(crate) async fn clocked(
    dead_man: &Agent,
    wire: &mut Wire,
    method: &'static str,
    limit: &Waiting,
) -> Result<(Box<RawValue>, Duration), Error> {
    let before = dead_man.queue(wire, "clock", limit).await?;
    let called = wire.queue(method, json!({}), limit).await?;
    let after = dead_man.send(wire, "clock", &[], limit).await?;
    let mut answers = wire.answers::<Box<RawValue>>(&[before, called, after], limit).await?;
    let [Some(before), answer, Some(after)] = answers.as_mut_slice() else {
        return Err(Error::Refused { what: method, why: "the process has no clock".to_owned() });
    };
    let clock = |answer: &RawValue| match read_answer::<Clock>("clock", answer.get())? {
        Answer::Done(clock) => Ok(clock.now),
        Answer::Failed { error } => Err(Error::Refused { what: method, why: error.message }),
    };
    let took = milliseconds(clock(after)? - clock(before)?);
    let answer =
        answer.take().ok_or_else(|| Error::Refused { what: method, why: "V8 does not do it".to_owned() })?;
    Ok((answer, took))
}
