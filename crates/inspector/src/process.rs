//! Who the process is, as far as it says so.

use std::time::Duration;

use serde::Deserialize;

use crate::agent::{Agent, Identity, seconds};
use crate::cut;
use crate::error::Error;
use crate::wire::Wire;

/// What the process says of itself. Texts are cut at 1,024 characters there; escape them before they are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessFacts {
    /// Its process id, in its own namespace.
    pub pid: u32,
    /// When it started, in clock ticks since boot (field 22 of `/proc/self/stat`); `None` where that cannot be read.
    pub start_ticks: Option<u64>,
    /// `process.versions.node`, without a "v". This and the four that follow are "unknown" where the process does not say.
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
    /// What every process has and this one would not tell.
    pub untold: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Facts {
    #[serde(default, deserialize_with = "cut::maybe_a_name")]
    node: Option<String>,
    #[serde(default, deserialize_with = "cut::maybe_a_name")]
    v8: Option<String>,
    #[serde(default, deserialize_with = "cut::maybe_a_name")]
    arch: Option<String>,
    #[serde(default, deserialize_with = "cut::maybe_a_name")]
    platform: Option<String>,
    #[serde(default, deserialize_with = "cut::maybe_a_name")]
    title: Option<String>,
    #[serde(default, deserialize_with = "cut::maybe_a_name")]
    cwd: Option<String>,
    #[serde(default, deserialize_with = "cut::maybe_a_name")]
    script: Option<String>,
    uptime: Option<f64>,
    #[serde(default, deserialize_with = "cut::maybe_a_name")]
    dyno: Option<String>,
}

pub(crate) async fn process(
    wire: &mut Wire,
    dead_man: &Agent,
    identity: Identity,
    within: Duration,
) -> Result<ProcessFacts, Error> {
    let facts: Facts = dead_man.facts(wire, within).await?;
    let mut untold = Vec::new();
    let mut told = |name, fact: Option<String>| {
        fact.unwrap_or_else(|| {
            untold.push(name);
            "unknown".to_owned()
        })
    };
    Ok(ProcessFacts {
        pid: identity.pid,
        start_ticks: identity.start,
        node_version: told("its Node version", facts.node),
        v8_version: told("its V8 version", facts.v8),
        arch: told("its architecture", facts.arch),
        platform: told("its platform", facts.platform),
        title: told("its title", facts.title),
        cwd: facts.cwd,
        main_script: facts.script,
        uptime: seconds(facts.uptime.unwrap_or_default()),
        dyno: facts.dyno,
        untold,
    })
}
