//! What evidence is expected to cost the app, and why it may be refused.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::{Plan, Risk};

/// The kinds of evidence that are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// A heap snapshot that the app writes to its own disk.
    SnapshotByFile,
    /// A heap snapshot, streamed.
    SnapshotByStream,
    /// A sampling heap profile.
    Sampling,
    /// A CPU profile.
    Cpu,
    /// An allocation timeline.
    Timeline,
}

/// What sets the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The container's memory limit.
    Container,
    /// What the dyno's type may use.
    DynoType,
    /// What the dyno's runtime metrics call its quota; its type is not known here.
    RuntimeMetrics,
    /// The dyno's type is not known here: what the smallest may use.
    UnknownDynoType,
    /// A limit of the process's own, on its address space or its data.
    Process,
    /// The machine's memory.
    Machine,
}

/// What a piece of evidence is expected to cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Prediction {
    /// Memory charged against the limit at the peak, bytes.
    pub peak: u64,
    /// The limit, where one is known, bytes.
    pub limit: Option<u64>,
    /// What sets it.
    pub limit_of: Option<Bound>,
    /// What it takes above the app's own memory, bytes.
    #[serde(skip)]
    pub(crate) memory: u64,
    /// By how much the resident set will have grown afterwards, bytes: V8 and malloc keep it and use it again.
    pub left: u64,
    /// How long the app will stand still.
    #[serde(rename = "pause_ms", serialize_with = "super::millis::serialize")]
    #[schemars(with = "u64")]
    pub pause: Duration,
}

/// Why evidence is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The peak would pass the memory limit.
    Memory,
    /// The pause would be longer than allowed.
    Pause,
}

impl Refusal {
    /// What would be risked.
    pub fn risk(self) -> Risk {
        match self {
            Self::Memory => Risk::Memory,
            Self::Pause => Risk::Pause,
        }
    }
}

/// At least so long, for a machine that is busy with something else, ...
const PATIENCE: Duration = Duration::from_secs(60);
/// ... and so many times what was predicted, whose margin is some tens of percent.
const PATIENCE_PER_PAUSE: u32 = 10;

impl Prediction {
    /// After this long without a word the connection is taken for dead, not the app for busy.
    pub(crate) fn patience(&self) -> Duration {
        PATIENCE.max(self.pause * PATIENCE_PER_PAUSE)
    }

    /// Is it too much?
    pub(crate) fn refused(&self, max_pause: Duration) -> Option<Refusal> {
        self.refusals(max_pause).next()
    }

    /// Is it too much in a way that was not consented to? Consent to one is not consent to the other.
    pub(crate) fn refused_by(&self, plan: &Plan) -> Option<Refusal> {
        self.refusals(plan.max_pause).find(|refusal| !plan.accepts(refusal.risk()))
    }

    fn refusals(&self, max_pause: Duration) -> impl Iterator<Item = Refusal> + use<> {
        let memory = self.limit.is_some_and(|limit| self.peak > limit).then_some(Refusal::Memory);
        let pause = (self.pause > max_pause).then_some(Refusal::Pause);
        memory.into_iter().chain(pause)
    }
}

impl std::fmt::Display for Prediction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "peak {:.0} MB", self.peak as f64 / 1e6)?;
        if let Some(limit) = self.limit {
            write!(f, " of {:.0} MB", limit as f64 / 1e6)?;
        }
        if let Some(bound) = self.limit_of.filter(|bound| *bound != Bound::Container) {
            write!(f, " ({})", bound.words())?;
        }
        write!(f, ", pause {:.1} s", self.pause.as_secs_f64())
    }
}

impl Bound {
    /// In words that go behind the number.
    pub fn words(self) -> &'static str {
        match self {
            Self::Container => "the container's limit",
            Self::DynoType => "the dyno type's quota",
            Self::RuntimeMetrics => "the quota in the dyno's runtime metrics",
            Self::UnknownDynoType => "the smallest dyno's quota, since its type is not known here",
            Self::Process => "the process's own limit (ulimit)",
            Self::Machine => "the machine's memory",
        }
    }
}
