//! The undo stack of a hunt and its receipt.
//!
//! Whatever a hunt acquires (a child process, an open inspector, a planted dead-man, a partial file), it pushes the undo
//! before its next await. On every way out the stack is emptied from the top. A step has its own deadline; one that fails
//! does not keep the next from being tried. What each step did, and whether the effect was *seen*, becomes a line of the
//! [`Receipt`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

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

/// One line of the receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// What was undone, in words.
    pub what: String,
    /// How sure we are.
    pub seen: Seen,
    /// How that was seen, or why not.
    pub how: String,
    /// How long it took, milliseconds.
    pub ms: u64,
}

/// How sure the receipt is of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// The effect was looked at afterwards.
    Verified,
    /// It was asked for, and nothing could be looked at.
    Unverified,
}

/// What a hunt left as it had found it, line by line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// In the order in which it was done.
    pub undone: Vec<Undone>,
    /// What a person should run where something was not verified.
    pub by_hand: Option<String>,
}

impl Receipt {
    /// Was every undo seen to have worked?
    pub fn is_confirmed(&self) -> bool {
        self.undone.iter().all(|line| line.seen == Seen::Verified)
    }

    pub(crate) fn add(&mut self, what: &str, seen: Seen, how: impl Into<String>, took: Duration) -> &Undone {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.undone.push(Undone { what: what.to_owned(), seen, how: how.into(), ms });
        self.undone.last().expect("one was just pushed")
    }
}
