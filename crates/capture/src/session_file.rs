//! `session.json`: what the folder is about, for people, scripts and the analysis.

use leakhunt_inspector::ProcessFacts;
use serde::Serialize;

use crate::app_time::AppTime;
use crate::plan::{Plan, Route};
use crate::resident::Resident;
use crate::undo::Receipt;
use crate::weigh::Prediction;

/// Raised when a reader of the old form would misread the new one.
const SCHEMA_VERSION: u32 = 1;

/// One whole snapshot.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    /// File name in the folder.
    pub file: String,
    /// Of the file, in hex.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// Number of nodes.
    pub nodes: u64,
    /// Number of edges.
    pub edges: u64,
    /// When it was asked for.
    pub taken_at: jiff::Timestamp,
    /// Used heap plus external memory before it, after GC, bytes.
    pub used_size: u64,
    /// Resident set before it, bytes.
    pub rss: u64,
    /// Resident set after it, bytes; what it left behind is no growth of the app's. Not known where the hunt ended with it.
    pub rss_after: Option<u64>,
    /// What was predicted for it.
    pub predicted: Prediction,
    /// How long the app stood still, milliseconds.
    pub pause_ms: u64,
    /// From the request to the verified file, milliseconds.
    pub wall_ms: u64,
    /// Bytes that crossed the wire.
    pub wire_bytes: u64,
    /// `file` or `stream`.
    pub route: Route,
    /// Snapshots of one number share their object ids; between two numbers a comparison by id is meaningless.
    pub id_space: u32,
}

/// One whole sampling heap profile.
#[derive(Debug, Clone, Serialize)]
pub struct Profiled {
    /// File name in the folder.
    pub file: String,
    /// Of the file, in hex.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// When it began.
    pub taken_at: jiff::Timestamp,
    /// How long it lasted, milliseconds.
    pub duration_ms: u64,
    /// Bytes a sample, on average.
    pub interval: u32,
    /// Used heap plus external memory at its end, after GC, bytes.
    pub used_size: u64,
    /// Resident set at its end, bytes.
    pub rss: u64,
}

/// One reading of memory, for the chart.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// When.
    pub at: jiff::Timestamp,
    /// Used heap, bytes.
    pub used_size: u64,
    /// External memory, bytes.
    pub external: u64,
    /// Array buffers (part of external), bytes.
    pub array_buffers: u64,
    /// Resident set, bytes.
    pub rss: u64,
    /// After a forced GC?
    pub collected: bool,
}

/// The process under study.
#[derive(Serialize)]
struct Process<'a> {
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

impl<'a> Process<'a> {
    fn of(facts: &'a ProcessFacts) -> Self {
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
pub(crate) struct SessionFile<'a> {
    schema_version: u32,
    tool_version: &'a str,
    target: &'a str,
    process: Option<Process<'a>>,
    options: &'a Plan,
    snapshots: &'a [Snapshot],
    profiles: &'a [Profiled],
    readings: &'a [Reading],
    warnings: &'a [String],
    /// What the hunt took of the app's time.
    app_time: AppTime,
    /// What the snapshots took of the app's memory, and what it keeps of that.
    resident: Option<Resident>,
    /// Empty while the hunt is under way.
    outcome: Option<&'a str>,
    teardown: Option<&'a Receipt>,
}

impl<'a> SessionFile<'a> {
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

    pub(crate) fn evidence(
        mut self,
        process: Option<&'a ProcessFacts>,
        snapshots: &'a [Snapshot],
        readings: &'a [Reading],
        warnings: &'a [String],
    ) -> Self {
        self.process = process.map(Process::of);
        (self.snapshots, self.readings, self.warnings) = (snapshots, readings, warnings);
        self
    }

    pub(crate) fn profiles(mut self, profiles: &'a [Profiled]) -> Self {
        self.profiles = profiles;
        self
    }

    pub(crate) fn app_time(mut self, app_time: AppTime) -> Self {
        self.app_time = app_time;
        self
    }

    pub(crate) fn resident(mut self, resident: Option<Resident>) -> Self {
        self.resident = resident;
        self
    }

    pub(crate) fn ended(mut self, outcome: &'a str, receipt: &'a Receipt) -> Self {
        (self.outcome, self.teardown) = (Some(outcome), Some(receipt));
        self
    }
}
