//! What the process has open.

use std::time::Duration;

use serde::Deserialize;

use super::{Agent, Answer};
use crate::error::Error;
use crate::wire::Wire;

/// Open file descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptors {
    /// How many there are. Of the first ten thousand it is known what they are:
    pub all: u64,
    /// connections and listeners,
    pub sockets: u64,
    /// pipes,
    pub pipes: u64,
    /// files and folders,
    pub files: u64,
    /// devices, timers, event queues.
    pub others: u64,
}

#[derive(Deserialize)]
struct Reading {
    all: f64,
    sockets: f64,
    pipes: f64,
    files: f64,
    others: f64,
}

/// None where the system does not tell.
pub(crate) async fn descriptors(
    agent: &Agent,
    wire: &mut Wire,
    within: Duration,
) -> Result<Option<Descriptors>, Error> {
    let told = agent.try_ask::<Reading>(wire, "descriptors", &[], within).await?;
    let Answer::Done(reading) = told else { return Ok(None) };
    Ok(Some(Descriptors {
        all: reading.all as u64,
        sockets: reading.sockets as u64,
        pipes: reading.pipes as u64,
        files: reading.files as u64,
        others: reading.others as u64,
    }))
}
