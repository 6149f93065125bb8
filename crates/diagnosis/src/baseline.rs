//! Before and after a fix: which suspects of an earlier analysis are gone, grow slower, or are new.
//!
//! The two analyses are of two processes, so nothing is compared by id: suspects are paired by what a person would go by,
//! which is the kind and name of the holder, the file, the function and the class. Lines move when code is mended and do
//! not count. Pace is compared a minute where both times are known, since a hunt takes its steps by growth.

use crate::findings::{Baseline, Change, Findings, Location, Pace, State, Suspect, Verdict};
use crate::wording;

/// Two suspects that have less in common are two things.
const ALIKE: i32 = 5;
/// A pace that changed by less is the same: traffic is never the same twice.
const SAME_PACE: std::ops::Range<f64> = 0.75..1.33;

impl Findings {
    /// Sets an earlier analysis beside this one.
    pub fn compare_with(&mut self, before: &Self) {
        let told = self.verdict != Verdict::Inconclusive;
        let mut open: Vec<Option<&Suspect>> = before.suspects.iter().map(Some).collect();
        let mut changes: Vec<Change> = self
            .suspects
            .iter()
            .map(|suspect| {
                let best = (0..open.len())
                    .filter_map(|at| Some((likeness(open[at]?, suspect), at)))
                    .max_by_key(|&(likeness, at)| (likeness, std::cmp::Reverse(at)))
                    .filter(|(likeness, _)| *likeness >= ALIKE);
                let known = best.and_then(|(_, at)| open[at].take());
                Change::of(known, Some(suspect), told)
            })
            .collect();
        changes.extend(open.into_iter().flatten().map(|gone| Change::of(Some(gone), None, told)));
        let sentence = wording::changes(before.verdict, self.verdict, &changes);
        self.baseline = Some(Baseline { verdict: before.verdict, sentence, changes });
    }
}

impl Change {
    fn of(before: Option<&Suspect>, after: Option<&Suspect>, told: bool) -> Self {
        let pace = |suspect: &Suspect| Pace {
            per_step: suspect.growth.per_step,
            per_minute: suspect.growth.per_minute,
        };
        let (old, new) = (before.map(pace), after.map(pace));
        let state = match (old, new) {
            (Some(old), Some(new)) => match ratio(old, new) {
                ratio if ratio < SAME_PACE.start => State::Slower,
                ratio if ratio >= SAME_PACE.end => State::Faster,
                _ => State::Same,
            },
            (_, None) if told => State::Gone,
            (_, None) => State::NotSeen,
            (None, _) => State::New,
        };
        Self {
            state,
            what: after.or(before).map(wording::suspect_in_short).unwrap_or_default(),
            rank: after.map(|suspect| suspect.rank),
            before: old,
            after: new,
        }
    }
}

fn ratio(before: Pace, after: Pace) -> f64 {
    let (before, after) = match (before.per_minute, after.per_minute) {
        (Some(before), Some(after)) => (before, after),
        _ => (before.per_step, after.per_step),
    };
    after as f64 / before.max(1) as f64
}

/// How much two suspects have in common, in points.
fn likeness(one: &Suspect, other: &Suspect) -> i32 {
    let same = |same: bool, points: i32| if same { points } else { 0 };
    let (a, b) = (one.holder.as_ref(), other.holder.as_ref());
    let variable = match (a.and_then(|a| a.variable.as_ref()), b.and_then(|b| b.variable.as_ref())) {
        (Some(a), Some(b)) if a == b => 4,
        (Some(_), Some(_)) => -4,
        _ => 0,
    };
    let (here, there) = (one.best_location(), other.best_location());
    let file = |at: Option<&Location>| at.map(Location::short_file);
    let function = |at: Option<&Location>| at.and_then(|at| at.function.clone());
    variable
        + same(one.kind == other.kind, 1)
        + same(a.map(|a| &a.class) == b.map(|b| &b.class), 1)
        + same(one.class == other.class, 2)
        + same(here.is_some() && file(here) == file(there), 2)
        + same(function(here).is_some() && function(here) == function(there), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Growth, Holder, Kind, Memory, SCHEMA_VERSION};

    fn suspect(kind: Kind, variable: Option<&str>, class: &str, file: &str, per_minute: u64) -> Suspect {
        Suspect {
            rank: 1,
            confidence: 1.0,
            share: 1.0,
            class: class.to_owned(),
            key: String::new(),
            kind,
            sentence: String::new(),
            location: Some(Location {
                file: file.to_owned(),
                line: 7,
                column: 1,
                function: None,
                from: None,
            }),
            original_location: None,
            package: None,
            known: None,
            holder: Some(Holder {
                kind,
                class: if kind == Kind::Map { "Map" } else { "Timeout" }.to_owned(),
                variable: variable.map(str::to_owned),
                location: None,
            }),
            path: Vec::new(),
            strings: Vec::new(),
            content: None,
            remedy: None,
            growth: Growth {
                counts: Vec::new(),
                bytes: Vec::new(),
                per_step: 1000,
                per_minute: Some(per_minute),
            },
            bound: None,
            unread: Vec::new(),
        }
    }

    fn findings(verdict: Verdict, suspects: Vec<Suspect>) -> Findings {
        Findings {
            schema_version: SCHEMA_VERSION,
            verdict,
            sentence: String::new(),
            worker: None,
            memory: Memory::default(),
            outside: None,
            suspects,
            allocations: Vec::new(),
            cpu: None,
            warnings: Vec::new(),
            baseline: None,
        }
    }

    #[track_caller]
    fn check(before: Vec<Suspect>, after: Vec<Suspect>, verdict: Verdict, expected: &[State]) -> Baseline {
        let mut after = findings(verdict, after);
        after.compare_with(&findings(Verdict::Leak, before));
        let baseline = after.baseline.expect("it was compared");
        let states: Vec<State> = baseline.changes.iter().map(|change| change.state).collect();
        assert_eq!(states, expected, "{}", baseline.sentence);
        baseline
    }

    fn cache(per_minute: u64) -> Suspect {
        suspect(Kind::Map, Some("cache"), "Answer", "/app/cache.js", per_minute)
    }

    fn timer(class: &str) -> Suspect {
        suspect(Kind::Timer, None, class, "/app/banner.js", 100)
    }

    #[test]
    fn what_is_fixed_is_gone_and_the_rest_is_still_there() {
        let told = check(
            vec![cache(900), timer("Banner")],
            vec![timer("Banner")],
            Verdict::Leak,
            &[State::Same, State::Gone],
        );
        assert_eq!(
            told.sentence,
            "still there: timer with Banner, app/banner.js:7 (as before, 100 B → 100 B a minute); gone, given the same \
             traffic: Map cache, app/cache.js:7"
        );
    }

    #[test]
    fn pace_is_compared_a_minute() {
        check(vec![cache(900)], vec![cache(300)], Verdict::Leak, &[State::Slower]);
        check(vec![cache(900)], vec![cache(800)], Verdict::Leak, &[State::Same]);
        check(vec![cache(300)], vec![cache(900)], Verdict::Leak, &[State::Faster]);
    }

    #[test]
    fn another_map_in_the_same_file_is_another_leak() {
        let other = suspect(Kind::Map, Some("queue"), "Answer", "/app/cache.js", 5);
        check(vec![cache(900)], vec![other], Verdict::Leak, &[State::New, State::Gone]);
    }

    #[test]
    fn a_timer_is_known_by_its_file_whatever_is_seen_in_it() {
        check(vec![timer("(string)")], vec![timer("(string)")], Verdict::Leak, &[State::Same]);
    }

    #[test]
    fn nothing_is_gone_where_nothing_can_be_told() {
        check(vec![cache(900)], Vec::new(), Verdict::Inconclusive, &[State::NotSeen]);
        check(vec![cache(900)], Vec::new(), Verdict::Healthy, &[State::Gone]);
    }
}
