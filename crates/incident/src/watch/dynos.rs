//! What is known of each dyno: since when it is up, its memory, and since when a condition holds.
//!
//! Bounded: a dyno that is no longer spoken of is forgotten. That costs nothing but its age, and a dyno that was not seen to start is as
//! old as what was read of the log.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use leakhunt_host::heroku::Memory;

use super::condition::{Condition, What};
use super::growth::Growth;
use crate::log::{Line, Says, State};
use crate::trigger::Trigger;

/// More dynos than an app has; one-off dynos come and go.
const MOST: usize = 512;
/// The platform reports errors and memory each 20 s: what was not said for longer does not hold any more.
const UNBROKEN: SignedDuration = SignedDuration::from_mins(3);
/// A dyno boots in a minute (R10), two with preboot; a release has reached all of them then.
const RELEASE: SignedDuration = SignedDuration::from_mins(4);
/// Builds are ended after 15 minutes by the platform.
const BUILD: SignedDuration = SignedDuration::from_mins(15);
/// What was said of a state that is none to stay in, and never taken back, was overtaken by a line that was lost.
const PASSING: SignedDuration = SignedDuration::from_mins(10);

#[derive(Debug)]
pub(super) struct Dynos {
    conditions: Vec<Condition>,
    dynos: HashMap<String, Dyno>,
    /// Since when the log was read without a gap.
    began: Option<Timestamp>,
    release: Option<(Timestamp, SignedDuration)>,
    samples: bool,
}

#[derive(Debug)]
struct Dyno {
    state: Option<(Timestamp, State)>,
    memory: Option<(Timestamp, Memory)>,
    growth: Growth,
    /// One a condition.
    holds: Vec<Option<Held>>,
    seen: Timestamp,
}

/// A condition that holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    since: Timestamp,
    last: Timestamp,
    /// For as long as it has to.
    alarmed: bool,
}

/// A dyno for which a condition holds.
#[derive(Debug)]
pub(super) struct Alarm {
    pub(super) trigger: Trigger,
    pub(super) urgency: u8,
    /// How many conditions have just come to hold, and did not before.
    pub(super) fresh: u64,
}

/// What would make evidence of a dyno worthless now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// It is not up for long.
    Young(Duration),
    /// It starts, or is about to be restarted.
    Restarting,
    /// It is not up.
    Over,
    /// A release is under way since then.
    Release(Timestamp),
}

impl Dynos {
    pub(super) fn new(conditions: Vec<Condition>) -> Self {
        Self { conditions, dynos: HashMap::new(), began: None, release: None, samples: false }
    }

    /// Takes note of a line. Gives the most urgent of the conditions that hold by it.
    pub(super) fn note(&mut self, line: &Line<'_>, bytes: &[u8]) -> Option<Alarm> {
        let at = line.at;
        self.began.get_or_insert(at);
        match line.says {
            Says::Nothing => return None,
            Says::BuildStarted => self.release = Some((at, BUILD)),
            Says::BuildFailed => self.release = None,
            Says::Release => self.release = Some((at, RELEASE)),
            _ => {}
        }
        if line.dyno.is_empty() {
            return None;
        }
        self.samples |= matches!(line.says, Says::Memory(_));
        self.make_room(line);
        let conditions = self.conditions.len();
        let dyno = self.dynos.entry(line.dyno.to_owned()).or_insert_with(|| Dyno::new(at, conditions));
        dyno.note(line, self.conditions.iter().any(|condition| matches!(condition.what, What::Growth(_))));
        let (condition, fresh) = dyno.holding(&self.conditions, line)?;
        let memory = dyno.memory.filter(|(sampled, _)| at.duration_since(*sampled) <= UNBROKEN);
        let trigger = Trigger {
            code: condition.to_string(),
            dyno: line.dyno.to_owned(),
            at,
            mem: memory.map(|(_, memory)| memory.used),
            quota: memory.and_then(|(_, memory)| memory.quota),
            line: Trigger::shown(bytes),
        };
        Some(Alarm { trigger, urgency: condition.urgency(), fresh })
    }

    /// What stands against a hunt, by the log's own clock.
    pub(super) fn hindrance(&self, dyno: &str, at: Timestamp, min_age: Duration) -> Option<Hindrance> {
        if let Some((since, _)) = self.release.filter(|(since, lasts)| at.duration_since(*since) < *lasts) {
            return Some(Hindrance::Release(since));
        }
        let state = self.dynos.get(dyno).and_then(|dyno| dyno.state);
        let up_since = match state {
            Some((since, State::Starting)) if at.duration_since(since) < PASSING => {
                return Some(Hindrance::Restarting);
            }
            Some((since, State::Over)) if at.duration_since(since) < PASSING => return Some(Hindrance::Over),
            Some((since, State::Up)) => since,
            _ => self.began.unwrap_or(at),
        };
        let age = Duration::try_from(at.duration_since(up_since)).unwrap_or_default();
        (age < min_age).then_some(Hindrance::Young(age))
    }

    /// Lines were lost: what was known may be wrong.
    pub(super) fn forget_all(&mut self) {
        self.dynos.clear();
        self.began = None;
        self.release = None;
    }

    /// A hunt makes the process larger, which is no growth of the app's.
    pub(super) fn hunted(&mut self, dyno: &str) {
        if let Some(dyno) = self.dynos.get_mut(dyno) {
            dyno.growth = Growth::default();
        }
    }

    /// Whether a condition waits for samples of memory and there was none.
    pub(super) fn lacks_samples(&self) -> bool {
        !self.samples && self.conditions.iter().any(Condition::needs_samples)
    }

    fn make_room(&mut self, line: &Line<'_>) {
        if self.dynos.len() < MOST || self.dynos.contains_key(line.dyno) {
            return;
        }
        // A quarter at once, so that it is seldom.
        let mut seen: Vec<Timestamp> = self.dynos.values().map(|dyno| dyno.seen).collect();
        let (_, quarter, _) = seen.select_nth_unstable(MOST / 4);
        let quarter = *quarter;
        self.dynos.retain(|_, dyno| dyno.seen > quarter);
    }
}

impl Condition {
    /// Whether it holds by this line; `None` where the line says nothing of it.
    fn holds(&self, line: &Line<'_>, growth: &Growth) -> Option<bool> {
        match (self.what, line.says) {
            (What::Code(code), Says::Error(said)) => (code == said).then_some(true),
            (What::Memory(limit), Says::Memory(memory)) => Some(memory.used > limit),
            (What::Share(limit), Says::Memory(Memory { used, quota: Some(quota) })) => {
                Some(used as f64 * 100.0 > limit * quota as f64)
            }
            (What::Growth(limit), Says::Memory(_)) => {
                Some(growth.per_hour().is_some_and(|per_hour| per_hour > limit as f64))
            }
            _ => None,
        }
    }
}

impl Dyno {
    fn new(at: Timestamp, conditions: usize) -> Self {
        Self { state: None, memory: None, growth: Growth::default(), holds: vec![None; conditions], seen: at }
    }

    /// How fast it grows is found out only where that is asked for: it takes longer than all else.
    fn note(&mut self, line: &Line<'_>, growth: bool) {
        self.seen = self.seen.max(line.at);
        match line.says {
            Says::Memory(memory) => {
                self.memory = Some((line.at, memory));
                if growth {
                    self.growth.note(line.at, memory.used);
                }
            }
            Says::State(state) => {
                self.state = Some((line.at, state));
                self.begin_again();
            }
            Says::Restarting => self.state = Some((line.at, State::Starting)),
            _ => {}
        }
    }

    /// The most urgent of the conditions that hold, and how many of them did not before.
    fn holding<'c>(&mut self, conditions: &'c [Condition], line: &Line<'_>) -> Option<(&'c Condition, u64)> {
        let at = line.at;
        let (mut most, mut fresh) = (None, 0);
        for (condition, held) in conditions.iter().zip(&mut self.holds) {
            let Some(holds) = condition.holds(line, &self.growth) else { continue };
            let before = held.filter(|held| at.duration_since(held.last) <= UNBROKEN);
            let since = before.map_or(at, |held| held.since);
            let alarmed = holds && at.duration_since(since).unsigned_abs() >= condition.lasting;
            *held = holds.then_some(Held { since, last: at, alarmed });
            fresh += u64::from(alarmed && before.is_none_or(|held| !held.alarmed));
            if alarmed && most.is_none_or(|most: &Condition| most.urgency() < condition.urgency()) {
                most = Some(condition);
            }
        }
        Some((most?, fresh))
    }

    fn begin_again(&mut self) {
        self.growth = Growth::default();
        self.memory = None;
        self.holds.fill(None);
    }
}
