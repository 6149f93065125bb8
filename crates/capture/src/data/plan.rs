//! What a hunt was asked to do.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::destination::Destination;
use super::hold::{Hold, HoldWhen};
use super::thread::WhichThread;

/// The options of one hunt. The defaults are those of the command line.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The kinds of evidence. In which order they were named does not matter: the lighter ones are taken first.
    pub profile: Vec<Profile>,
    /// What is taken instead of a snapshot that is refused.
    pub fallback: Option<Fallback>,
    /// How long each profile takes.
    #[serde(rename = "duration_ms", serialize_with = "super::millis::serialize")]
    pub duration: Duration,
    /// How many snapshots, at the most.
    pub samples: u32,
    /// Take as many, even if the answer is certain with fewer.
    pub all_samples: bool,
    /// Post-GC growth of used heap plus external memory that makes the next snapshot due, bytes.
    pub growth: u64,
    /// The next snapshot is due after this time, grown or not.
    pub max_wait: Duration,
    /// The route of a snapshot.
    pub route: Route,
    /// A snapshot that is predicted to stop the app for longer is refused.
    pub max_pause: Duration,
    /// Take an allocation profile between the snapshots.
    pub allocations: bool,
    /// Fetch the program's source maps, and the scripts that they are of, from the disk of the process.
    pub fetch_source_maps: bool,
    /// The risks that a person has consented to, each by itself.
    pub accept: Vec<Risk>,
    /// The process to take, instead of choosing one.
    pub pid: Option<u32>,
    /// The thread to take, instead of the one that grows.
    pub worker: Option<WhichThread>,
    /// Where several may be the one, processes or threads of it, for how long they are looked at, to see whose memory grows; zero does without.
    #[serde(rename = "look_for_ms", serialize_with = "super::millis::serialize")]
    pub look_for: Duration,
    /// Signal the process that was asked for, even if nothing proves that it runs Node.js.
    pub unproven_too: bool,
    /// Choose only among the processes whose command line has this in it.
    pub named: Option<String>,
    /// Choose only among the processes of the user who hunts.
    pub own_only: bool,
    /// The folder in which the hunt's own folder is made.
    pub out: PathBuf,
    /// The target's part of that folder's name, such as `myapp-web.1`.
    pub name: String,
    /// Version of the tool, for `session.json`.
    pub tool_version: &'static str,
    /// Offer the inspector to DevTools.
    pub hold: Option<Hold>,
    /// Where journals are kept, for `leakhunt cleanup`; `None` keeps none.
    #[serde(skip)]
    pub journals: Option<PathBuf>,
    /// Where the hunt goes, for its journal, by which a later run finds the place again.
    #[serde(skip)]
    pub destination: Option<Destination>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            profile: vec![Profile::Heap],
            fallback: None,
            duration: Duration::from_secs(60),
            samples: 6,
            all_samples: false,
            growth: 2_500_000,
            max_wait: Duration::from_secs(600),
            route: Route::Auto,
            max_pause: Duration::from_secs(20),
            allocations: true,
            fetch_source_maps: false,
            accept: Vec::new(),
            pid: None,
            worker: None,
            look_for: Duration::from_secs(8),
            unproven_too: false,
            named: None,
            own_only: false,
            out: PathBuf::from("."),
            name: "local".to_owned(),
            tool_version: env!("CARGO_PKG_VERSION"),
            hold: None,
            journals: None,
            destination: None,
        }
    }
}

impl Plan {
    /// Was this kind of evidence asked for?
    pub fn takes(&self, profile: Profile) -> bool {
        self.profile.contains(&profile)
    }

    /// Is evidence taken, or is the inspector only offered to DevTools?
    pub fn takes_evidence(&self) -> bool {
        self.hold.as_ref().is_none_or(|hold| hold.when == HoldWhen::After)
    }

    /// Was this risk consented to?
    pub fn accepts(&self, risk: Risk) -> bool {
        self.accept.contains(&risk)
    }
}

/// What a hunt does to no app, and to no machine, without a person's consent to this very thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Evidence that may take the app over its memory limit, whose kernel kills it then.
    Memory,
    /// Evidence that stops the app for longer than allowed.
    Pause,
    /// A forwarded inspector that others than this user can reach.
    Exposure,
    /// An allocation timeline, which slows the app down to a tenth.
    Timeline,
    /// A link to the host of which nobody checks who is at its other end.
    #[serde(rename = "unverified-link")]
    UnverifiedLink,
}

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The lightest evidence that answers: observations and a sampling profile, and snapshots where these leave a doubt.
    Auto,
    /// Heap snapshots.
    Heap,
    /// A sampling heap profile: what is allocated while it lasts and lives on, by the place that allocated it.
    Sampling,
    /// A CPU profile: where the time goes, and how late the event loop is.
    Cpu,
    /// An allocation timeline: by which stack each object was allocated that lives on.
    Timeline,
}

/// Lighter evidence, agreed to beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fallback {
    /// A sampling heap profile.
    Sampling,
}

/// The route of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// `File` where the app has a real disk with room enough, or, on Node before 24.19, memory; else `Stream`.
    Auto,
    /// The app writes it to an unlinked file, which is then pulled, compressed.
    File,
    /// `HeapProfiler.takeHeapSnapshot`'s chunks.
    Stream,
}

/// Numbers that snapshots leave out and the analysis asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The object, by its number in the snapshots.
    pub object: u32,
    /// Its fields.
    pub fields: Vec<String>,
}

/// How far somebody has come who analyses the evidence as it is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// The observations are analysed, and the sampling profile that was taken with them.
    pub observations: bool,
    /// So many snapshots are analysed.
    pub snapshots: usize,
    /// The answer is certain, and the hunt may end with what it has.
    pub enough: bool,
    /// It may be another one by these.
    pub unread: Vec<Unread>,
}

/// A person's wish to stop: the first time everything is torn down in order, the second time every wait is cut short.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    /// Stop and tear down.
    pub stop: tokio_util::sync::CancellationToken,
    /// Stop waiting for what does not answer.
    pub hurry: tokio_util::sync::CancellationToken,
}
