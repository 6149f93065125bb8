//! What became of all.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use super::alike::Leak;
use super::fate::{Fate, TRAFFIC};

/// A fleet that was hunted: the document of `--json`, and `fleet.json`.
#[derive(Debug, Serialize)]
pub struct Hunted {
    pub(super) schema_version: u32,
    pub(super) tool_version: &'static str,
    /// The app.
    pub fleet: String,
    /// The folder.
    pub folder: PathBuf,
    /// When the looks began.
    pub started_at: Timestamp,
    /// When the last hunt had ended.
    pub ended_at: Timestamp,
    /// 0 where a hunt gave an answer; else that of the first that failed. 40 of any outranks it.
    pub exit_code: u8,
    /// `leak` where any leaks, `healthy` where all that were hunted are well; nothing where no hunt gave an answer.
    pub verdict: Option<&'static str>,
    /// The leak of the most dynos.
    pub sentence: Option<String>,
    /// Each dyno, in the order of the platform.
    pub members: Vec<Fate>,
    /// What leaks, those of the most dynos first.
    pub leaks: Vec<Leak>,
    /// What is not the same on all: of each fact, which value on which dynos.
    pub differences: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// What the hunts say together.
pub(super) fn verdict(fates: &[Fate]) -> Option<&'static str> {
    let verdicts: Vec<&str> = fates.iter().filter_map(|fate| fate.answer.verdict.as_deref()).collect();
    match verdicts.as_slice() {
        [] => None,
        some if some.contains(&"leak") => Some("leak"),
        all if all.iter().all(|verdict| *verdict == "healthy") => Some("healthy"),
        _ => Some("inconclusive"),
    }
}

/// The facts that are not the same on all.
pub(super) fn differences(fates: &[Fate]) -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    let mut facts: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for fate in fates {
        for (name, value) in &fate.facts {
            facts.entry(name.clone()).or_default().entry(value.clone()).or_default().push(fate.name.clone());
        }
    }
    let traffic: Vec<u64> = fates.iter().filter_map(|fate| fate.requests_per_minute).collect();
    facts.retain(|name, values| if name == TRAFFIC { far_apart(&traffic) } else { values.len() > 1 });
    facts
}

/// Whether one is at least 1.5 times another.
fn far_apart(numbers: &[u64]) -> bool {
    let (least, most) = (numbers.iter().min(), numbers.iter().max());
    least.zip(most).is_some_and(|(least, most)| most > least && most * 2 >= least * 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child::Outcome;

    #[test]
    fn traffic_differs_only_where_one_has_half_as_much_again() {
        #[track_caller]
        fn check(requests: &[u64], told: bool) {
            let fate = |requests: &u64| Fate {
                requests_per_minute: Some(*requests),
                facts: [(TRAFFIC.to_owned(), format!("{requests} requests/min"))].into(),
                ..Fate::new("web.1", Outcome::Success)
            };
            let fates: Vec<Fate> = requests.iter().map(fate).collect();
            assert_eq!(differences(&fates).contains_key(TRAFFIC), told, "{requests:?}");
        }
        check(&[100, 149, 120], false);
        check(&[100, 150, 120], true);
        check(&[0, 1], true);
        check(&[0, 0], false);
        check(&[], false);
    }
}
