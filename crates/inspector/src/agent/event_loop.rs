//! How late the application's event loop was while a profile was taken.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Agent, milliseconds};
use crate::error::Error;
use crate::wire::Wire;

/// What the event loop did for some time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventLoop {
    /// How late its timers were on average, ...
    pub mean_delay: Duration,
    /// ... of the latest hundredth the least late, ...
    pub p99_delay: Duration,
    /// ... and the latest one.
    pub max_delay: Duration,
    /// The share of the time in which it was not waiting for something to do, from 0 to 1.
    pub utilization: f64,
}

#[derive(Deserialize)]
struct Reading {
    mean: f64,
    p99: f64,
    max: f64,
    utilization: f64,
}

/// From now on.
pub(crate) async fn watch_event_loop(agent: &Agent, wire: &mut Wire, within: Duration) -> Result<(), Error> {
    agent.ask::<IgnoredAny>(wire, "watchLoop", &[], within).await.map(drop)
}

/// Until now.
pub(crate) async fn event_loop(agent: &Agent, wire: &mut Wire, within: Duration) -> Result<EventLoop, Error> {
    let reading: Reading = agent.ask(wire, "loop", &[], within).await?;
    Ok(EventLoop {
        mean_delay: milliseconds(reading.mean),
        p99_delay: milliseconds(reading.p99),
        max_delay: milliseconds(reading.max),
        utilization: reading.utilization.clamp(0.0, 1.0),
    })
}
