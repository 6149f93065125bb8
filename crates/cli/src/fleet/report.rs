//! What several hunts found out, as it is reported.

use std::path::Path;
use std::time::Duration;

use leakhunt_diagnosis::{Location, Verdict};
use leakhunt_incident::{Fate, Hunted, MemoryFrom, Outcome};
use leakhunt_report::fleet::{End, Fleet, Leak, Member, html, markdown};
use serde::Deserialize as _;
use serde_json::Value;

use crate::analysis::write_documents;
use crate::failure::Failure;
use crate::human;

/// Writes the reports over all into the fleet's folder.
pub(super) fn write(folder: &Path, fleet: &Fleet) -> Result<(), Failure> {
    write_documents(folder, &[("summary.md", markdown::render(fleet)), ("report.html", html::render(fleet))])
}

/// What is reported of it.
pub(super) fn of(hunted: &Hunted) -> Fleet {
    let took = hunted.ended_at.duration_since(hunted.started_at);
    Fleet {
        name: hunted.fleet.clone(),
        started_at: hunted.started_at,
        took: Duration::try_from(took).unwrap_or_default(),
        verdict: hunted.verdict.and_then(verdict),
        leaks: hunted.leaks.iter().map(|leak| of_leak(leak, &hunted.members)).collect(),
        members: hunted.members.iter().map(|fate| member(fate, &hunted.folder)).collect(),
    }
}

fn of_leak(leak: &leakhunt_incident::Leak, fates: &[Fate]) -> Leak {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let pace = |name: &String| {
        let suspect = fates.iter().find(|fate| fate.name == *name)?.answer.suspects.first()?;
        suspect["growth"]["per_minute"].as_u64()
    };
    let place = Location::deserialize(&leak.location).ok();
    let held_by = text(&leak.holder["variable"]).or_else(|| text(&leak.holder["class"]));
    Leak {
        class: text(&leak.class).unwrap_or_default(),
        place: place.map(|at| format!("{}:{}:{}", at.file, at.line, at.column)),
        holder: held_by,
        sentence: leak.sentence.clone(),
        members: leak.members.iter().map(|name| (name.clone(), pace(name))).collect(),
        only: leak.only.clone().into_iter().collect(),
    }
}

fn member(fate: &Fate, folder: &Path) -> Member {
    let memory = fate.answer.memory.map(|bytes| ("memory".to_owned(), human::bytes(bytes)));
    let of_all = "all processes, by the app's log";
    let from = fate.memory_from.filter(|from| *from == MemoryFrom::Log);
    let from = from.map(|_| ("memory of".to_owned(), of_all.to_owned()));
    let up_for = fate.answer.age_s.map(|seconds| ("up for".to_owned(), human::age(seconds)));
    let session = fate.answer.folder.as_ref().and_then(|session| session.strip_prefix(folder).ok());
    let report = session.map(|session| session.join("report.html"));
    let report = report.filter(|report| folder.join(report).is_file());
    let (answer, end) = (&fate.answer, end(fate));
    let said = match end {
        End::Answered(_) => answer.sentence.as_ref(),
        _ => answer.error.as_ref().or(fate.reason.as_ref()),
    };
    Member {
        name: fate.name.clone(),
        report: report.and_then(|report| Some(report.to_str()?.to_owned())),
        looked: fate.looked,
        facts: memory.into_iter().chain(from).chain(up_for).chain(fate.facts.clone()).collect(),
        end,
        said: said.cloned(),
    }
}

fn end(fate: &Fate) -> End {
    match fate.outcome {
        Outcome::Skipped => End::NotHunted,
        Outcome::Interrupted => End::Interrupted,
        Outcome::Success => fate.answer.verdict.as_deref().and_then(verdict).map_or(End::Done, End::Answered),
        Outcome::Failure | Outcome::Timeout => End::Failed(fate.exit_code),
    }
}

fn verdict(word: &str) -> Option<Verdict> {
    Verdict::deserialize(&Value::from(word)).ok()
}
