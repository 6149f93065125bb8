//! What a hunt left as it had found it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::millis;

/// One line of the receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Undone {
    /// What was undone.
    pub what: TeardownStep,
    /// How sure we are.
    pub seen: Seen,
    /// How that was seen, or why not.
    pub how: String,
    /// How long it took, milliseconds.
    pub ms: u64,
}

/// What is undone on the way out of a hunt, or by a later `cleanup`; in documents by the words that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TeardownStep {
    /// The session over the inspector: evidence off, the inspector told to close.
    #[serde(rename = "debugging session")]
    DebuggingSession,
    /// The inspector, seen closed.
    #[serde(rename = "inspector")]
    Inspector,
    /// A snapshot's file on the far side.
    #[serde(rename = "remote file")]
    RemoteFile,
    /// The tunnel and its process group.
    #[serde(rename = "tunnel")]
    Tunnel,
    /// The shell on the far side and its process group here.
    #[serde(rename = "remote shell")]
    RemoteShell,
    /// The port of this machine on which DevTools was offered the inspector, and its connections.
    #[serde(rename = "local port")]
    LocalPort,
    /// The browser that was started for DevTools.
    #[serde(rename = "browser")]
    Browser,
    /// Files here that are not whole.
    #[serde(rename = "partial files")]
    PartialFiles,
    /// Folders that children have made for themselves.
    #[serde(rename = "private folders")]
    PrivateFolders,
    /// The hunt's journal.
    #[serde(rename = "journal")]
    Journal,
}

impl TeardownStep {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::DebuggingSession => "debugging session",
            Self::Inspector => "inspector",
            Self::RemoteFile => "remote file",
            Self::Tunnel => "tunnel",
            Self::RemoteShell => "remote shell",
            Self::LocalPort => "local port",
            Self::Browser => "browser",
            Self::PartialFiles => "partial files",
            Self::PrivateFolders => "private folders",
            Self::Journal => "journal",
        }
    }

    /// Does the app have what is not undone? All else is on this machine.
    pub(crate) fn is_in_the_app(self) -> bool {
        matches!(self, Self::DebuggingSession | Self::Inspector | Self::RemoteFile)
    }
}

/// What became of one step.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) what: TeardownStep,
    pub(crate) seen: Seen,
    pub(crate) how: String,
}

impl Line {
    pub(crate) fn verified(what: TeardownStep, how: impl Into<String>) -> Self {
        Self { what, seen: Seen::Verified, how: how.into() }
    }

    pub(crate) fn unverified(what: TeardownStep, how: impl Into<String>) -> Self {
        Self { what, seen: Seen::Unverified, how: how.into() }
    }
}

/// How sure the receipt is of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

    /// Adds a line, and gives it back for whoever watches.
    pub(crate) fn add(&mut self, line: Line, took: Duration) -> Undone {
        let Line { what, seen, how } = line;
        let undone = Undone { what, seen, how, ms: millis::whole(took) };
        self.undone.push(undone.clone());
        undone
    }
}
