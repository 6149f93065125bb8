//! Which leaks of several dynos are one: the same holder on the same line.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::fate::{Fate, TRAFFIC};

/// A leak, and where it was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leak {
    /// The class that grows.
    pub class: Value,
    /// The line.
    pub location: Value,
    /// The holder.
    pub holder: Value,
    /// Where it was found.
    pub members: Vec<String>,
    /// What is known to be so on each of these, and on no other that gave an answer.
    pub only: BTreeMap<String, String>,
    /// In a sentence, as of where it was most certain.
    pub sentence: String,
    #[serde(skip)]
    confidence: f64,
}

/// The leaks that lead the findings of some dyno, those of the most dynos first.
pub(super) fn leaks(fates: &[Fate]) -> Vec<Leak> {
    let mut leaks: Vec<Leak> = Vec::new();
    for fate in fates.iter().filter(|fate| fate.answer.verdict.as_deref() == Some("leak")) {
        let Some(first) = fate.answer.suspects.first() else { continue };
        let found = Leak {
            class: first["class"].clone(),
            location: first["location"].clone(),
            holder: first["holder"].clone(),
            members: vec![fate.name.clone()],
            only: BTreeMap::new(),
            sentence: first["sentence"].as_str().unwrap_or_default().to_owned(),
            confidence: first["confidence"].as_f64().unwrap_or_default(),
        };
        match leaks.iter_mut().find(|leak| leak.is(&found)) {
            Some(leak) => {
                leak.members.extend(found.members);
                if found.confidence > leak.confidence {
                    (leak.sentence, leak.confidence) = (found.sentence, found.confidence);
                }
            }
            None => leaks.push(found),
        }
    }
    leaks.sort_by_key(|leak| std::cmp::Reverse(leak.members.len()));
    for leak in &mut leaks {
        leak.only = only(&leak.members, fates);
    }
    leaks
}

/// What all of these have in common, and no other that gave an answer: nothing, where there is no other.
fn only(members: &[String], fates: &[Fate]) -> BTreeMap<String, String> {
    let answered = fates.iter().filter(|fate| fate.answer.verdict.is_some());
    let (here, elsewhere): (Vec<&Fate>, Vec<&Fate>) = answered.partition(|fate| members.contains(&fate.name));
    let Some(first) = here.first().filter(|_| !elsewhere.is_empty()) else { return BTreeMap::new() };
    let is = |fate: &&Fate, name: &String, value: &String| fate.facts.get(name) == Some(value);
    let facts = first.facts.iter().filter(|(name, _)| *name != TRAFFIC).filter(|(name, value)| {
        here.iter().all(|fate| is(fate, name, value)) && !elsewhere.iter().any(|fate| is(fate, name, value))
    });
    facts.map(|(name, value)| (name.clone(), value.clone())).collect()
}

impl Leak {
    /// By file and line, and by the holder's variable and kind; where there is no line, by the class that grows too.
    fn is(&self, other: &Self) -> bool {
        let same = |of: fn(&Self) -> &Value| of(self) == of(other);
        let place = same(|leak| &leak.location["file"]) && same(|leak| &leak.location["line"]);
        let holder = same(|leak| &leak.holder["variable"]) && same(|leak| &leak.holder["kind"]);
        place && holder && (!self.location.is_null() || same(|leak| &leak.class))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::child::{Answer, Outcome};

    fn fate(
        name: &str,
        verdict: &str,
        line: Option<u32>,
        variable: &str,
        class: &str,
        confidence: f64,
    ) -> Fate {
        let location = line.map(|line| json!({ "file": "/app/a.js", "line": line }));
        let suspect = json!({
            "class": class, "location": location, "holder": { "variable": variable, "kind": "map" },
            "sentence": format!("{name}: {class}"), "confidence": confidence,
        });
        let answer =
            Answer { verdict: Some(verdict.to_owned()), suspects: vec![suspect], ..Answer::default() };
        Fate { answer, ..Fate::new(name, Outcome::Success) }
    }

    #[test]
    fn what_is_so_only_where_it_leaks_is_told() {
        let on = |name: &str, verdict: &str, facts: [&str; 3]| {
            let names = ["release", "size", "Node.js"].map(str::to_owned);
            let facts = names.into_iter().zip(facts.map(str::to_owned)).collect();
            Fate { facts, ..fate(name, verdict, Some(7), "cache", "Object", 0.6) }
        };
        let mut fates = vec![
            on("web.1", "leak", ["v42", "Basic", "24"]),
            on("web.2", "leak", ["v42", "Basic", "22"]),
            on("web.3", "healthy", ["v41", "Basic", "20"]),
        ];
        let told = |fates: &[Fate]| leaks(fates).remove(0).only.into_iter().collect::<Vec<_>>();
        assert_eq!(told(&fates), [("release".to_owned(), "v42".to_owned())]);
        // Without another to compare it with it says nothing, and one that was not hunted is none.
        fates[2].answer.verdict = None;
        assert_eq!(told(&fates), []);
    }

    #[test]
    fn the_traffic_of_one_is_its_own_and_says_nothing_of_the_leak() {
        let on = |name: &str, verdict: &str, traffic: &str| {
            let facts = [(TRAFFIC.to_owned(), traffic.to_owned())].into();
            Fate { facts, ..fate(name, verdict, Some(7), "cache", "Object", 0.6) }
        };
        let fates = [on("web.1", "leak", "101 requests/min"), on("web.2", "healthy", "100 requests/min")];
        assert!(leaks(&fates).remove(0).only.is_empty());
    }

    #[test]
    fn the_same_line_and_holder_are_one_leak() {
        let fates = [
            fate("web.1", "leak", Some(7), "cache", "Object", 0.6),
            fate("web.2", "leak", Some(9), "cache", "Object", 0.9),
            fate("web.3", "leak", Some(7), "cache", "Array", 0.8),
            fate("web.4", "healthy", Some(7), "cache", "Object", 0.9),
            fate("web.5", "leak", None, "x", "Object", 0.5),
            fate("web.6", "leak", None, "x", "Array", 0.5),
        ];
        let found: Vec<(Vec<String>, String)> =
            leaks(&fates).into_iter().map(|leak| (leak.members, leak.sentence)).collect();
        let expected = [
            (vec!["web.1", "web.3"], "web.3: Array"),
            (vec!["web.2"], "web.2: Object"),
            (vec!["web.5"], "web.5: Object"),
            (vec!["web.6"], "web.6: Array"),
        ];
        let expected: Vec<(Vec<String>, String)> = expected
            .into_iter()
            .map(|(members, sentence)| {
                (members.into_iter().map(str::to_owned).collect(), sentence.to_owned())
            })
            .collect();
        assert_eq!(found, expected);
    }
}
