//! From snapshot files to findings: what `leakhunt analyze` does, and every hunt at its end.
//!
//! A file that cannot be read is left out with a warning, as long as another can. Which snapshots may be compared, and in
//! what order they were taken, the diagnosis finds out from their object ids.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use leakhunt_files::{self as outside, Root};

use leakhunt_diagnosis::{Allocation, Evidence, Findings, Memory, allocations, diagnose, judge_allocations};
use leakhunt_heap::{SnapshotFile, compare, id_space};
use leakhunt_report::{Compared, Report, Session, Taken, html, json, markdown};

use super::files;
use super::sources::Sources;
use crate::failure::{Failure, exit};

/// Where a hunt with `--fetch-source-maps` keeps what it has fetched, below the session folder.
const FETCHED: &str = "source-maps";

/// What the name of a sampling profile ends with.
const PROFILE: &str = "heapprofile";

/// A page compares each snapshot with each other up to so many of them, and up to so many bytes, all of which are read.
const MOST_COMPARED: usize = 8;
const MOST_COMPARED_BYTES: usize = 2 << 30;

/// No log of a hunt is larger, and no sampling profile.
const LARGEST_LOG: u64 = 32 << 20;
const LARGEST_PROFILE: u64 = 256 << 20;

/// What is to be analysed.
pub(crate) struct Input {
    session: Option<Session>,
    files: Vec<Given>,
    /// Sampling profiles among them.
    profiles: Vec<Given>,
    /// Folders of sources that a hunt has fetched.
    fetched: Vec<PathBuf>,
    /// What is wrong with the folders.
    warnings: Vec<String>,
}

/// A file that a person named, or one that lies in a folder that a person named.
#[derive(Clone)]
pub(super) struct Given {
    path: PathBuf,
    folder: Option<Rc<Root>>,
}

impl Given {
    fn name(&self) -> &Path {
        self.path.file_name().map_or(&self.path, Path::new)
    }

    fn open(&self) -> Result<SnapshotFile, Failure> {
        match &self.folder {
            None => files::open(&self.path),
            Some(folder) => files::open_in(folder, self.name()),
        }
    }

    fn read(&self, most: u64) -> io::Result<Vec<u8>> {
        let file = match &self.folder {
            None => outside::open(&self.path),
            Some(folder) => folder.file(self.name()),
        };
        outside::read(&file?, most)
    }
}

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
}

impl Analysis {
    pub(crate) fn report(&self) -> Report<'_> {
        Report { findings: &self.findings, session: self.session.as_ref() }
    }

    /// `report.html`.
    pub(crate) fn page(&self) -> String {
        html::render(&self.report(), &compared(&self.opened))
    }
}

impl Input {
    /// Session folders stand for their snapshots, files for themselves.
    pub(crate) fn of(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut input = Self {
            session: None,
            files: Vec::new(),
            profiles: Vec::new(),
            fetched: Vec::new(),
            warnings: Vec::new(),
        };
        for path in paths {
            if !path.is_dir() {
                let kind = if has_extension(path, PROFILE) { &mut input.profiles } else { &mut input.files };
                kind.push(Given { path: path.clone(), folder: None });
                continue;
            }
            let (session, warnings) = session_in(path);
            let snapshots = evidence_in(path, "heapsnapshot")?;
            let profiles = evidence_in(path, PROFILE)?;
            if snapshots.is_empty() && profiles.is_empty() {
                let gone = session.map_or(0, |session| session.snapshots.len() + session.profiles.len());
                let deleted = if gone == 0 {
                    String::new()
                } else {
                    format!(": the {gone} of its session.json are gone")
                };
                return Err(Failure::new(
                    exit::UNREADABLE,
                    format!("{}: no heap snapshot or profile in here{deleted}", path.display()),
                )
                .hint("give the folder of a hunt, or the .heapsnapshot files themselves, oldest first"));
            }
            input.files.extend(snapshots);
            input.profiles.extend(profiles);
            input.fetched.push(path.join(FETCHED));
            input.warnings.extend(warnings);
            input.warnings.extend(session.as_ref().and_then(|session| gone(session, path)));
            // Readings of two hunts are no one series.
            input.session = session.filter(|_| paths.len() == 1);
        }
        Ok(input)
    }
}

/// What the hunt has kept and the folder has no longer.
pub(super) fn gone(session: &Session, folder: &Path) -> Option<String> {
    let kept = session.snapshots.iter().map(|taken| &taken.file);
    let kept = kept.chain(session.profiles.iter().map(|profile| &profile.file));
    let gone: Vec<&str> = kept
        .filter(|file| folder.join(file.as_str()).symlink_metadata().is_err())
        .map(String::as_str)
        .collect();
    (!gone.is_empty()).then(|| {
        let files = gone.iter().take(6).copied().collect::<Vec<_>>().join(", ");
        let more = if gone.len() > 6 { format!(" and {} more", gone.len() - 6) } else { String::new() };
        format!("session.json knows of {files}{more}, which the folder has no longer")
    })
}

/// Judges what can be judged; an error only if nothing can be read.
pub(crate) fn analyse(mut input: Input, wishes: Wishes<'_>) -> Result<Analysis, Failure> {
    let mut warnings = std::mem::take(&mut input.warnings);
    let allocations = allocations_of(&input, &mut warnings)?;
    if input.files.is_empty() {
        let findings = Findings { warnings, ..judge_allocations(allocations) };
        return Ok(Analysis { findings, session: input.session, opened: Vec::new() });
    }
    let mut opened = open(&input.files, &mut warnings)?;
    let sources = Sources::below(wishes.sources, &[&input.fetched, wishes.own_sources].concat())?;
    loop {
        let session = input.session.as_ref();
        let evidence = Evidence {
            memory: session.map_or_else(Memory::default, |session| memory(session, &opened)),
            sources: &|name| sources.text(name),
            id_spaces: &session.map_or_else(Vec::new, |session| id_spaces(session, &opened)),
            show_strings: wishes.show_strings,
        };
        // Of several, two are read at the same time.
        let threads = if opened.len() == 1 { 2 } else { 1 };
        let load = |at: usize| opened[at].file.snapshot(threads).map_err(|error| (at, error));
        let judged = diagnose(opened.len(), load, &evidence).and_then(|findings| {
            let cut = opened.iter().enumerate().find_map(|(at, one)| Some((at, one.file.check().err()?)));
            cut.map_or(Ok(findings), Err)
        });
        match judged {
            Ok(mut findings) => {
                warnings.append(&mut findings.warnings);
                warnings.extend(sources.warnings());
                findings.warnings = warnings;
                findings.allocations = allocations;
                return Ok(Analysis { findings, session: input.session, opened });
            }
            Err((at, error)) => {
                let failure = files::failure(&opened.remove(at).path, error);
                warnings.push(left_out(&failure));
                if opened.is_empty() {
                    return Err(failure);
                }
            }
        }
    }
}

/// The places that the last sampling profile tells of: two profiles of different spans cannot be added up.
fn allocations_of(input: &Input, warnings: &mut Vec<String>) -> Result<Vec<Allocation>, Failure> {
    let Some((last, others)) = input.profiles.split_last() else { return Ok(Vec::new()) };
    warnings.extend(
        others
            .iter()
            .map(|other| format!("left out: {}: only the last profile is judged", other.path.display())),
    );
    let unreadable = |why: String| {
        Failure::new(exit::UNREADABLE, format!("{}: {why}", last.path.display()))
            .hint("a sampling profile is a `.heapprofile` file, as Chrome DevTools saves it")
    };
    let bytes = last.read(LARGEST_PROFILE).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it cannot be read as text".to_owned()))?;
    allocations(&text).map_err(|error| unreadable(error.to_string()))
}

/// A snapshot file that is there.
pub(super) struct Opened {
    path: PathBuf,
    file: SnapshotFile,
}

impl Opened {
    fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }
}

pub(super) fn open(files: &[Given], warnings: &mut Vec<String>) -> Result<Vec<Opened>, Failure> {
    let mut opened: Vec<Opened> = Vec::new();
    for (at, given) in files.iter().enumerate() {
        let path = &given.path;
        if opened.iter().any(|other| is_same_file(&other.path, path)) {
            warnings.push(format!("{} was given twice and is judged once", path.display()));
            continue;
        }
        match given.open() {
            Ok(file) => opened.push(Opened { path: path.clone(), file }),
            Err(failure) if opened.is_empty() && at + 1 == files.len() => return Err(failure),
            Err(failure) => warnings.push(left_out(&failure)),
        }
    }
    Ok(opened)
}

fn left_out(failure: &Failure) -> String {
    format!("left out: {}", failure.message())
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn taken<'s>(session: &'s Session, snapshot: &Opened) -> Option<&'s Taken> {
    let name = snapshot.name();
    session.snapshots.iter().find(|taken| taken.file == name)
}

/// What the hunt saw of object ids, if it tells that of all.
fn id_spaces(session: &Session, opened: &[Opened]) -> Vec<u32> {
    let spaces = opened.iter().map(|snapshot| taken(session, snapshot).map(|taken| taken.id_space));
    spaces.collect::<Option<_>>().unwrap_or_default()
}

/// Every pair of snapshots that may be compared object by object: of many, or of large ones, those of a few.
fn compared(opened: &[Opened]) -> Vec<Compared> {
    // One that cannot be read has been warned of, and is missing here.
    let censuses: Vec<_> = spread(opened)
        .into_iter()
        .filter_map(|snapshot| Some((snapshot.name(), snapshot.file.census().ok()?)))
        .collect();
    let mut compared = Vec::new();
    for (at, (base, before)) in censuses.iter().enumerate() {
        for (target, after) in &censuses[at + 1..] {
            if id_space(before, after).is_same() {
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

/// The readings that belong to the snapshots: of each the last one, after a garbage collection, before it.
fn memory(session: &Session, opened: &[Opened]) -> Memory {
    let mut memory = Memory::default();
    let mut first = None;
    // None where the clock was set back meanwhile: then no time is known.
    let mut at_ms: Vec<Option<u64>> = Vec::new();
    let mut left = Some(0);
    for snapshot in opened {
        let Some(taken) = taken(session, snapshot) else { return Memory::default() };
        let at = taken.taken_at;
        let before = session.readings.iter().rfind(|reading| reading.collected && reading.at <= at);
        let Some(reading) = before else { return Memory::default() };
        let since = at.duration_since(*first.get_or_insert(at));
        at_ms.push(u64::try_from(since.as_millis()).ok());
        memory.used.push(reading.heap_used);
        memory.external.push(reading.external);
        memory.rss.push(reading.rss);
        memory.left.extend(left);
        let more = taken.rss_after.map(|after| after.saturating_sub(taken.rss));
        left = left.zip(more).map(|(left, more)| left.saturating_add(more));
    }
    memory.at_ms = at_ms.into_iter().collect::<Option<_>>().unwrap_or_default();
    memory
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension == wanted)
}

/// The whole snapshots of a folder.
pub(super) fn snapshots_in(folder: &Path) -> Result<Vec<Given>, Failure> {
    evidence_in(folder, "heapsnapshot")
}

/// The whole files of a kind in a folder: 2 before 10.
fn evidence_in(folder: &Path, kind: &str) -> Result<Vec<Given>, Failure> {
    let unreadable =
        |error| Failure::new(exit::UNREADABLE, format!("failed to read {}: {error}", folder.display()));
    let mut snapshots = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if has_extension(&path, kind) {
            snapshots.push(path);
        }
    }
    snapshots.sort_by_cached_key(|path| natural(&path.file_name().unwrap_or_default().to_string_lossy()));
    let root = Rc::new(Root::open(folder).map_err(unreadable)?);
    Ok(snapshots.into_iter().map(|path| Given { path, folder: Some(root.clone()) }).collect())
}

/// A key by which numbers within names sort by their value.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts = vec![(0_u64, String::new())];
    let mut in_number = false;
    for c in name.chars() {
        match (c.to_digit(10), parts.last_mut()) {
            (Some(digit), Some((number, _))) if in_number => {
                *number = number.saturating_mul(10).saturating_add(digit.into());
            }
            (Some(digit), _) => parts.push((digit.into(), String::new())),
            (None, Some((_, text))) => text.push(c),
            (None, None) => {}
        }
        in_number = c.is_ascii_digit();
    }
    parts
}

/// The hunt that a folder tells of, and what is wrong with what it tells.
pub(super) fn session_in(folder: &Path) -> (Option<Session>, Vec<String>) {
    let read = |name: &str| {
        let file = Root::open(folder).and_then(|root| root.file(Path::new(name)));
        match file.and_then(|file| outside::read(&file, LARGEST_LOG)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{} was not read: {error}", folder.join(name).display())),
        }
    };
    let mut warnings = Vec::new();
    let mut told = |name: &str| {
        read(name).unwrap_or_else(|warning| {
            warnings.push(warning);
            None
        })
    };
    // Without it the folder is one of loose snapshots.
    let Some(session) = told("session.json") else { return (None, warnings) };
    let events = told("events.ndjson").unwrap_or_default();
    let session = Session::parse(&session, &String::from_utf8_lossy(&events));
    if session.is_none() {
        warnings.push(format!(
            "{} is damaged, or of another version: what the hunt has measured beside the snapshots is not used",
            folder.join("session.json").display()
        ));
    }
    (session, warnings)
}

/// Writes the reports into a session folder, each whole or not at all.
pub(crate) fn write_reports(folder: &Path, analysis: &Analysis) -> Result<(), Failure> {
    let report = analysis.report();
    let documents = [
        ("findings.json", json::render(report.findings)),
        ("summary.md", markdown::render(&report)),
        ("report.html", analysis.page()),
    ];
    for (name, text) in documents {
        write_private(&folder.join(name), &text)
            .map_err(|error| Failure::new(exit::INTERNAL, format!("failed to write {name}: {error}")))?;
    }
    Ok(())
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        // The receipt has said that nothing partial is left.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_comes_after_two() {
        let mut names = ["10.heapsnapshot", "2.heapsnapshot", "1.heapsnapshot", "Heap.2.heapsnapshot"];
        names.sort_by_cached_key(|name| natural(name));
        assert_eq!(names, ["1.heapsnapshot", "2.heapsnapshot", "10.heapsnapshot", "Heap.2.heapsnapshot"]);
    }
}
