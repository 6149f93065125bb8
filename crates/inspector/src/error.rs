//! What can go wrong, by what the operator would do about it.

use std::io;
use std::time::Duration;

/// Why a session could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Whoever answers at the port is not Node's inspector.
    #[error("no Node inspector answers there: {why}")]
    NotInspector {
        /// What was received instead.
        why: String,
    },
    /// The connection ended: the process died or restarted, or the tunnel was cut.
    #[error("the connection was cut while {doing}: {why}")]
    Disconnected {
        /// What was under way.
        doing: &'static str,
        /// What the connection's end looked like.
        why: String,
    },
    /// The connection is there and nothing comes: a stalled tunnel, or an application that does not return to its event loop.
    #[error("nothing was heard for {}s while {doing}", after.as_secs_f32())]
    Stalled {
        /// What was under way.
        doing: &'static str,
        /// The limit that was reached.
        after: Duration,
    },
    /// The work went on past its total limit.
    #[error("{doing} took longer than {}s", after.as_secs_f32())]
    Overdue {
        /// What was under way.
        doing: &'static str,
        /// The limit that was reached.
        after: Duration,
    },
    /// The answer is not what the protocol says. The session is not to be trusted any more.
    #[error("an unexpected answer while {doing}: {why}")]
    Protocol {
        /// What was under way.
        doing: &'static str,
        /// What was wrong with it.
        why: String,
    },
    /// The process understood, and cannot or will not.
    #[error("the process refused {what}: {why}")]
    Refused {
        /// The CDP method, or the step of the agent.
        what: &'static str,
        /// V8's or Node's own words.
        why: String,
    },
    /// The agent cannot be planted: the application has changed JavaScript's own objects so far that Node's modules fail.
    #[error("the process refused planting the agent: {why}")]
    NoAgent {
        /// V8's or Node's own words.
        why: String,
    },
    /// The inspector is another process's than the one that is meant. Nothing was done to it.
    #[error("it is the inspector of process {pid}, not of the one that is meant")]
    OtherProcess {
        /// Its process id.
        pid: u32,
    },
    /// The agent is not in the process: [`Session::plant`](crate::Session::plant) comes first.
    #[error("the agent was not planted, which {what} needs")]
    NotPlanted {
        /// What was asked for.
        what: &'static str,
    },
    /// The worker thread that was entered has ended, and its heap with it. The session goes on.
    #[error("worker thread {thread} ended while {doing}")]
    ThreadEnded {
        /// Its `threadId`.
        thread: u64,
        /// What was under way.
        doing: &'static str,
    },
    /// Nothing comes of the worker thread that was entered: it does not return to its event loop, unless nothing of the process does.
    #[error("nothing was heard of worker thread {thread} for {}s while {doing}", after.as_secs_f32())]
    ThreadSilent {
        /// Its `threadId`.
        thread: u64,
        /// What was under way.
        doing: &'static str,
        /// The limit that was reached.
        after: Duration,
    },
    /// The disk of the process cannot take the snapshot; the stream route needs none.
    #[error("the process cannot write a snapshot into {directory}: {why}")]
    RemoteDisk {
        /// The directory there.
        directory: String,
        /// The system's words.
        why: String,
    },
    /// One block of the snapshot file arrived damaged twice.
    #[error("block {index} of the snapshot arrived damaged twice: {why}")]
    Damaged {
        /// Its number, from 0.
        index: u64,
        /// What was wrong with it.
        why: String,
    },
    /// The other side announces more than its heap could ever make. Nothing of it was fetched.
    #[error("a snapshot of {} MB is announced, where {} MB are the most that could be expected", bytes / 1_000_000, most / 1_000_000)]
    TooMuch {
        /// So many bytes.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// The evidence could not be written here.
    #[error("the evidence could not be written: {0}")]
    Sink(#[source] io::Error),
}

impl Error {
    /// Is the session over, so that only a new connection could help?
    pub fn ends_session(&self) -> bool {
        matches!(
            self,
            Self::NotInspector { .. }
                | Self::Disconnected { .. }
                | Self::Protocol { .. }
                | Self::Stalled { .. }
        )
    }
}
