//! The profiles among the evidence: what each kind says, and whom it saw call whom.

use std::path::PathBuf;

use leakhunt_diagnosis::{
    Allocation, BadProfile, CallTree, CallTrees, Cpu, EventLoop, Evidence, LoadedPackage, Stacks,
    allocated_between, allocations, cpu, grown_allocations, timeline,
};
use leakhunt_report::Session;

use super::input::{Given, Input};
use super::sources::Sources;
use crate::exit;
use crate::failure::Failure;

/// No profile is larger.
const LARGEST_PROFILE: u64 = 256 << 20;

/// What says of a file that is none what it should be.
const SAMPLING: &str = "a sampling profile is a `.heapprofile` file, as Chrome DevTools saves it";
const CPU: &str = "a CPU profile is a `.cpuprofile` file, as Chrome DevTools and `node --cpu-prof` save it";

/// What profiles say.
pub(super) struct Profiles {
    /// Of a sampling profile, or of a timeline.
    pub(super) allocations: Option<Vec<Allocation>>,
    pub(super) cpu: Option<Cpu>,
    /// Of the sampling profile between snapshots.
    pub(super) stacks: Option<Stacks>,
    pub(super) calls: CallTrees,
}

impl Profiles {
    pub(super) fn read(
        input: &Input,
        evidence: &Evidence<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Failure> {
        let stacks = input.between.as_ref().and_then(|given| stacks_of(given, warnings));
        let sampled = match in_two_cuts(input, evidence) {
            None => last_of(&input.profiles, SAMPLING, |text| allocations(text, evidence), warnings)?,
            grown => grown,
        };
        let tracked = || input.timelines.last().and_then(|given| timeline_of(given, evidence, warnings));
        let (allocations, heap) = sampled.or_else(tracked).unzip();
        let (cpu, time) = last_of(&input.cpu_profiles, CPU, |text| cpu(text, evidence), warnings)?.unzip();
        let event_loop = input.session.as_ref().and_then(event_loop);
        let heap = heap.or_else(|| stacks.as_ref().map(|stacks| allocated_between(stacks, evidence)));
        Ok(Self {
            allocations,
            cpu: cpu.map(|cpu| Cpu { event_loop, ..cpu }),
            stacks,
            calls: CallTrees { heap, cpu: time },
        })
    }
}

/// Whom the profiles of a folder saw call whom, where its findings are known already.
pub(super) fn calls_of(
    input: &Input,
    sources: &[PathBuf],
    warnings: &mut Vec<String>,
) -> Result<CallTrees, Failure> {
    let sources = Sources::below(sources, &input.fetched)?;
    let packages = input.session.as_ref().map_or_else(Vec::new, packages);
    let resolve = |name: &str| sources.text(name);
    let evidence = Evidence { packages: &packages, ..Evidence::of_sources(&resolve) };
    Ok(Profiles::read(input, &evidence, warnings)?.calls)
}

/// What the last two sampling profiles tell, if they are cuts of one run of the profiler. Where one cannot be read, the last is
/// judged alone.
fn in_two_cuts(input: &Input, evidence: &Evidence<'_>) -> Option<(Vec<Allocation>, CallTree)> {
    let [first, second] = input.profiles.last_chunk()?;
    let told = input.session.as_ref().map(|session| session.are_of_one_run(first.name(), second.name()));
    let (first, second) = (text_of(first).ok()?, text_of(second).ok()?);
    grown_allocations(&first, &second, told.unwrap_or_default(), evidence).ok()?
}

/// What the last profile of a kind tells: two profiles of different spans cannot be added up.
fn last_of<T>(
    profiles: &[Given],
    kind: &'static str,
    read: impl Fn(&str) -> Result<T, BadProfile>,
    warnings: &mut Vec<String>,
) -> Result<Option<T>, Failure> {
    let Some((last, others)) = profiles.split_last() else { return Ok(None) };
    warnings.extend(
        others
            .iter()
            .map(|other| format!("left out: {}: only the last profile is judged", other.path.display())),
    );
    let unreadable =
        |why: String| Failure::new(exit::UNREADABLE, format!("{}: {why}", last.path.display())).hint(kind);
    let text = text_of(last).map_err(unreadable)?;
    read(&text).map(Some).map_err(|error| unreadable(error.to_string()))
}

fn text_of(given: &Given) -> Result<String, String> {
    let bytes = given.read(LARGEST_PROFILE).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it cannot be read as text".to_owned())
}

/// The stacks of a timeline, which as a snapshot is worth as much without. A file that cannot be read is not reported here: it is
/// as a snapshot.
fn timeline_of(
    given: &Given,
    evidence: &Evidence<'_>,
    warnings: &mut Vec<String>,
) -> Option<(Vec<Allocation>, CallTree)> {
    let file = given.open().ok()?;
    let read = timeline(file.bytes(), evidence);
    file.check().ok()?;
    read.map_err(|why| {
        warnings.push(format!("{} has no stacks that can be used: {why}", given.path.display()));
    })
    .ok()
}

/// The allocation profile between the snapshots: an answer is worth as much without.
fn stacks_of(given: &Given, warnings: &mut Vec<String>) -> Option<Stacks> {
    let stacks = text_of(given).and_then(|text| Stacks::parse(&text).map_err(|error| error.to_string()));
    stacks.map_err(|why| warnings.push(format!("{} is not used: {why}", given.path.display()))).ok()
}

/// What the hunt saw of the event loop while it took the CPU profile.
fn event_loop(session: &Session) -> Option<EventLoop> {
    let seen = session.profiles.iter().rev().find_map(|profile| profile.event_loop)?;
    let leakhunt_report::EventLoop { mean_delay_ms, p99_delay_ms, max_delay_ms, utilization } = seen;
    Some(EventLoop { mean_delay_ms, p99_delay_ms, max_delay_ms, utilization })
}

/// The versions that the hunt has read.
pub(super) fn packages(session: &Session) -> Vec<LoadedPackage> {
    let loaded = session.packages.iter().map(|package| LoadedPackage {
        name: package.name.clone(),
        version: package.version.clone(),
        folder: package.folder.clone(),
    });
    loaded.collect()
}
