//! A recorded program of `tests/leaks` judged, and the judgement compared with the truth beside the program.

pub(crate) mod recording;
mod unpack;

use std::fs;
use std::path::Path;

use leakhunt_diagnosis::{Findings, Location, Series, Suspect, Verdict, is_certain};
use serde_json::Value;

use recording::Recording;

/// What a table row says of one program.
pub(crate) struct Row {
    pub(crate) verdict: Verdict,
    pub(crate) expected: String,
    /// The place of the true suspect among the suspects, from 1.
    pub(crate) rank: Option<usize>,
    pub(crate) line_right: bool,
    pub(crate) holder_right: bool,
    /// What the sentence should name and does not.
    pub(crate) unsaid: Vec<String>,
    /// How many are said to leak: what is bounded is not.
    pub(crate) suspects: usize,
    pub(crate) findings: Findings,
}

impl Row {
    /// The true suspect first, its line and holder right; or the right verdict without suspects.
    pub(crate) fn is_right(&self) -> bool {
        let verdict = serde_json::to_value(self.verdict).expect("a verdict is a word");
        if verdict.as_str() != Some(self.expected.as_str()) || !self.unsaid.is_empty() {
            return false;
        }
        match self.verdict {
            Verdict::Leak => self.rank == Some(1) && self.line_right && self.holder_right,
            _ => self.suspects == 0,
        }
    }
}

/// Judges the recording of the program in `program`.
pub(crate) fn judge(program: &Path, recording: &Recording) -> Row {
    let truth: Value = read_json(&program.join("truth.json"));
    let findings = recording.diagnose();
    let seen = Seen { program, recording };
    let suspect = &truth["suspect"];
    let rank = findings.suspects.iter().position(|found| is_true(found, suspect));
    let found = rank.map(|at| &findings.suspects[at]);
    let said = found.map_or(findings.sentence.as_str(), |found| found.sentence.as_str()).to_lowercase();
    let says = if suspect.is_object() { &suspect["says"] } else { &truth["says"] };
    Row {
        verdict: findings.verdict,
        expected: truth["verdict"].as_str().expect("a verdict").to_owned(),
        rank: rank.map(|at| at + 1),
        line_right: found.is_some_and(|found| {
            let place = found.original_location.as_ref().or(found.location.as_ref());
            place.is_some_and(|place| seen.is_at(place, suspect, "at"))
        }),
        holder_right: found.is_some_and(|found| seen.holder_right(found, suspect)),
        unsaid: strings(says).into_iter().filter(|word| !said.contains(&word.to_lowercase())).collect(),
        suspects: findings.suspects.iter().filter(|suspect| suspect.bound.is_none()).count(),
        findings,
    }
}

/// The number of snapshots with which a hunt would have ended, if that is fewer than there are, and whether it was right to: it
/// is a leak, and the true suspect leads.
pub(crate) fn certain(program: &Path, recording: &Recording) -> Option<(usize, bool)> {
    let truth: Value = read_json(&program.join("truth.json"));
    let mut series = Series::going_on();
    let mut before: Option<Findings> = None;
    for count in 3..recording.snapshots.len() {
        let now = recording.judge(&mut series, count);
        if is_certain(before.as_ref(), &now) {
            let leads = now.suspects.first().is_some_and(|leads| is_true(leads, &truth["suspect"]));
            return Some((count, truth["verdict"] == "leak" && leads));
        }
        before = Some(now);
    }
    None
}

/// A suspect is the true one when its kind and class are among the true ones.
pub(crate) fn is_true(found: &Suspect, truth: &Value) -> bool {
    let kind = serde_json::to_value(found.kind).expect("a kind is a word");
    let kind_right = strings(&truth["kind"]).iter().any(|known| Some(known.as_str()) == kind.as_str());
    let class_right = strings(&truth["class"]).contains(&found.class);
    let place = found.original_location.as_ref().or(found.location.as_ref());
    kind_right && class_right && place.is_none_or(|place| is_in(place, truth))
}

fn is_in(place: &Location, truth: &Value) -> bool {
    place.file.ends_with(truth["file"].as_str().unwrap_or_default())
}

/// A program and what was recorded of it.
struct Seen<'a> {
    program: &'a Path,
    recording: &'a Recording,
}

impl Seen<'_> {
    fn holder_right(&self, found: &Suspect, truth: &Value) -> bool {
        let is = |wanted: &Value, found: Option<&str>| wanted.is_null() || wanted.as_str() == found;
        let Some(holder) = &found.holder else { return truth["holder"].is_null() };
        let class = if holder.class.starts_with('{') { "Object" } else { holder.class.as_str() };
        let placed = truth["holder_at"].is_null()
            || holder.location.as_ref().is_some_and(|place| self.is_at(place, truth, "holder_at"));
        is(&truth["holder"], Some(class)) && is(&truth["variable"], holder.variable.as_deref()) && placed
    }

    /// Whether the line of a place holds one of the snippets by which the truth names lines.
    fn is_at(&self, place: &Location, truth: &Value, field: &str) -> bool {
        let text = self.recording.text(&place.file);
        let Some(text) = text.or_else(|| fs::read_to_string(self.program.join(&place.file)).ok()) else {
            return false;
        };
        let line = text.lines().nth(place.line as usize - 1).unwrap_or_default();
        is_in(place, truth) && strings(&truth[field]).iter().any(|snippet| line.contains(snippet.as_str()))
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(crate) fn read_json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
