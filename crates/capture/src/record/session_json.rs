//! `session.json`: what the folder is about, for people, scripts and the analysis.

use leakhunt_inspector::ProcessFacts;
use serde::Serialize;

use crate::data::{AppTime, Plan, Profiled, Reading, Receipt, Resident, Snapshot};

/// Raised when a reader of the old form would misread the new one.
const SCHEMA_VERSION: u32 = 1;

/// The process under study.
#[derive(Serialize)]
pub(crate) struct Process<'a> {
    pid: u32,
    /// Clock ticks since boot: with the pid, the process's identity.
    start_time: Option<u64>,
    node_version: &'a str,
    v8_version: &'a str,
    arch: &'a str,
    platform: &'a str,
    /// The command line, unless the program has set another; without secrets.
    title: String,
    cwd: Option<&'a str>,
    main_script: Option<&'a str>,
    dyno: Option<&'a str>,
    uptime_seconds: u64,
}

impl<'a> From<&'a ProcessFacts> for Process<'a> {
    fn from(facts: &'a ProcessFacts) -> Self {
        Self {
            pid: facts.pid,
            start_time: facts.start_ticks,
            node_version: &facts.node_version,
            v8_version: &facts.v8_version,
            arch: &facts.arch,
            platform: &facts.platform,
            title: leakhunt_text::cut(&facts.title),
            cwd: facts.cwd.as_deref(),
            main_script: facts.main_script.as_deref(),
            dyno: facts.dyno.as_deref(),
            uptime_seconds: facts.uptime.as_secs(),
        }
    }
}

/// The document.
#[derive(Serialize)]
pub(crate) struct SessionJson<'a> {
    pub(crate) schema_version: u32,
    pub(crate) tool_version: &'a str,
    pub(crate) target: &'a str,
    pub(crate) process: Option<Process<'a>>,
    pub(crate) options: &'a Plan,
    pub(crate) snapshots: &'a [Snapshot],
    pub(crate) profiles: &'a [Profiled],
    pub(crate) readings: &'a [Reading],
    pub(crate) warnings: &'a [String],
    /// What the hunt took of the app's time.
    pub(crate) app_time: AppTime,
    /// What the snapshots took of the app's memory, and what it keeps of that.
    pub(crate) resident: Option<Resident>,
    /// Empty while the hunt is under way.
    pub(crate) outcome: Option<&'a str>,
    pub(crate) teardown: Option<&'a Receipt>,
}

impl<'a> SessionJson<'a> {
    pub(crate) fn new(plan: &'a Plan, target: &'a str) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tool_version: plan.tool_version,
            target,
            process: None,
            options: plan,
            snapshots: &[],
            profiles: &[],
            app_time: AppTime::default(),
            resident: None,
            readings: &[],
            warnings: &[],
            outcome: None,
            teardown: None,
        }
    }

    pub(crate) fn ended(mut self, outcome: &'a str, receipt: &'a Receipt) -> Self {
        (self.outcome, self.teardown) = (Some(outcome), Some(receipt));
        self
    }
}
