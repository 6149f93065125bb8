//! What the remote shell answers to orders.

use super::shortages::shortages;
use super::words::{Unreadable, Words, listeners, unreadable};
use crate::data::{Listener, Shortage};

/// What became of the signal. Whether it was sent is told by every answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signalled {
    /// Sent; these ports are new.
    Opened(Vec<Listener>),
    /// Sent; nothing new listens after five seconds.
    NotOpened,
    /// Sent; then the process was gone.
    GoneAfter,
    /// Not sent.
    Refused(Refused),
}

/// Why the shell did not send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The process is gone, or another has its pid.
    Gone,
    /// Nothing proves that it runs Node.js.
    NotProven,
    /// It would pass the signal on to a worker of its cluster, such as this one.
    Primary(u32),
    /// It does not catch the signal.
    NotCaught,
    /// It belongs to somebody else.
    NotPermitted,
    /// It has so little left of these that the signal could end it.
    Short(Vec<Shortage>),
    /// Another process has the port of its inspector.
    PortTaken,
    /// Its inspector has been opened meanwhile, by somebody else.
    Open,
}

impl Signalled {
    /// Reads the shell's answer.
    pub(crate) fn read(answer: &str) -> Result<Self, Unreadable> {
        let (word, rest) = answer.split_once(' ').unwrap_or((answer, ""));
        Ok(match word {
            "opened" => {
                let words = Words::of(rest)?;
                let before = listeners(words.word("before")?)?;
                let mut now = listeners(words.word("ports")?)?;
                now.retain(|listener| before.iter().all(|old| old.port != listener.port));
                Self::Opened(now)
            }
            "not-opened" => Self::NotOpened,
            "gone-after" => Self::GoneAfter,
            "gone-before" => Self::Refused(Refused::Gone),
            "not-proven" => Self::Refused(Refused::NotProven),
            "primary" => Self::Refused(Refused::Primary(Words::of(rest)?.number("worker")?)),
            "not-caught" => Self::Refused(Refused::NotCaught),
            "not-permitted" => Self::Refused(Refused::NotPermitted),
            "taken" => Self::Refused(Refused::PortTaken),
            "open" => Self::Refused(Refused::Open),
            "short" => Self::Refused(Refused::Short(shortages(Words::of(rest)?.word("what")?)?)),
            _ => return Err(unreadable(answer)),
        })
    }
}

/// An inspector's port, looked at before anything is sent or connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InspectorPort {
    /// Nobody listens there.
    Closed,
    /// Another process does.
    Taken,
    /// The process itself does, and so many are connected to it.
    Open {
        /// Connections.
        clients: u32,
    },
    /// The process is gone.
    Gone,
}

/// Is it alive, does it listen?
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// It is the same process, and listens on these ports.
    Alive(Vec<Listener>),
    /// It is gone, or another has its pid.
    Gone,
}

/// Snapshot files of ours on the far side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SnapshotFiles {
    /// Unlinked, and held open by the process.
    pub(crate) open: u32,
    /// With a name.
    pub(crate) named: u32,
}

/// What became of the inspector's port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Port {
    /// Nobody listens.
    Closed,
    /// It still listens.
    StillOpen,
    /// The process is gone, and its sockets with it.
    Gone,
}
