//! The undo stack of a hunt and its receipt.
//!
//! Whatever a hunt acquires (a child process, an open inspector, a planted dead-man, a partial file), it pushes the undo
//! before its next await. On every way out the stack is emptied from the top. A step has its own deadline; one that fails
//! does not keep the next from being tried. What each step did, and whether the effect was *seen*, becomes a line of the
//! [`Receipt`].

/// What is to be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undo {
    /// A folder with files that may be partial.
    Partials,
    /// The shell on the far side and its CLI process group.
    Dialogue,
    /// The tunnel and its CLI process group.
    Forward,
    /// An inspector that we opened: to be seen closed.
    Inspector,
    /// The CDP session: evidence off, remote file gone, inspector told to close.
    Session,
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
