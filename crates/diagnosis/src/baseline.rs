//! Before and after a fix: which suspects of an earlier analysis are gone, grow slower, or are new.
//!
//! The two analyses are of two processes, so nothing is compared by id: suspects are paired by what a person would go by,
//! which is the kind and name of the holder, the file, the function and the class. Lines move when code is mended and do
//! not count. Pace is compared a minute where both times are known, since a hunt takes its steps by growth.

use serde::{Deserialize, Serialize};

use crate::findings::{Findings, Kind, Location, Suspect, Verdict};
use crate::wording::{short, size};

/// Two suspects that have less in common are two things.
const ALIKE: i32 = 5;
/// A pace that changed by less is the same: traffic is never the same twice.
const SAME_PACE: std::ops::Range<f64> = 0.75..1.33;

/// What has changed since an earlier analysis.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Baseline {
    /// The earlier verdict.
    pub verdict: Verdict,
    /// The change in one sentence.
    pub sentence: String,
    /// Each suspect of either analysis: those of now by rank, then those that are gone.
    pub changes: Vec<Change>,
}

/// What became of one suspect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// What became of it.
    pub state: State,
    /// What it is, in a few words.
    pub what: String,
    /// Its place among the suspects of now.
    pub rank: Option<usize>,
    /// How it grew in the earlier analysis.
    pub before: Option<Pace>,
    /// How it grows now.
    pub after: Option<Pace>,
}

/// What became of a suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It no longer grows.
    Gone,
    /// It is not among the suspects of now, which may be for want of evidence.
    NotSeen,
    /// It grows slower than before.
    Slower,
    /// It grows as before.
    Same,
    /// It grows faster than before.
    Faster,
    /// It was not there before.
    New,
}

/// How fast something grows, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// From one snapshot to the next.
    pub per_step: u64,
    /// In a minute, where the times are known.
    pub per_minute: Option<u64>,
}

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
        let sentence = sentence(before.verdict, self.verdict, &changes);
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
            what: after.or(before).map(what).unwrap_or_default(),
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
    let (here, there) = (place(one), place(other));
    let file = |at: Option<&Location>| at.map(|at| short(&at.file));
    let function = |at: Option<&Location>| at.and_then(|at| at.function.clone());
    variable
        + same(one.kind == other.kind, 1)
        + same(a.map(|a| &a.class) == b.map(|b| &b.class), 1)
        + same(one.class == other.class, 2)
        + same(here.is_some() && file(here) == file(there), 2)
        + same(function(here).is_some() && function(here) == function(there), 1)
}

fn place(suspect: &Suspect) -> Option<&Location> {
    suspect.original_location.as_ref().or(suspect.location.as_ref())
}

/// `Map responseCache, cache.js:5`, `timer with Banner, banner.js:7`.
fn what(suspect: &Suspect) -> String {
    let holder = suspect.holder.as_ref();
    let variable = holder.and_then(|holder| holder.variable.as_ref());
    let mut text = match (suspect.kind, holder, variable) {
        (Kind::Timer, ..) => format!("timer with {}", suspect.class),
        (Kind::Native, ..) => format!("open {}", suspect.class),
        (Kind::Listener, Some(holder), Some(variable)) => format!("listener on {} {variable}", holder.class),
        (_, Some(holder), Some(variable)) => format!("{} {variable}", holder.class),
        (_, Some(holder), None) => format!("{} in {}", suspect.class, holder.class),
        (_, None, _) => suspect.class.clone(),
    };
    if let Some(at) = place(suspect) {
        text.push_str(&format!(", {}:{}", short(&at.file), at.line));
    }
    text
}

fn sentence(before: Verdict, after: Verdict, changes: &[Change]) -> String {
    let with = |wanted: &[State]| -> Vec<&Change> {
        changes.iter().filter(|change| wanted.contains(&change.state)).collect()
    };
    let gone = with(&[State::Gone]);
    let lost = with(&[State::NotSeen]);
    let there = with(&[State::Slower, State::Same, State::Faster]);
    let new = with(&[State::New]);
    if changes.is_empty() {
        return match (before, after) {
            (Verdict::NotHeap, Verdict::NotHeap) => {
                "the growth outside of the JavaScript heap is still there".to_owned()
            }
            (Verdict::NotHeap, Verdict::Healthy) => {
                "the growth outside of the JavaScript heap is gone, given the same traffic".to_owned()
            }
            _ => "neither before nor now is there a suspect".to_owned(),
        };
    }
    let mut parts = Vec::new();
    if !there.is_empty() {
        parts.push(format!("still there: {}", listed(&there)));
    }
    if !new.is_empty() {
        parts.push(format!("new: {}", listed(&new)));
    }
    if !gone.is_empty() {
        parts.push(format!("gone, given the same traffic: {}", listed(&gone)));
    }
    if !lost.is_empty() {
        parts.push(format!(
            "not seen, which proves nothing as the verdict is inconclusive: {}",
            listed(&lost)
        ));
    }
    parts.join("; ")
}

fn listed(changes: &[&Change]) -> String {
    let first: Vec<String> = changes
        .iter()
        .take(3)
        .map(|change| match (change.state, change.before, change.after) {
            (State::Slower | State::Same | State::Faster, Some(before), Some(after)) => {
                let state = match change.state {
                    State::Slower => "slower",
                    State::Faster => "faster",
                    _ => "as before",
                };
                format!("{} ({state}, {})", change.what, from_to(before, after))
            }
            _ => change.what.clone(),
        })
        .collect();
    let more = changes.len() - first.len();
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}

fn from_to(before: Pace, after: Pace) -> String {
    match (before.per_minute, after.per_minute) {
        (Some(before), Some(after)) => format!("{} → {} a minute", size(before), size(after)),
        _ => format!("{} → {} per snapshot", size(before.per_step), size(after.per_step)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Growth, Holder, Memory, SCHEMA_VERSION};

    fn suspect(kind: Kind, variable: Option<&str>, class: &str, file: &str, per_minute: u64) -> Suspect {
        Suspect {
            rank: 1,
            confidence: 1.0,
            class: class.to_owned(),
            key: String::new(),
            kind,
            sentence: String::new(),
            location: Some(Location { file: file.to_owned(), line: 7, column: 1, function: None }),
            original_location: None,
            holder: Some(Holder {
                kind,
                class: if kind == Kind::Map { "Map" } else { "Timeout" }.to_owned(),
                variable: variable.map(str::to_owned),
                location: None,
            }),
            path: Vec::new(),
            strings: Vec::new(),
            growth: Growth {
                counts: Vec::new(),
                bytes: Vec::new(),
                per_step: 1000,
                per_minute: Some(per_minute),
            },
        }
    }

    fn findings(verdict: Verdict, suspects: Vec<Suspect>) -> Findings {
        Findings {
            schema_version: SCHEMA_VERSION,
            verdict,
            sentence: String::new(),
            memory: Memory::default(),
            suspects,
            allocations: Vec::new(),
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
