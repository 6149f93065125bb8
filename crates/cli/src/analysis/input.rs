//! What is to be analysed: the folder of a hunt, or files.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use leakhunt_files::{self as outside, Root};
use leakhunt_heap::SnapshotFile;
use leakhunt_report::Session;

use crate::exit;
use crate::failure::Failure;
use crate::files;

/// Where a hunt with `--fetch-source-maps` keeps what it has fetched, below the session folder.
const FETCHED: &str = "source-maps";

/// What the name of a sampling profile ends with.
const PROFILE: &str = "heapprofile";
/// That of an allocation timeline, which is a snapshot as well.
const TIMELINE: &str = "heaptimeline";
/// And that of a CPU profile.
const CPU_PROFILE: &str = "cpuprofile";

/// The profile that a hunt takes between its snapshots.
const BETWEEN: &str = "allocations.heapprofile";

/// No log of a hunt is larger.
const LARGEST_LOG: u64 = 32 << 20;
/// What is to be analysed.
#[derive(Default)]
pub(crate) struct Input {
    pub(super) session: Option<Session>,
    pub(super) files: Vec<Given>,
    /// Sampling profiles among them.
    pub(super) profiles: Vec<Given>,
    /// Allocation timelines among them: those of the snapshots that are one, and in a folder with other snapshots those that are
    /// none of that series.
    pub(super) timelines: Vec<Given>,
    /// CPU profiles among them.
    pub(super) cpu_profiles: Vec<Given>,
    /// The allocation profile that a hunt has taken between its snapshots.
    pub(super) between: Option<Given>,
    /// Folders of sources that a hunt has fetched.
    pub(super) fetched: Vec<PathBuf>,
    /// What is wrong with the folders.
    pub(super) warnings: Vec<String>,
}

/// A file that a person named, or one that lies in a folder that a person named.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) path: PathBuf,
    folder: Option<Rc<Root>>,
}

impl Given {
    pub(super) fn name(&self) -> &Path {
        self.path.file_name().map_or(&self.path, Path::new)
    }

    pub(super) fn open(&self) -> Result<SnapshotFile, Failure> {
        match &self.folder {
            None => files::open(&self.path),
            Some(folder) => files::open_in(folder, self.name()),
        }
    }

    pub(super) fn read(&self, most: u64) -> io::Result<Vec<u8>> {
        let file = match &self.folder {
            None => outside::open(&self.path),
            Some(folder) => folder.file(self.name()),
        };
        outside::read(&file?, most)
    }
}

impl Input {
    /// Session folders stand for their snapshots, files for themselves.
    pub(crate) fn of(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut input = Self::default();
        for path in paths {
            if !path.is_dir() {
                let kind = match path.extension().and_then(|extension| extension.to_str()) {
                    Some(PROFILE) => &mut input.profiles,
                    Some(CPU_PROFILE) => &mut input.cpu_profiles,
                    _ => &mut input.files,
                };
                kind.push(Given { path: path.clone(), folder: None });
                continue;
            }
            let (session, warnings) = session_in(path);
            let snapshots = snapshots_in(path)?;
            let timelines = evidence_in(path, &[TIMELINE])?;
            let (mut between, mut profiles): (Vec<Given>, Vec<Given>) = evidence_in(path, &[PROFILE])?
                .into_iter()
                .partition(|profile| profile.name() == Path::new(BETWEEN));
            let cpu_profiles = evidence_in(path, &[CPU_PROFILE])?;
            // Without the snapshots it is a profile like others.
            if snapshots.is_empty() {
                profiles.append(&mut between);
            }
            if snapshots.is_empty() && profiles.is_empty() && cpu_profiles.is_empty() {
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
            input.timelines.extend(timelines);
            input.profiles.extend(profiles);
            input.cpu_profiles.extend(cpu_profiles);
            input.between = between.pop().filter(|_| paths.len() == 1);
            input.fetched.push(path.join(FETCHED));
            input.warnings.extend(warnings);
            input.warnings.extend(session.as_ref().and_then(|session| gone(session, path)));
            // Readings of two hunts are no one series.
            input.session = session.filter(|_| paths.len() == 1);
        }
        let named =
            input.files.iter().filter(|file| file.folder.is_none() && has_extension(&file.path, TIMELINE));
        input.timelines.extend(named.cloned());
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

/// A snapshot file that is there.
pub(super) struct Opened {
    pub(super) path: PathBuf,
    pub(super) file: SnapshotFile,
}

impl Opened {
    pub(super) fn name(&self) -> String {
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

pub(super) fn left_out(failure: &Failure) -> String {
    format!("left out: {}", failure.message())
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension == wanted)
}

/// The complete snapshots of a folder. A timeline is one where there is no other: beside others it is none of their series.
pub(super) fn snapshots_in(folder: &Path) -> Result<Vec<Given>, Failure> {
    let snapshots = evidence_in(folder, &["heapsnapshot"])?;
    if snapshots.is_empty() { evidence_in(folder, &[TIMELINE]) } else { Ok(snapshots) }
}

/// The complete files of some kinds in a folder: 2 before 10.
fn evidence_in(folder: &Path, kinds: &[&str]) -> Result<Vec<Given>, Failure> {
    let unreadable =
        |error| Failure::new(exit::UNREADABLE, format!("failed to read {}: {error}", folder.display()));
    let mut snapshots = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if kinds.iter().any(|kind| has_extension(&path, kind)) {
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
