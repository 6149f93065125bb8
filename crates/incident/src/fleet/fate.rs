//! What became of one dyno.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::plan::Member;
use crate::child::{Answer, Outcome, millis};
use crate::log::Logged;

/// What became of one.
#[derive(Debug, Clone, Serialize)]
pub struct Fate {
    /// Its name.
    pub name: String,
    /// What is known of it.
    pub facts: BTreeMap<String, String>,
    /// Whether it was looked at, by what `doctor` does.
    pub looked: bool,
    /// Who says how much memory it has.
    pub memory_from: Option<MemoryFrom>,
    /// How much it may have by the log of its app, in bytes.
    pub quota: Option<u64>,
    /// How many requests a minute it gets, which is among its facts in words.
    #[serde(skip)]
    pub requests_per_minute: Option<u64>,
    /// How its hunt ended.
    pub outcome: Outcome,
    /// With which exit code, where it was hunted or could not be.
    pub exit_code: Option<u8>,
    /// Why it was not hunted.
    pub reason: Option<String>,
    /// How long the hunt took.
    #[serde(rename = "took_ms", serialize_with = "millis")]
    pub took: Duration,
    /// What the hunt found out, or the look where there was none.
    #[serde(flatten)]
    pub answer: Answer,
}

/// Who says how much memory a dyno has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryFrom {
    /// The log of its app, of all its processes: the platform logs it each 20 s as runtime metrics, or beside an R14 or R15.
    Log,
    /// The look, of the process that would be hunted.
    Look,
}

impl Fate {
    pub(super) fn new(name: &str, outcome: Outcome) -> Self {
        Self {
            name: name.to_owned(),
            facts: BTreeMap::new(),
            looked: false,
            memory_from: None,
            quota: None,
            requests_per_minute: None,
            outcome,
            exit_code: None,
            reason: None,
            took: Duration::ZERO,
            answer: Answer::default(),
        }
    }

    /// Its memory is what the log says.
    pub(super) fn takes_memory_of(&mut self, logged: Logged) {
        (self.answer.memory, self.memory_from) = (Some(logged.memory), Some(MemoryFrom::Log));
    }

    /// What became of its hunt takes the place of what the look came to, but for what is told of all alike.
    pub(super) fn with_hunt(self, hunt: Self) -> Self {
        let answer = Answer { memory: self.answer.memory, age_s: self.answer.age_s, ..hunt.answer };
        Self { looked: self.looked, memory_from: self.memory_from, answer, ..hunt }
    }

    /// Takes over what was known of it before.
    pub(super) fn knows(&mut self, member: &Member) {
        self.quota = member.logged.and_then(|logged| logged.quota);
        self.requests_per_minute = member.requests_per_minute;
        let node = self.answer.node_version.clone().map(|version| ("Node.js", version));
        let traffic = self.requests_per_minute.map(|requests| (TRAFFIC, format!("{requests} requests/min")));
        let known = member.facts.iter().cloned().chain(node).chain(traffic);
        self.facts = known.map(|(name, value)| (name.to_owned(), value)).collect();
    }
}

/// The fact of which each dyno has a value of its own, so that it tells them apart only where the values are far from each other.
pub(super) const TRAFFIC: &str = "traffic";
