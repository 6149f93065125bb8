//! From snapshot files to findings: what `leakhunt analyze` does, and every hunt at its end.
//!
//! A file that cannot be read is left out with a warning, as long as another can. Which snapshots may be compared, and in
//! what order they were taken, the diagnosis finds out from their object ids.

use std::path::PathBuf;

use leakhunt_diagnosis::{
    CallTrees, Evidence, Findings, Memory, ReadNumbers, Series, judge_without_snapshots,
};
use leakhunt_heap::{Beforehand, compare, id_space};
use leakhunt_report::{Compared, Report, Session, Taken, html};

use super::input::{Input, Opened, left_out, open};
use super::profiles::{Profiles, packages};
use super::readings::{age_ms, at_observations, at_snapshots, worker};
use super::sources::Sources;
use crate::failure::Failure;
use crate::files;

/// A page compares each snapshot with each other up to so many of them, and up to so many bytes, all of which are read.
const MOST_COMPARED: usize = 8;
const MOST_COMPARED_BYTES: usize = 2 << 30;

/// What the one who asks wants of an analysis.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wishes<'w> {
    /// Where the program's files and source maps may be read.
    pub(crate) sources: &'w [PathBuf],
    /// Where they may be read as well, if they are there.
    pub(crate) own_sources: &'w [PathBuf],
    /// Strings of the program may be quoted.
    pub(crate) show_strings: bool,
}

/// The answer, and what it was found in.
pub(crate) struct Analysis {
    pub(crate) findings: Findings,
    pub(super) session: Option<Session>,
    /// What could be read, in the order given.
    pub(super) opened: Vec<Opened>,
    /// Whom the profiles saw call whom.
    pub(super) calls: CallTrees,
}

impl Analysis {
    pub(crate) fn report(&self) -> Report<'_> {
        Report { findings: &self.findings, session: self.session.as_ref() }
    }

    /// `report.html`.
    pub(crate) fn page(&self) -> String {
        html::render(&self.report(), &compared(&self.opened, self.session.as_ref()), &self.calls.shown())
    }
}

/// Judges what can be judged; an error only if nothing can be read. `series` is what is left of the first snapshots from an earlier
/// time.
pub(crate) fn analyse(
    mut input: Input,
    wishes: Wishes<'_>,
    series: &mut Series,
) -> Result<Analysis, Failure> {
    let mut warnings = std::mem::take(&mut input.warnings);
    let sources = Sources::below(wishes.sources, &[&input.fetched, wishes.own_sources].concat())?;
    let packages = input.session.as_ref().map_or_else(Vec::new, packages);
    let numbers = input.session.as_ref().map_or_else(Vec::new, numbers);
    let resolve = |name: &str| sources.text(name);
    let of_profiles = Evidence { packages: &packages, ..Evidence::of_sources(&resolve) };
    let Profiles { allocations, cpu, stacks, calls } = Profiles::read(&input, &of_profiles, &mut warnings)?;
    if input.files.is_empty() {
        let observed = input.session.as_ref().map_or_else(Memory::default, at_observations);
        let worker = input.session.as_ref().and_then(worker);
        let findings = Findings { warnings, ..judge_without_snapshots(observed, allocations, cpu, worker) };
        return Ok(Analysis { findings, session: input.session, opened: Vec::new(), calls });
    }
    let mut opened = open(&input.files, &mut warnings)?;
    loop {
        let session = input.session.as_ref();
        let evidence = Evidence {
            memory: session
                .map_or_else(Memory::default, |session| at_snapshots(session, &taken_of(session, &opened))),
            worker: session.and_then(worker),
            observed: session.map_or_else(Memory::default, at_observations),
            age_ms: session.and_then(age_ms),
            sources: &resolve,
            id_spaces: &session.map_or_else(Vec::new, |session| id_spaces(session, &opened)),
            packages: &packages,
            numbers: &numbers,
            node_version: session.and_then(|session| Some(session.process.as_ref()?.node_version.as_str())),
            stacks: stacks.as_ref(),
            show_strings: wishes.show_strings,
        };
        let load = |at: usize| opened[at].file.snapshot(2).map_err(|error| (at, error));
        let judged = series.judge(opened.len(), load, &evidence).and_then(|findings| {
            let cut = opened.iter().enumerate().find_map(|(at, one)| Some((at, one.file.check().err()?)));
            cut.map_or(Ok(findings), Err)
        });
        match judged {
            Ok(mut findings) => {
                warnings.append(&mut findings.warnings);
                warnings.extend(sources.warnings());
                findings.warnings = warnings;
                findings.allocations = allocations.unwrap_or_default();
                findings.cpu = cpu;
                return Ok(Analysis { findings, session: input.session, opened, calls });
            }
            Err((at, error)) => {
                series.forget(at);
                let failure = files::failure(&opened.remove(at).path, error);
                warnings.push(left_out(&failure));
                if opened.is_empty() {
                    return Err(failure);
                }
            }
        }
    }
}

/// The numbers that the process has told.
fn numbers(session: &Session) -> Vec<ReadNumbers> {
    let told = session.numbers.iter();
    told.map(|numbers| ReadNumbers { object: numbers.object, fields: numbers.fields.clone() }).collect()
}

fn taken<'s>(session: &'s Session, snapshot: &Opened) -> Option<&'s Taken> {
    let name = snapshot.name();
    session.snapshots.iter().find(|taken| taken.file == name)
}

/// What the hunt tells of each snapshot, if it tells of all.
fn taken_of<'s>(session: &'s Session, opened: &[Opened]) -> Vec<&'s Taken> {
    let all: Option<Vec<&Taken>> = opened.iter().map(|snapshot| taken(session, snapshot)).collect();
    all.unwrap_or_default()
}

/// What the hunt saw of object ids, if it tells that of all.
fn id_spaces(session: &Session, opened: &[Opened]) -> Vec<u32> {
    let spaces = opened.iter().map(|snapshot| taken(session, snapshot).map(|taken| taken.id_space));
    spaces.collect::<Option<_>>().unwrap_or_default()
}

/// Every pair of snapshots that may be compared object by object: of many, or of large ones, those of a few.
fn compared(opened: &[Opened], session: Option<&Session>) -> Vec<Compared> {
    let seen = |snapshot| taken(session?, snapshot).map(|taken| taken.id_space);
    // One that cannot be read has been warned of, and is missing here.
    let censuses: Vec<_> = spread(opened)
        .into_iter()
        .filter_map(|snapshot| Some((snapshot.name(), seen(snapshot), snapshot.file.census().ok()?)))
        .collect();
    let mut compared = Vec::new();
    for (at, (base, space, before)) in censuses.iter().enumerate() {
        for (target, other, after) in &censuses[at + 1..] {
            // What the hunt saw of their object ids, if it saw both.
            let beforehand = match space.zip(*other) {
                None => Beforehand::Nothing,
                Some((one, other)) if one == other => Beforehand::One,
                Some(_) => continue,
            };
            if id_space(before, after).is_one(beforehand) {
                compared.push(Compared::new(base.clone(), target.clone(), &compare(before, after)));
            }
        }
    }
    compared
}

/// As many snapshots as a page compares with each other: evenly spread, the first and the last among them.
fn spread(opened: &[Opened]) -> Vec<&Opened> {
    let largest = opened.iter().map(|snapshot| snapshot.file.bytes().len()).max().unwrap_or(0).max(1);
    let most = (MOST_COMPARED_BYTES / largest).clamp(2, MOST_COMPARED);
    if opened.len() <= most {
        return opened.iter().collect();
    }
    (0..most).map(|at| &opened[at * (opened.len() - 1) / (most - 1)]).collect()
}
