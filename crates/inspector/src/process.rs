//! Who the process is, before anything is done to it.

use std::time::Duration;

use serde::Deserialize;

use crate::agent::{evaluate, seconds};
use crate::error::Error;
use crate::wire::Wire;

const FACTS: &str = include_str!("agent/facts.js");

/// What the process says of itself. Texts are cut at 1,024 characters there; escape them before they are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessFacts {
    /// Its process id, in its own namespace.
    pub pid: u32,
    /// When it started, in clock ticks since boot (field 22 of `/proc/self/stat`); `None` where there is no /proc.
    pub start_ticks: Option<u64>,
    /// `process.versions.node`, without a "v".
    pub node_version: String,
    /// `process.versions.v8`.
    pub v8_version: String,
    /// `process.arch`, such as `x64`.
    pub arch: String,
    /// `process.platform`, such as `linux`.
    pub platform: String,
    /// `process.title`.
    pub title: String,
    /// Its working directory, if that still exists.
    pub cwd: Option<String>,
    /// `process.argv[1]`: the script that it runs.
    pub main_script: Option<String>,
    /// For how long it has been running.
    pub uptime: Duration,
    /// Heroku's `$DYNO`, such as `web.1`.
    pub dyno: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    pid: u32,
    start_ticks: Option<f64>,
    node: String,
    v8: String,
    arch: String,
    platform: String,
    title: String,
    cwd: Option<String>,
    script: Option<String>,
    uptime: f64,
    dyno: Option<String>,
}

pub(crate) async fn process(wire: &mut Wire, within: Duration) -> Result<ProcessFacts, Error> {
    let facts: Facts = evaluate(wire, FACTS, within).await?;
    Ok(ProcessFacts {
        pid: facts.pid,
        start_ticks: facts.start_ticks.map(|ticks| ticks as u64),
        node_version: facts.node,
        v8_version: facts.v8,
        arch: facts.arch,
        platform: facts.platform,
        title: facts.title,
        cwd: facts.cwd,
        main_script: facts.script,
        uptime: seconds(facts.uptime),
        dyno: facts.dyno,
    })
}
