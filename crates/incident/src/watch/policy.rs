//! What is done about an alarm: a hunt, or nothing yet, or nothing. Production comes before evidence: in doubt nothing is done, and it
//! is said why.
//!
//! A state machine with an explicit clock. States: *ready* → (an alarm that nothing stands against) *hunting* → *cooling down* → ready.
//! An alarm goes on for as long as the platform repeats it, each 20 s; so what has to wait is looked at again by itself, and what was
//! said of a dyno once is said again only when it is something else, or when there was silence between.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dynos::Hindrance;
use crate::trigger::Trigger;

/// How much is done, and when.
#[derive(Debug, Clone)]
pub struct Rules {
    /// A dyno that is up for less has nothing to show.
    pub min_age: Duration,
    /// After a hunt, of whichever dyno.
    pub cooldown: Duration,
    /// In any 24 hours.
    pub max_hunts_per_day: usize,
    /// Take the light evidence where a dyno is near its end (R15).
    pub sampling_on_r15: bool,
}

/// What is done about an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Decision {
    /// Hunt on the dyno.
    Hunt {
        /// Why.
        trigger: Trigger,
        /// The light evidence, which hardly costs anything.
        sampling: bool,
    },
    /// Not yet: it is looked at again at the next line of this kind.
    Wait {
        /// What it is about.
        trigger: Trigger,
        /// Why.
        because: Because,
    },
    /// Not at all.
    Skip {
        /// What it is about.
        trigger: Trigger,
        /// Why.
        because: Because,
    },
}

/// Why nothing is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Because {
    /// The dyno is not up for long.
    Young {
        /// For how long, in seconds.
        up_for_s: u64,
    },
    /// It starts, or is about to be restarted.
    Restarting,
    /// It is not up.
    NotUp,
    /// A release is under way, which restarts the dynos.
    Release {
        /// When it began.
        #[schemars(with = "String", extend("format" = "date-time"))]
        since: Timestamp,
    },
    /// There was a hunt.
    CoolDown {
        /// Of which dyno.
        of: String,
        /// Until then.
        #[schemars(with = "String", extend("format" = "date-time"))]
        until: Timestamp,
    },
    /// There were as many hunts as a day may have.
    TooMany {
        /// How many.
        hunts: usize,
        /// Until then.
        #[schemars(with = "String", extend("format" = "date-time"))]
        until: Timestamp,
    },
    /// A hunt is under way.
    Hunting {
        /// On which dyno.
        of: String,
    },
    /// It cannot be kept that it began, and a restart would hunt again.
    NotKept {
        /// What went wrong.
        error: String,
    },
    /// The line is an old one, or the clocks differ.
    Old {
        /// By how much, in seconds.
        by_s: u64,
    },
}

/// A hunt that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Past {
    pub(super) dyno: String,
    pub(super) began: Timestamp,
    /// Nothing while it is under way, and where it was never seen to end.
    pub(super) ended: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct Policy {
    rules: Rules,
    /// Those of the last 24 hours, in their order.
    hunts: Vec<Past>,
    hunting: bool,
    said: HashMap<String, Said>,
}

/// What was said of a dyno last.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    what: What,
    /// When the alarm was seen last.
    last: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// That it is hunted.
    Hunted,
    /// Why it is not, and until when.
    Not(Discriminant<Because>, Option<Timestamp>),
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// After so much silence an alarm is another.
const SILENCE: SignedDuration = SignedDuration::from_mins(10);
/// A line that is older says what was, and not what is.
const OLD: SignedDuration = SignedDuration::from_mins(3);
/// Dynos of which something was said; one-off dynos come and go.
const MOST_SAID: usize = 256;

impl Policy {
    pub(super) fn new(rules: Rules, hunts: Vec<Past>) -> Self {
        Self { rules, hunts, hunting: false, said: HashMap::new() }
    }

    pub(super) fn min_age(&self) -> Duration {
        self.rules.min_age
    }

    pub(super) fn hunts(&self) -> &[Past] {
        &self.hunts
    }

    /// What is done; nothing where that was said already.
    pub(super) fn decide(
        &mut self,
        trigger: Trigger,
        urgency: u8,
        hindrance: Option<Hindrance>,
        now: Timestamp,
    ) -> Option<Decision> {
        self.set_right(now);
        let skip = self.against(&trigger, now);
        let Some(because) = skip.clone().or(hindrance.map(Because::from)) else {
            self.said.insert(trigger.dyno.clone(), Said { what: What::Hunted, last: now });
            let sampling = urgency >= NEAR_ITS_END && self.rules.sampling_on_r15;
            return Some(Decision::Hunt { trigger, sampling });
        };
        let news = self.is_news(&trigger.dyno, &because, now);
        news.then_some(match skip {
            Some(_) => Decision::Skip { trigger, because },
            None => Decision::Wait { trigger, because },
        })
    }

    /// A hunt begins.
    pub(super) fn begin(&mut self, dyno: &str, now: Timestamp) {
        self.hunting = true;
        self.hunts.push(Past { dyno: dyno.to_owned(), began: now, ended: None });
    }

    /// The hunt has ended.
    pub(super) fn end(&mut self, now: Timestamp) {
        self.hunting = false;
        if let Some(hunt) = self.hunts.last_mut() {
            hunt.ended = Some(now);
        }
    }

    /// The hunt was not begun after all.
    pub(super) fn take_back(&mut self) {
        self.hunting = false;
        self.hunts.pop();
    }

    /// Forgets what is older than a day. Where the clock was set back, a hunt that would be to come was now: no cool-down gets longer.
    fn set_right(&mut self, now: Timestamp) {
        self.hunts.retain(|hunt| now.duration_since(hunt.began) < DAY);
        for hunt in &mut self.hunts {
            hunt.began = hunt.began.min(now);
            hunt.ended = hunt.ended.map(|ended| ended.min(now));
        }
    }

    fn against(&self, trigger: &Trigger, now: Timestamp) -> Option<Because> {
        let late = now.duration_since(trigger.at);
        if late > OLD {
            return Some(Because::Old { by_s: late.as_secs().unsigned_abs() });
        }
        let last = self.hunts.last()?;
        if self.hunting {
            return Some(Because::Hunting { of: last.dyno.clone() });
        }
        let ended = last.ended.unwrap_or(last.began);
        let until = ended.saturating_add(signed(self.rules.cooldown)).unwrap_or(Timestamp::MAX);
        if now < until {
            return Some(Because::CoolDown { of: last.dyno.clone(), until });
        }
        let most = self.rules.max_hunts_per_day;
        let first = self.hunts.len().checked_sub(most).and_then(|at| self.hunts.get(at))?;
        let until = first.began.saturating_add(DAY).unwrap_or(Timestamp::MAX);
        Some(Because::TooMany { hunts: most, until })
    }

    fn is_news(&mut self, dyno: &str, because: &Because, now: Timestamp) -> bool {
        if self.said.len() >= MOST_SAID && !self.said.contains_key(dyno) {
            self.said.retain(|_, said| now.duration_since(said.last) <= SILENCE);
            if self.said.len() >= MOST_SAID {
                self.said.clear();
            }
        }
        let before = self.said.get(dyno).filter(|said| now.duration_since(said.last) <= SILENCE);
        let what = match before {
            // The alarm for which it is hunted, or was, goes on.
            Some(Said { what: What::Hunted, .. }) if because.of() == Some(dyno) => What::Hunted,
            _ => What::Not(discriminant(because), because.until()),
        };
        let news = before.is_none_or(|before| before.what != what);
        self.said.insert(dyno.to_owned(), Said { what, last: now });
        news
    }
}

/// The urgency of R15.
const NEAR_ITS_END: u8 = 2;

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

impl Because {
    /// Which dyno's hunt it is.
    fn of(&self) -> Option<&str> {
        match self {
            Self::CoolDown { of, .. } | Self::Hunting { of } => Some(of),
            _ => None,
        }
    }

    fn until(&self) -> Option<Timestamp> {
        match self {
            Self::CoolDown { until, .. } | Self::TooMany { until, .. } => Some(*until),
            _ => None,
        }
    }
}

impl From<Hindrance> for Because {
    fn from(hindrance: Hindrance) -> Self {
        match hindrance {
            Hindrance::Young(age) => Self::Young { up_for_s: age.as_secs() },
            Hindrance::Restarting => Self::Restarting,
            Hindrance::Over => Self::NotUp,
            Hindrance::Release(since) => Self::Release { since },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        min_age: Duration::from_secs(120),
        cooldown: Duration::from_secs(3_600),
        max_hunts_per_day: 2,
        sampling_on_r15: true,
    };

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_769_860_800 + minute * 60).unwrap()
    }

    fn trigger(dyno: &str, minute: i64) -> Trigger {
        let (at, dyno) = (at(minute), dyno.to_owned());
        Trigger { code: "R14".into(), dyno, at, mem: None, quota: None, line: String::new() }
    }

    fn hunts(policy: &mut Policy, dyno: &str, minute: i64) -> bool {
        let decision = policy.decide(trigger(dyno, minute), 1, None, at(minute));
        let hunts = matches!(decision, Some(Decision::Hunt { sampling: false, .. }));
        if hunts {
            policy.begin(dyno, at(minute));
        }
        hunts
    }

    #[track_caller]
    fn skips(policy: &mut Policy, dyno: &str, minute: i64, expected: Option<&Because>) {
        match policy.decide(trigger(dyno, minute), 1, None, at(minute)) {
            None => assert_eq!(expected, None),
            Some(Decision::Skip { because, .. }) => assert_eq!(Some(&because), expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_hunt_then_a_cool_down_and_no_more_than_a_day_may_have() {
        let mut policy = Policy::new(RULES, Vec::new());
        assert!(hunts(&mut policy, "web.2", 0));
        skips(&mut policy, "web.1", 1, Some(&Because::Hunting { of: "web.2".into() }));
        skips(&mut policy, "web.1", 2, None);
        // The alarm for which it is hunted goes on.
        skips(&mut policy, "web.2", 3, None);
        policy.end(at(5));
        skips(&mut policy, "web.2", 6, None);
        let cooling = Because::CoolDown { of: "web.2".into(), until: at(65) };
        skips(&mut policy, "web.1", 6, Some(&cooling));
        skips(&mut policy, "web.1", 16, None);
        skips(&mut policy, "web.1", 27, Some(&cooling));
        skips(&mut policy, "web.2", 63, Some(&cooling));
        assert!(hunts(&mut policy, "web.1", 65));
        policy.end(at(66));
        let enough = Because::TooMany { hunts: 2, until: at(24 * 60) };
        skips(&mut policy, "web.1", 200, Some(&enough));
        skips(&mut policy, "web.1", 209, None);
        assert!(hunts(&mut policy, "web.1", 24 * 60));
    }

    #[test]
    fn what_would_be_worthless_waits_and_what_is_old_is_left() {
        let mut policy = Policy::new(RULES, Vec::new());
        let young = Some(Hindrance::Young(Duration::from_secs(40)));
        let decision = policy.decide(trigger("web.1", 0), 1, young, at(0));
        assert!(matches!(decision, Some(Decision::Wait { because: Because::Young { up_for_s: 40 }, .. })));
        assert_eq!(policy.decide(trigger("web.1", 1), 1, young, at(1)), None);
        assert!(hunts(&mut policy, "web.1", 2));
    }

    #[test]
    fn an_old_line_sets_nothing_off() {
        let mut policy = Policy::new(RULES, Vec::new());
        let decision = policy.decide(trigger("web.1", 0), 1, None, at(4));
        assert!(matches!(decision, Some(Decision::Skip { because: Because::Old { by_s: 240 }, .. })));
    }

    #[test]
    fn near_its_end_the_light_evidence_is_taken() {
        for sampling_on_r15 in [true, false] {
            let mut policy = Policy::new(Rules { sampling_on_r15, ..RULES }, Vec::new());
            let decision = policy.decide(trigger("web.1", 0), 2, None, at(0));
            assert!(matches!(decision, Some(Decision::Hunt { sampling, .. }) if sampling == sampling_on_r15));
        }
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_cool_down_longer() {
        let past = Past { dyno: "web.1".into(), began: at(600), ended: Some(at(601)) };
        let mut policy = Policy::new(RULES, vec![past]);
        skips(&mut policy, "web.1", 0, Some(&Because::CoolDown { of: "web.1".into(), until: at(60) }));
        assert!(hunts(&mut policy, "web.1", 60));
    }

    #[test]
    fn what_is_said_takes_no_more_room_than_it_may() {
        let mut policy = Policy::new(RULES, Vec::new());
        assert!(hunts(&mut policy, "web.1", 0));
        for dyno in 0..10_000 {
            let _ = policy.decide(trigger(&format!("run.{dyno}"), 1), 1, None, at(1));
        }
        assert!(policy.said.len() <= MOST_SAID);
    }
}
