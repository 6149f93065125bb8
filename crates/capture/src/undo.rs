//! The undo stack of a hunt.
//!
//! Whatever a hunt acquires (a child process, an open inspector, a planted dead-man, a partial file), it pushes the undo
//! before its next await. On every way out the stack is emptied from the top. A step has its own deadline; one that fails
//! does not keep the next from being tried. What each step did, and whether the effect was *seen*, becomes a line of the
//! [`Receipt`](crate::Receipt).

use crate::data::TeardownStep;
use crate::record::SessionFolder;

/// What is to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Undo {
    /// A folder with files that may be partial.
    PartialFiles(SessionFolder),
    /// The shell on the far side and its CLI process group.
    RemoteShell,
    /// The tunnel and its CLI process group.
    Tunnel,
    /// An inspector that we opened: to be seen closed.
    Inspector,
    /// The CDP session: evidence off, remote file gone, inspector told to close.
    Session,
    /// The port of this machine at which DevTools finds the inspector, and who is connected there.
    LocalPort,
    /// The browser that was started for DevTools.
    Browser,
}

impl Undo {
    /// As the receipt calls it.
    pub(crate) fn step(&self) -> TeardownStep {
        match self {
            Self::PartialFiles(_) => TeardownStep::PartialFiles,
            Self::RemoteShell => TeardownStep::RemoteShell,
            Self::Tunnel => TeardownStep::Tunnel,
            Self::Inspector => TeardownStep::Inspector,
            Self::Session => TeardownStep::DebuggingSession,
            Self::LocalPort => TeardownStep::LocalPort,
            Self::Browser => TeardownStep::Browser,
        }
    }
}

/// The undos that are still to be done, last acquired on top.
#[derive(Debug, Default)]
pub(crate) struct Stack(Vec<Undo>);

impl Stack {
    /// What is there already serves what is acquired again: a tunnel that was restarted, a session that was reopened.
    pub(crate) fn push(&mut self, undo: Undo) {
        if !self.0.contains(&undo) {
            self.0.push(undo);
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Undo> {
        self.0.pop()
    }
}
