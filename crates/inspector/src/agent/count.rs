//! Counting the objects of the heap, before the first snapshot: `count.js` says how and why.

use std::time::Duration;

use serde::Deserialize;

use super::{Agent, Answer, milliseconds, read_answer};
use crate::error::Error;
use crate::wire::{Wire, protocol};

const COUNT: &str = include_str!("count.js");

/// How many objects the heap holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Objects alive after a garbage collection: the nodes that a snapshot will have, within a few hundred.
    pub objects: u64,
    /// Bytes of them all.
    pub bytes: u64,
    /// How long the application stood still for it.
    pub pause: Duration,
}

#[derive(Deserialize)]
struct Reading {
    objects: f64,
    bytes: f64,
    pause: f64,
}

pub(crate) async fn count(dead_man: &Agent, wire: &mut Wire, within: Duration) -> Result<Count, Error> {
    const WHAT: &str = "counting objects";
    let raw = dead_man.run(wire, COUNT, true, within).await?;
    match read_answer::<Reading>(WHAT, raw.get())? {
        Answer::Done(reading) if reading.objects > 0.0 => Ok(Count {
            objects: reading.objects as u64,
            bytes: reading.bytes as u64,
            pause: milliseconds(reading.pause),
        }),
        Answer::Done(_) => Err(protocol(WHAT, "no figures came".to_owned())),
        Answer::Failed { error } => Err(Error::Refused { what: WHAT, why: error.message }),
    }
}
