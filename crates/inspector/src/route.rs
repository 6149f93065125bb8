//! To which isolate a call goes: the main thread's, or that of the one worker thread that was entered.
//!
//! `NodeWorker` gives each worker thread a session inside of ours: what is said to one goes as text in
//! `NodeWorker.sendMessageToWorker`, what it says comes as text in `NodeWorker.receivedMessageFromWorker`. [`Wire`] wraps
//! and unwraps that, with one numbering for all calls, so that whatever speaks to a main thread speaks to a worker
//! unchanged. Sessions of other workers are there as well, as long as the domain is enabled, and get no name here: what
//! they say is left to who asked them (`workers.rs`).
//!
//! [`Wire`]: crate::wire::Wire

use std::collections::BTreeMap;

use crate::message::{FromWorker, Incoming, WorkerInfo};

/// Whose isolate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Isolate {
    /// The main thread's, and with it the process.
    #[default]
    Main,
    /// The one of the worker thread that was entered.
    Worker,
}

/// The sessions of worker threads inside of ours.
#[derive(Default)]
pub(crate) struct Route {
    /// Those that there are, by their ids. A program may start thousands of workers; of no more than so many is kept what they are.
    sessions: BTreeMap<String, WorkerInfo>,
    entered: Option<Entered>,
    to: Isolate,
}

/// No program is known to run more worker threads at a time.
const MOST_SESSIONS: usize = 1024;

/// The worker thread that was entered.
struct Entered {
    session: String,
    thread: u64,
    has_ended: bool,
}

impl Route {
    /// Where the calls that follow go.
    pub(crate) fn go(&mut self, to: Isolate) {
        self.to = to;
    }

    /// From now on the worker's isolate is that of this session.
    pub(crate) fn enter(&mut self, session: String, thread: u64) {
        self.entered = Some(Entered { session, thread, has_ended: false });
    }

    /// There is none any more. Gives the sessions that there were.
    pub(crate) fn forget(&mut self) -> Vec<String> {
        std::mem::take(self).sessions.into_keys().collect()
    }

    /// The session that a call is wrapped for, where it goes to the worker's isolate.
    pub(crate) fn session(&self) -> Option<&str> {
        self.worker().map(|entered| entered.session.as_str())
    }

    /// The worker thread to which calls go.
    pub(crate) fn thread(&self) -> Option<u64> {
        self.worker().map(|entered| entered.thread)
    }

    /// The same, if it has ended.
    pub(crate) fn ended(&self) -> Option<u64> {
        self.worker().filter(|entered| entered.has_ended).map(|entered| entered.thread)
    }

    fn worker(&self) -> Option<&Entered> {
        self.entered.as_ref().filter(|_| self.to == Isolate::Worker)
    }

    /// The sessions of worker threads, but for the one that was entered.
    pub(crate) fn others(&self) -> impl Iterator<Item = (&String, &WorkerInfo)> {
        self.sessions.iter().filter(|(session, _)| !self.is_entered(session))
    }

    pub(crate) fn is_entered(&self, session: &str) -> bool {
        self.entered.as_ref().is_some_and(|entered| entered.session == session)
    }

    /// Notes who has come, and who has gone.
    pub(crate) fn note(&mut self, incoming: &Incoming<'_>) {
        match incoming {
            Incoming::Worker(FromWorker::Attached { session_id, worker_info })
                if self.sessions.len() < MOST_SESSIONS =>
            {
                self.sessions.insert(session_id.clone(), worker_info.clone());
            }
            Incoming::Worker(FromWorker::Gone { session_id }) => {
                self.sessions.remove(session_id);
                if let Some(entered) = self.entered.as_mut().filter(|entered| entered.session == *session_id)
                {
                    entered.has_ended = true;
                }
            }
            _ => {}
        }
    }
}
