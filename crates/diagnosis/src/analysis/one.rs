//! Suspects that are one leak become one: several things of one object's, or one line with many instances.

use super::in_step::{are_in_step, are_parts_of_one};
use crate::facts::{Facts, Own};
use crate::findings::{Bound, Kind, Suspect};
use crate::graph::Node;
use crate::remedy::Remedy;
use crate::wording;

/// What gains so many times less than something else is small beside it.
const SMALL: u64 = 4;

/// A suspect of the findings, with what tells whether another is the same.
pub(super) struct Described {
    pub(super) identity: Node,
    /// The id of what holds it.
    pub(super) holder: u32,
    /// The event that is listened for, if it is a listener; empty where its name is not known.
    pub(super) event: Option<String>,
    /// The holder is Node's own, or nobody's.
    pub(super) by_node: bool,
    pub(super) facts: Facts,
    pub(super) remedy: Option<Remedy>,
    pub(super) suspect: Suspect,
}

impl Described {
    /// Takes up another that is the same leak; gives it back if it is none.
    pub(super) fn take(&mut self, other: Self) -> Option<Self> {
        if self.is_of_one_object(&other) {
            self.add(other);
            None
        } else if self.is_of_one_line(&other) {
            self.add_instance(other);
            None
        } else if self.is_of_one_call(&other) {
            self.add_in_step(other);
            None
        } else {
            Some(other)
        }
    }

    /// Whether two suspects of one object are one leak: it gains as many of the one as of the other, or listens with both.
    fn is_of_one_object(&self, other: &Self) -> bool {
        let gained = |described: &Self| match described.suspect.growth.counts.as_slice() {
            [.., before, last] => last.saturating_sub(*before),
            _ => 0,
        };
        let (one, two) = (gained(self), gained(other));
        let wired = |described: &Self| matches!(described.suspect.kind, Kind::Listener | Kind::Stream);
        self.identity == other.identity
            && (two == 0 || one.abs_diff(two) * 10 <= one || (wired(self) && wired(other)))
    }

    /// Whether two objects hold the same by the same line: the sets of two rooms.
    fn is_of_one_line(&self, other: &Self) -> bool {
        let line = |suspect: &Suspect| {
            let place = suspect.location.as_ref().map(|place| (place.file.clone(), place.line));
            let holder = suspect.holder.as_ref();
            // The line of a listener is where it is added, to the one emitter or to another: their names may differ.
            let variable = holder.filter(|_| suspect.kind != Kind::Listener);
            (
                suspect.kind,
                suspect.class.clone(),
                place,
                holder.map(|holder| holder.class.clone()),
                variable.map(|holder| holder.variable.clone()),
            )
        };
        self.suspect.location.is_some()
            && self.event == other.event
            && line(&self.suspect) == line(&other.suspect)
    }

    /// Whether two things of packages' grow by the same calls: they come in step, and are parts of one object, or the other is a
    /// small thing beside this one, of the same package.
    fn is_of_one_call(&self, other: &Self) -> bool {
        let holder_is = |described: &Self| {
            described
                .facts
                .package
                .as_ref()
                .filter(|of| of.own == Own::Holder)
                .map(|of| of.package.name.clone())
        };
        let (Some(one), Some(two)) = (holder_is(self), holder_is(other)) else { return false };
        let parts =
            || are_parts_of_one((&self.suspect.path, self.holder), (&other.suspect.path, other.holder));
        let is_small = other.suspect.growth.per_step * SMALL <= self.suspect.growth.per_step;
        are_in_step(&self.suspect.growth.counts, &other.suspect.growth.counts)
            && ((one == two && is_small) || parts())
    }

    /// `events.once` and `pipe` listen for `error` beside what they are about.
    fn add(&mut self, mut other: Self) {
        let is_aside = |described: &Self| described.event.as_deref() == Some("error");
        if is_aside(self) && other.event.is_some() && !is_aside(&other) {
            std::mem::swap(self, &mut other);
            self.suspect.confidence = other.suspect.confidence;
        }
        self.add_bytes(&other);
    }

    fn add_instance(&mut self, other: Self) {
        self.add_bytes(&other);
        let suspect = &mut self.suspect;
        for (sum, more) in suspect.growth.counts.iter_mut().zip(&other.suspect.growth.counts) {
            *sum += more;
        }
        suspect.bound = suspect.bound.take().zip(other.suspect.bound).and_then(|(one, two)| both(one, two));
        if suspect.bound.is_none() {
            self.remedy = self.remedy.take().or(other.remedy);
        }
        self.say_anew();
    }

    /// What the same calls make grow as well.
    fn add_in_step(&mut self, other: Self) {
        self.add_bytes(&other);
        self.facts.in_step.extend(other.facts.holder.name);
        self.say_anew();
    }

    /// The sentence, after what it tells has changed.
    fn say_anew(&mut self) {
        let suspect = &mut self.suspect;
        suspect.sentence = wording::suspect(
            &self.facts,
            &suspect.growth,
            suspect.bound.as_ref(),
            self.remedy.as_ref(),
            suspect.known.as_ref(),
        );
    }

    fn add_bytes(&mut self, other: &Self) {
        self.suspect.share = (self.suspect.share + other.suspect.share).min(1.0);
        let (sum, more) = (&mut self.suspect.growth, &other.suspect.growth);
        sum.per_step += more.per_step;
        sum.per_minute = sum.per_minute.map(|sum| sum + more.per_minute.unwrap_or(0));
        for (sum, more) in sum.bytes.iter_mut().zip(&more.bytes) {
            *sum += more;
        }
    }
}

/// The bound of two instances that each have one.
fn both(one: Bound, two: Bound) -> Option<Bound> {
    match (one, two) {
        (
            Bound::Timeout { delay_ms, per_second, each, bytes },
            Bound::Timeout { delay_ms: other_delay, per_second: other_rate, each: other_each, bytes: more },
        ) => Some(Bound::Timeout {
            delay_ms: delay_ms.max(other_delay),
            per_second: per_second.zip(other_rate).map(|(rate, other)| rate + other),
            each: each.max(other_each),
            bytes: bytes.zip(more).map(|(bytes, more)| bytes + more),
        }),
        (
            Bound::Limit { held, limit, location },
            Bound::Limit { held: other_held, limit: other_limit, .. },
        ) => Some(Bound::Limit { held: held + other_held, limit: limit + other_limit, location }),
        _ => None,
    }
}
