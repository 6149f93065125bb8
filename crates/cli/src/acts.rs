//! What a watch does, for programs: the same object in `--json` and in `--events`.

use leakhunt_host::CommandLine;
use leakhunt_incident::{Decision, WatchEvent};
use schemars::JsonSchema;
use serde::Serialize;

/// An act, as a line of JSON has it.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ActLine<'a> {
    /// About an alarm.
    Decided {
        #[serde(flatten)]
        decision: &'a Decision,
        /// What is run.
        command: Option<Vec<String>>,
    },
    /// Anything else.
    Happened(&'a WatchEvent),
}

impl<'a> ActLine<'a> {
    pub(crate) fn decided(decision: &'a Decision, command: Option<&CommandLine>) -> Self {
        let words = |command: &CommandLine| {
            std::iter::once(command.program.display().to_string()).chain(command.args.clone()).collect()
        };
        Self::Decided { decision, command: command.map(words) }
    }
}

impl<'a> From<&'a WatchEvent> for ActLine<'a> {
    fn from(event: &'a WatchEvent) -> Self {
        match event {
            WatchEvent::Decided { decision, command } => Self::decided(decision, command.as_ref()),
            event => Self::Happened(event),
        }
    }
}
