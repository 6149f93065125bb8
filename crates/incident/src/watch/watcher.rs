//! What both drivers share: a line goes in, what is to be done comes out.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::condition::Condition;
use super::dynos::{Alarm, Dynos};
use super::policy::{Decision, Policy, Rules};
use super::stream::{Gap, Stream};
use crate::log::{Line, Says};

/// A log that is watched.
#[derive(Debug)]
pub(super) struct Watcher {
    dynos: Dynos,
    stream: Stream,
    pub(super) policy: Policy,
    pub(super) counted: Counted,
}

/// What was read so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counted {
    /// Lines of the log.
    pub lines: u64,
    /// Those among them that were read before.
    pub doubled: u64,
    /// How often a condition came to hold for a dyno, and did not before.
    pub alarms: u64,
}

impl Watcher {
    pub(super) fn new(conditions: Vec<Condition>, policy: Policy) -> Self {
        let (dynos, stream) = (Dynos::new(conditions), Stream::default());
        Self { dynos, stream, policy, counted: Counted::default() }
    }

    /// Takes a line; gives what is missing before it, and what is to be done, where that is news. `now` is the time at which it is
    /// decided, of a clock on the wall; without it, it is that of the log.
    pub(super) fn take(&mut self, bytes: &[u8], now: Option<Timestamp>) -> (Option<Gap>, Option<Decision>) {
        self.counted.lines += 1;
        let Some(line) = Line::read(bytes) else { return (None, None) };
        let gap = self.stream.gap(line.at);
        if gap.is_some() {
            self.dynos.forget_all();
        }
        (gap, self.decided(&line, bytes, now))
    }

    fn decided(&mut self, line: &Line<'_>, bytes: &[u8], now: Option<Timestamp>) -> Option<Decision> {
        if line.says != Says::Nothing && self.stream.knows(bytes) {
            self.counted.doubled += 1;
            return None;
        }
        let Alarm { trigger, urgency, fresh } = self.dynos.note(line, bytes)?;
        self.counted.alarms += fresh;
        let now = now.or(self.latest()).unwrap_or(line.at);
        let hindrance = self.dynos.hindrance(&trigger.dyno, trigger.at, self.policy.min_age());
        self.policy.decide(trigger, urgency, hindrance, now)
    }

    /// The next line is the first of a new connection.
    pub(super) fn connected(&mut self) {
        self.stream.connected();
    }

    /// The time of the last line.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        self.stream.latest()
    }

    /// A hunt on a dyno has ended.
    pub(super) fn hunted(&mut self, dyno: &str, now: Timestamp) {
        self.policy.end(now);
        self.dynos.hunted(dyno);
    }

    /// Whether a condition waits for samples of memory that the app does not log.
    pub(super) fn lacks_samples(&self) -> bool {
        self.dynos.lacks_samples()
    }
}

/// What is watched for, and what is done then.
#[derive(Debug, Clone)]
pub struct Orders {
    /// Any of these.
    pub conditions: Vec<Condition>,
    /// How much is done, and when.
    pub rules: Rules,
}
