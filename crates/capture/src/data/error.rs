//! Why a hunt ended early: one variant for each thing the operator would do differently.

use std::path::PathBuf;

use super::cost::{EvidenceKind, Prediction, Refusal};
use super::death::Death;
use super::plan::Risk;
use super::process::NodeProcess;
use super::shortage::{Shortage, listed};
use super::thread::WorkerThread;

/// A program may have hundreds of worker threads.
const MOST_LISTED: usize = 20;

/// Why a hunt ended before its last snapshot.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The way to the process: a tool is missing, no login, no such app, a tunnel that was refused.
    #[error(transparent)]
    Host(#[from] leakhunt_host::Error),
    /// Something that must be agreed to was not.
    #[error("{what}")]
    Consent {
        /// Which risk it is.
        risk: Risk,
        /// What would happen.
        what: String,
    },
    /// The evidence would cost the app too much.
    #[error("{} refused: {prediction} predicted, which is over {}{}", name(.evidence), over(.refusal), kept_before(.kept))]
    Refused {
        /// What was to be taken.
        evidence: EvidenceKind,
        /// What it would cost.
        prediction: Prediction,
        /// Which limit it would pass.
        refusal: Refusal,
        /// How many snapshots are whole, once that is known.
        kept: Option<usize>,
    },
    /// Nothing there runs Node.js.
    #[error("no Node process on {target}: {why}")]
    NoProcess {
        /// The target in words.
        target: String,
        /// Why none counts.
        why: String,
    },
    /// Several processes are equally likely the app.
    #[error("{} Node processes on {target} are equally likely to be the app:{}", .candidates.len(), list(.candidates))]
    Tie {
        /// The target in words.
        target: String,
        /// All of them.
        candidates: Vec<NodeProcess>,
    },
    /// No worker thread has that id or name.
    #[error("process {pid} of {target} has no worker thread {asked:?}{}", those(.threads))]
    NoThread {
        /// The target in words.
        target: String,
        /// The process.
        pid: u32,
        /// What was asked for.
        asked: String,
        /// Those that answer.
        threads: Vec<WorkerThread>,
    },
    /// The worker thread whose heap was hunted has ended. The process lives.
    #[error("worker thread {thread} ended while it was hunted ({doing}), and its heap with it{}", kept_before(.kept))]
    ThreadEnded {
        /// Its id.
        thread: u64,
        /// What was under way.
        doing: String,
        /// How many snapshots are whole, once that is known.
        kept: Option<usize>,
    },
    /// The worker thread whose heap is hunted does not answer. The process does, as far as was seen.
    #[error("worker thread {thread} does not come back to its event loop ({doing}: {why}){}", kept_before(.kept))]
    ThreadSilent {
        /// Its id.
        thread: u64,
        /// What was under way.
        doing: String,
        /// For how long it was waited for.
        why: String,
        /// How many snapshots are whole, once that is known.
        kept: Option<usize>,
    },
    /// The process does not catch SIGUSR1, which would therefore kill it. It was not sent.
    #[error("process {pid} ({command}) {}", not_caught(.locked_by.as_deref()))]
    NotCaught {
        /// Its pid.
        pid: u32,
        /// Its command line.
        command: String,
        /// The option by which it never will.
        locked_by: Option<String>,
    },
    /// Nothing proves that the process runs Node.js, and what does not may end at SIGUSR1. It was not sent.
    #[error(
        "nothing proves that process {pid} ({command}) runs Node.js, and what does not may end at SIGUSR1; it was not sent"
    )]
    Unproven {
        /// Its pid.
        pid: u32,
        /// Its command line.
        command: String,
    },
    /// The process is a cluster's primary, which passes SIGUSR1 on to its workers, whose inspectors would stay open. It was not
    /// sent.
    #[error(
        "process {pid} ({command}) is the primary of a cluster and passes SIGUSR1 on to its workers, whose inspectors would stay \
         open; it was not sent"
    )]
    Primary {
        /// Its pid.
        pid: u32,
        /// Its command line.
        command: String,
        /// Some of its workers, or all.
        workers: Vec<u32>,
    },
    /// The process is near a limit, where SIGUSR1 ends it. It was not sent.
    #[error(
        "SIGUSR1 refused: it could end process {pid} ({command}), which has too little left for an inspector: {}; it was not sent",
        listed(.short)
    )]
    Short {
        /// Its pid.
        pid: u32,
        /// Its command line.
        command: String,
        /// What it has too little left of.
        short: Vec<Shortage>,
    },
    /// The signal was sent, once, and no inspector opened.
    #[error("the inspector of process {pid} did not open: {why}")]
    NotOpened {
        /// Its pid.
        pid: u32,
        /// The likeliest reason.
        why: String,
    },
    /// Another hunt is under way in the same process. Nothing was done there.
    #[error("another hunt is under way in process {pid} of {target}; nothing was done to it")]
    OtherHunt {
        /// The target in words.
        target: String,
        /// The process.
        pid: u32,
    },
    /// Somebody is attached already: a debugger, or a hunt from another machine. Nothing was done there.
    #[error(
        "somebody is attached to the inspector of process {pid} of {target} (port {port}: {clients}), a debugger or another hunt; \
         coming and going would reset the object ids it works with, so nothing was done"
    )]
    Attached {
        /// The target in words.
        target: String,
        /// The process.
        pid: u32,
        /// Its inspector's port.
        port: u16,
        /// How many connections it has.
        clients: u32,
    },
    /// The process is gone, or another one has its pid.
    #[error("{}{}", .death.told(.when), kept_before(.kept))]
    Ended {
        /// How, as far as that was seen.
        death: Death,
        /// At which step.
        when: String,
        /// How many snapshots are whole, once that is known.
        kept: Option<usize>,
    },
    /// The link or the evidence failed and could not be had again.
    #[error("the capture is incomplete: {why}{}", kept_now(.kept))]
    Incomplete {
        /// What failed.
        why: String,
        /// How many snapshots are whole, once that is known.
        kept: Option<usize>,
    },
    /// The connection was lost while the inspector was held for DevTools.
    #[error("the connection to the process was lost while its inspector was held: {why}{}", kept_before(.kept))]
    HoldLost {
        /// What failed.
        why: String,
        /// How many snapshots are whole, once that is known.
        kept: Option<usize>,
    },
    /// The agent cannot be planted, so there is no evidence to be had: to ask again would probably be of no use.
    #[error("the process gives no evidence: {why}{}", kept_now(.kept))]
    Declined {
        /// What it was asked for, and its own words.
        why: String,
        /// How many snapshots are whole, once that is known.
        kept: Option<usize>,
    },
    /// The folder cannot be written.
    #[error("{} cannot be written: {source}", .path.display())]
    Store {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A person or a supervisor stopped the hunt.
    #[error("interrupted {when}{}", kept_before(.kept))]
    Interrupted {
        /// At which step.
        when: String,
        /// How many snapshots are whole, once that is known.
        kept: Option<usize>,
    },
    /// A defect of leakhunt.
    #[error("leakhunt itself failed: {0}")]
    Internal(String),
}

impl Error {
    pub(crate) fn refused(evidence: EvidenceKind, prediction: Prediction, refusal: Refusal) -> Self {
        Self::Refused { evidence, prediction, refusal, kept: None }
    }

    pub(crate) fn ended(death: Death, when: impl Into<String>) -> Self {
        Self::Ended { death, when: when.into(), kept: None }
    }

    /// It was gone before anything was sent.
    pub(crate) fn gone_before() -> Self {
        Self::ended(Death::Unknown, "before it was signalled")
    }

    pub(crate) fn incomplete(why: impl Into<String>) -> Self {
        Self::Incomplete { why: why.into(), kept: None }
    }

    /// The session failed while something was `doing`.
    pub(crate) fn lost(doing: &str, error: &leakhunt_inspector::Error) -> Self {
        let why = format!("{doing}: {error}");
        match error {
            leakhunt_inspector::Error::NoAgent { .. } => Self::Declined { why, kept: None },
            leakhunt_inspector::Error::ThreadEnded { thread, .. } => {
                Self::ThreadEnded { thread: *thread, doing: doing.to_owned(), kept: None }
            }
            leakhunt_inspector::Error::ThreadSilent { thread, after, .. } => Self::ThreadSilent {
                thread: *thread,
                doing: doing.to_owned(),
                why: format!("nothing was heard for {} s", after.as_secs()),
                kept: None,
            },
            _ => Self::incomplete(why),
        }
    }

    pub(crate) fn hold_lost(why: impl Into<String>) -> Self {
        Self::HoldLost { why: why.into(), kept: None }
    }

    pub(crate) fn interrupted(when: impl Into<String>) -> Self {
        Self::Interrupted { when: when.into(), kept: None }
    }

    /// Says how many snapshots are whole, which is known where the hunt ends.
    pub(crate) fn with_kept(mut self, whole: usize) -> Self {
        match &mut self {
            Self::Refused { kept, .. }
            | Self::Ended { kept, .. }
            | Self::Incomplete { kept, .. }
            | Self::HoldLost { kept, .. }
            | Self::ThreadEnded { kept, .. }
            | Self::ThreadSilent { kept, .. }
            | Self::Declined { kept, .. }
            | Self::Interrupted { kept, .. } => {
                *kept = Some(whole);
            }
            _ => {}
        }
        self
    }
}

fn name(evidence: &EvidenceKind) -> &'static str {
    match evidence {
        EvidenceKind::SnapshotByFile | EvidenceKind::SnapshotByStream => "snapshot",
        EvidenceKind::Sampling => "sampling profile",
        EvidenceKind::Cpu => "CPU profile",
        EvidenceKind::Timeline => "allocation timeline",
    }
}

fn kept_before(kept: &Option<usize>) -> String {
    if kept.is_some_and(|kept| kept > 0) { kept_now(kept) } else { String::new() }
}

fn kept_now(kept: &Option<usize>) -> String {
    match kept {
        None => String::new(),
        Some(0) => "; no snapshot was complete yet".to_owned(),
        Some(1) => "; kept 1 complete snapshot".to_owned(),
        Some(kept) => format!("; kept {kept} complete snapshots"),
    }
}

fn over(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Memory => "the memory limit",
        Refusal::Pause => "the longest pause allowed (--max-pause)",
    }
}

fn not_caught(locked_by: Option<&str>) -> String {
    match locked_by {
        Some(option) => {
            format!(
                "does not catch SIGUSR1, for it was started with {option}: no signal opens its inspector, and none was sent"
            )
        }
        None => "does not catch SIGUSR1 yet, so the signal would kill it; it was not sent".to_owned(),
    }
}

fn those(threads: &[WorkerThread]) -> String {
    if threads.is_empty() {
        return ": none answers".to_owned();
    }
    let each = |thread: &WorkerThread| match &thread.name {
        Some(name) => format!("\n  --worker {:<4} {name}", thread.thread),
        None => format!("\n  --worker {}", thread.thread),
    };
    let more = threads.len().saturating_sub(MOST_LISTED);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    format!("; those that answer:{}{more}", threads.iter().take(MOST_LISTED).map(each).collect::<String>())
}

fn list(candidates: &[NodeProcess]) -> String {
    candidates
        .iter()
        .map(|node| {
            let command: String = node.command.chars().take(100).flat_map(char::escape_debug).collect();
            format!("\n  --pid {:<7} {:>6.1} MB  {command}", node.pid, node.rss as f64 / 1e6)
        })
        .collect()
}
