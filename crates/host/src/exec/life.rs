//! The life of a place: what tells one run of it from the next, and how one ended.

use std::fmt;
use std::time::{Duration, Instant};

use crate::Error;

/// One run of a place that is started and ends. Where any of it is another, what ran there is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// What its platform knows it by, for as long as it is there.
    pub place: String,
    /// The run of it.
    pub run: String,
    /// Since when it runs, as its platform writes it.
    pub since: String,
}

/// How a place ended, by the words of what runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceEnd {
    /// What ended.
    pub kind: PlaceKind,
    /// How.
    pub how: How,
}

/// What kind of place it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// A container of an engine's.
    Container,
    /// A container of a pod.
    Pod,
    /// A machine of Fly.io.
    Machine,
}

/// How a place ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The kernel killed it for memory.
    OutOfMemory,
    /// Its first process ended, or was ended by a signal.
    Exited {
        /// Its exit status, 128 and more for a signal.
        code: i64,
    },
    /// It was started again; why, nobody says any more.
    Restarted,
    /// It is not there any more.
    Removed,
    /// It was moved off its node.
    Evicted {
        /// Why, by the words of its platform.
        why: String,
    },
    /// It does not run any more; how that came, nobody says.
    Down {
        /// Its state, by the word of its platform.
        state: String,
    },
}

impl PlaceKind {
    /// How a place of this kind ended, asked for as long as whoever runs it may take to learn of an end; `None` where it did not.
    pub(super) async fn ended(
        self,
        (patience, poll): (Duration, Duration),
        mut ask: impl AsyncFnMut() -> Result<Option<How>, Error>,
    ) -> Result<Option<PlaceEnd>, Error> {
        let until = Instant::now() + patience;
        loop {
            let end = ask().await?;
            if end.is_some() || Instant::now() > until {
                return Ok(end.map(|how| PlaceEnd { kind: self, how }));
            }
            tokio::time::sleep(poll).await;
        }
    }
}

impl fmt::Display for PlaceEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, app) = match self.kind {
            PlaceKind::Container | PlaceKind::Pod => ("the container", "the container"),
            PlaceKind::Machine => ("the machine", "the machine's app"),
        };
        match (&self.how, self.kind) {
            (How::OutOfMemory, PlaceKind::Machine) => {
                write!(f, "{what} ran out of memory and was killed (oom_killed)")
            }
            (How::OutOfMemory, _) => write!(f, "{what} ran out of memory and was killed (OOMKilled)"),
            (How::Exited { code: 0 }, _) => write!(f, "{app} ended by itself (exit code 0)"),
            (How::Exited { code: 137 }, _) => write!(f, "{app} was killed (exit code 137)"),
            (How::Exited { code: 143 }, _) => write!(f, "{app} was stopped (exit code 143)"),
            (How::Exited { code }, _) => write!(f, "{app} ended (exit code {code})"),
            (How::Restarted, _) => write!(f, "{what} was restarted"),
            (How::Removed, PlaceKind::Container) => write!(f, "{what} was removed"),
            (How::Removed, PlaceKind::Pod) => f.write_str("the pod was deleted"),
            (How::Removed, PlaceKind::Machine) => write!(f, "{what} was destroyed"),
            (How::Evicted { why }, _) => write!(f, "the pod was evicted ({why})"),
            (How::Down { state }, _) => write!(f, "{what} is {state}"),
        }
    }
}
