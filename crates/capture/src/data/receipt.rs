//! What a hunt left as it had found it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::millis;

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
        let ms = millis::whole(took);
        self.undone.push(Undone { what: what.to_owned(), seen, how: how.into(), ms });
        self.undone.last().expect("one was just pushed")
    }
}
