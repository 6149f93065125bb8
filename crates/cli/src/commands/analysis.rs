//! From snapshot files to findings: what `leakhunt analyze` does, and every hunt at its end.
//!
//! A file that cannot be read is left out with a warning, as long as another can. Which snapshots may be compared, and in
//! what order they were taken, the diagnosis finds out from their object ids.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

use leakhunt_diagnosis::{Allocation, Evidence, Findings, Memory, allocations, diagnose, judge_allocations};
use leakhunt_heap::{SnapshotFile, compare, id_space};
use leakhunt_report::{Compared, Report, Session, Taken, html, json, markdown};

use super::files;
use crate::failure::{Failure, exit};

/// A script or source map that is larger is not read: no program's is.
const LARGEST_SOURCE: u64 = 64 << 20;

/// Where a hunt with `--fetch-source-maps` keeps what it has fetched, below the session folder.
const FETCHED: &str = "source-maps";

/// What the name of a sampling profile ends with.
const PROFILE: &str = "heapprofile";

/// A page compares each snapshot with each other up to so many of them, and up to so many bytes, all of which are read.
const MOST_COMPARED: usize = 8;
const MOST_COMPARED_BYTES: usize = 2 << 30;

/// No log of a hunt is larger; what lies behind is not shown.
const LARGEST_LOG: u64 = 32 << 20;

/// What is to be analysed.
pub(crate) struct Input {
    session: Option<Session>,
    files: Vec<PathBuf>,
    /// Sampling profiles among them.
    profiles: Vec<PathBuf>,
    /// Folders of sources that a hunt has fetched.
    fetched: Vec<PathBuf>,
}

/// What the one who asks wants of an analysis.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wishes<'w> {
    /// Where the program's files and source maps are looked for first.
    pub(crate) sources: Option<&'w Path>,
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
        let mut input = Self { session: None, files: Vec::new(), profiles: Vec::new(), fetched: Vec::new() };
        for path in paths {
            if !path.is_dir() {
                let kind = if has_extension(path, PROFILE) { &mut input.profiles } else { &mut input.files };
                kind.push(path.clone());
                continue;
            }
            let snapshots = evidence_in(path, "heapsnapshot")?;
            let profiles = evidence_in(path, PROFILE)?;
            if snapshots.is_empty() && profiles.is_empty() {
                return Err(Failure::new(
                    exit::UNREADABLE,
                    format!("{}: no heap snapshot or profile in here", path.display()),
                )
                .hint("give the folder of a hunt, or the .heapsnapshot files themselves, oldest first"));
            }
            input.files.extend(snapshots);
            input.profiles.extend(profiles);
            input.fetched.push(path.join(FETCHED));
            // Readings of two hunts are no one series.
            input.session = if paths.len() == 1 { session_in(path) } else { None };
        }
        Ok(input)
    }
}

/// Judges what can be judged; an error only if nothing can be read.
pub(crate) fn analyse(input: Input, wishes: Wishes<'_>) -> Result<Analysis, Failure> {
    let mut warnings = Vec::new();
    let allocations = allocations_of(&input, &mut warnings)?;
    if input.files.is_empty() {
        let findings = Findings { warnings, ..judge_allocations(allocations) };
        return Ok(Analysis { findings, session: input.session, opened: Vec::new() });
    }
    let mut opened = open(&input.files, &mut warnings)?;
    let folders: Vec<&Path> =
        wishes.sources.into_iter().chain(input.fetched.iter().map(PathBuf::as_path)).collect();
    loop {
        let session = input.session.as_ref();
        let evidence = Evidence {
            memory: session.map_or_else(Memory::default, |session| memory(session, &opened)),
            sources: &|name| source(&folders, name),
            id_spaces: &session.map_or_else(Vec::new, |session| id_spaces(session, &opened)),
            show_strings: wishes.show_strings,
        };
        // Of several, two are read at the same time.
        let threads = if opened.len() == 1 { 2 } else { 1 };
        let load = |at: usize| opened[at].file.snapshot(threads).map_err(|error| (at, error));
        match diagnose(opened.len(), load, &evidence) {
            Ok(mut findings) => {
                warnings.append(&mut findings.warnings);
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
        others.iter().map(|other| format!("left out: {}: only the last profile is judged", other.display())),
    );
    let unreadable = |why: String| {
        Failure::new(exit::UNREADABLE, format!("{}: {why}", last.display()))
            .hint("a sampling profile is a `.heapprofile` file, as Chrome DevTools saves it")
    };
    let text = text(last).ok_or_else(|| unreadable("it cannot be read as text".to_owned()))?;
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

pub(super) fn open(paths: &[PathBuf], warnings: &mut Vec<String>) -> Result<Vec<Opened>, Failure> {
    let mut opened: Vec<Opened> = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        if opened.iter().any(|other| is_same_file(&other.path, path)) {
            warnings.push(format!("{} was given twice and is judged once", path.display()));
            continue;
        }
        match files::open(path) {
            Ok(file) => opened.push(Opened { path: path.clone(), file }),
            Err(failure) if opened.is_empty() && at + 1 == paths.len() => return Err(failure),
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
    let mut left = Some(0);
    for snapshot in opened {
        let Some(taken) = taken(session, snapshot) else { return Memory::default() };
        let at = taken.taken_at;
        let before = session.readings.iter().rfind(|reading| reading.collected && reading.at <= at);
        let Some(reading) = before else { return Memory::default() };
        let since = at.duration_since(*first.get_or_insert(at));
        memory.at_ms.push(u64::try_from(since.as_millis()).unwrap_or(0));
        memory.used.push(reading.used_size);
        memory.external.push(reading.external);
        memory.rss.push(reading.rss);
        memory.left.extend(left);
        let more = taken.rss_after.map(|after| after.saturating_sub(taken.rss));
        left = left.zip(more).map(|(left, more)| left.saturating_add(more));
    }
    memory
}

/// The text of a script or source map: below one of the folders for them, else where the process had it.
fn source(folders: &[&Path], name: &str) -> Option<String> {
    let name = Path::new(name);
    let parts: Vec<Component<'_>> = name.components().collect();
    let below = folders.iter().find_map(|folder| {
        // The longest tail of the path that is there: /app/dist/a.js is dist/a.js in a checkout.
        (0..parts.len()).find_map(|skipped| {
            let tail = &parts[skipped..];
            let plain = tail.iter().all(|part| matches!(part, Component::Normal(_)));
            plain.then(|| folder.join(tail.iter().collect::<PathBuf>())).and_then(|path| text(&path))
        })
    });
    below.or_else(|| name.is_absolute().then(|| text(name)).flatten())
}

/// A regular file of a program's size: names come from the snapshot, and may name a device or a pipe.
fn text(path: &Path) -> Option<String> {
    let told = std::fs::metadata(path).ok()?;
    if !told.is_file() || told.len() > LARGEST_SOURCE {
        return None;
    }
    std::fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension == wanted)
}

/// The whole snapshots of a folder.
pub(super) fn snapshots_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    evidence_in(folder, "heapsnapshot")
}

/// The whole files of a kind in a folder: 2 before 10.
fn evidence_in(folder: &Path, kind: &str) -> Result<Vec<PathBuf>, Failure> {
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
    Ok(snapshots)
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

pub(super) fn session_in(folder: &Path) -> Option<Session> {
    let read = |name: &str| {
        let mut bytes = Vec::new();
        std::fs::File::open(folder.join(name)).ok()?.take(LARGEST_LOG).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    let events = read("events.ndjson").unwrap_or_default();
    Session::parse(&read("session.json")?, &String::from_utf8_lossy(&events))
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
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(partial, path)
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

    #[test]
    fn a_source_is_found_below_the_folder_and_nowhere_above_it() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("app");
        std::fs::create_dir_all(inside.join("dist")).unwrap();
        std::fs::write(inside.join("dist/a.js"), "a").unwrap();
        std::fs::write(folder.path().join("secret.js"), "secret").unwrap();
        let found = |name: &str| source(&[&inside], name);
        assert_eq!(found("/srv/nowhere/dist/a.js").as_deref(), Some("a"));
        assert_eq!(found("dist/a.js").as_deref(), Some("a"));
        assert_eq!(found("../secret.js"), None);
        assert_eq!(found("node:internal/timers"), None);
        assert_eq!(found("/dev/zero"), None);
    }
}
