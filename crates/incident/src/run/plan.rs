//! What is to be run, and with what.

use std::path::PathBuf;

use leakhunt_host::Environment;

use crate::command::Commands;
use crate::runbook::Runbook;
use crate::source::Source;
use crate::trigger::Triggered;

use super::inputs::Inputs;

/// A run.
#[derive(Debug)]
pub struct Plan<'r> {
    /// The runbook.
    pub runbook: &'r Runbook,
    /// Where it was read: places in it are told by it.
    pub source: &'r Source,
    /// The commands that it was checked with.
    pub commands: &'r Commands,
    /// What it is given.
    pub inputs: Inputs,
    /// What set it off.
    pub trigger: Triggered,
    /// Which steps.
    pub selection: Selection,
    /// This program: a step that `uses` a command is started with it.
    pub program: PathBuf,
    /// What steps inherit.
    pub environment: Environment,
    /// Where the run's folder is made.
    pub out: PathBuf,
    /// For the record.
    pub tool_version: &'static str,
}

/// Which steps run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All.
    All,
    /// This one.
    Only(String),
    /// This one and those behind it.
    From(String),
}

impl Plan<'_> {
    /// Whether a step is among those that were chosen.
    pub(super) fn has(&self, at: usize) -> bool {
        let id = |at: usize| self.runbook.steps[at].id.value.as_str();
        match &self.selection {
            Selection::All => true,
            Selection::Only(chosen) => id(at) == chosen,
            Selection::From(first) => (0..=at).any(|earlier| id(earlier) == first),
        }
    }
}
