//! What keeps the event loop alive.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::{Agent, Answer};
use crate::cut;
use crate::error::Error;
use crate::wire::Wire;

/// Node has some sixty kinds; a program can add its own (`AsyncResource`).
const MOST_KINDS: usize = 200;

#[derive(Deserialize)]
struct Reading {
    counts: BTreeMap<Kind, f64>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Kind(#[serde(deserialize_with = "cut::a_name")] String);

/// None where Node does not tell.
pub(crate) async fn resources(
    agent: &Agent,
    wire: &mut Wire,
    within: Duration,
) -> Result<Option<BTreeMap<String, u64>>, Error> {
    let told = agent.try_ask::<Reading>(wire, "resources", &[], within).await?;
    let Answer::Done(Reading { counts }) = told else { return Ok(None) };
    let counts = counts.into_iter().take(MOST_KINDS);
    Ok(Some(counts.map(|(Kind(kind), count)| (kind, count as u64)).collect()))
}
