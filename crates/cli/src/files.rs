//! What the commands that read snapshot files have in common.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use leakhunt_files::{self as outside, Root};
use leakhunt_heap::{Census, Classes, Distances, Dominators, Error, Snapshot, SnapshotFile, Summary};

use crate::exit;
use crate::failure::Failure;

/// Maps the file that a person named.
pub(crate) fn open(path: &Path) -> Result<SnapshotFile, Failure> {
    if path.is_dir() {
        let message = format!("{} is a folder, and one snapshot file is read here", path.display());
        return Err(Failure::new(exit::UNREADABLE, message).hint(format!(
            "name a .heapsnapshot file in it; `leakhunt analyze {}` reads all",
            path.display()
        )));
    }
    map(path, outside::open(path))
}

/// Maps a file of a folder.
pub(crate) fn open_in(folder: &Root, name: &Path) -> Result<SnapshotFile, Failure> {
    map(&folder.path().join(name), folder.file(name))
}

fn map(path: &Path, file: std::io::Result<File>) -> Result<SnapshotFile, Failure> {
    file.map_err(|source| Error::Io { path: path.to_owned(), source })
        .and_then(|file| SnapshotFile::map(&file, path))
        .map_err(|error| failure(path, error))
}

/// Asked when all was read and before it is believed: was the file whole all the time?
pub(crate) fn check(path: &Path, file: &SnapshotFile) -> Result<(), Failure> {
    file.check().map_err(|error| failure(path, error))
}

/// A snapshot and all that is known of its nodes.
pub(crate) struct Facts<'a> {
    pub(crate) snapshot: Snapshot<'a>,
    pub(crate) classes: Classes,
    pub(crate) dominators: Dominators,
    pub(crate) distances: Distances,
    pub(crate) summary: Summary,
}

/// Reads the snapshot in a file and finds everything out, on two threads.
pub(crate) fn facts<'a>(path: &Path, file: &'a SnapshotFile) -> Result<Facts<'a>, Failure> {
    let snapshot = file.snapshot(2).map_err(|error| failure(path, error))?;
    let leakhunt_heap::Facts { classes, dominators, distances, summary } =
        leakhunt_heap::Facts::compute(&snapshot);
    Ok(Facts { snapshot, classes, dominators, distances, summary })
}

/// Takes the census of each file, a thread a file and two at a time.
pub(crate) fn censuses<'a>(files: &'a [(PathBuf, SnapshotFile)]) -> Result<Vec<Census<'a>>, Failure> {
    let mut all = Vec::with_capacity(files.len());
    for pair in files.chunks(2) {
        let read: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = pair.iter().map(|(_, file)| scope.spawn(|| file.census())).collect();
            threads.into_iter().map(|thread| thread.join().expect("the parser does not panic")).collect()
        });
        for ((path, _), census) in pair.iter().zip(read) {
            all.push(census.map_err(|error| failure(path, error))?);
        }
    }
    Ok(all)
}

/// What is wrong with a file, and what to do about it.
pub(crate) fn failure(path: &Path, error: Error) -> Failure {
    if let (Error::NotASnapshot(_), Some(other)) = (&error, Other::recognise(path)) {
        return other.failure(path);
    }
    let hint = match &error {
        Error::Io { .. } | Error::TooLarge(_) => None,
        Error::NotASnapshot(_) => {
            Some("a heap snapshot is a `.heapsnapshot` file, as Chrome DevTools saves it")
        }
        Error::Truncated { .. } | Error::Damaged { .. } => Some("copy the file again, or capture it again"),
        Error::CutShort => Some("wait until nobody writes to the file any more, or copy it again"),
    };
    let names_the_file = matches!(error, Error::Io { .. });
    let mut failure = Failure::from(error);
    if !names_the_file {
        failure = failure.of_file(path);
    }
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// A file that is no heap snapshot, and of which it is known what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    Gzip,
    Zstandard,
    Zip,
    CpuProfile,
    SamplingProfile,
}

impl Other {
    /// By how it begins: RFC 1952, RFC 8878 and PKWARE's APPNOTE; V8 writes a CPU profile from its nodes on, and a sampling
    /// profile from its head on.
    fn recognise(path: &Path) -> Option<Self> {
        let mut start = Vec::new();
        outside::open(path).ok()?.take(256).read_to_end(&mut start).ok()?;
        let text: String = String::from_utf8_lossy(&start).split_whitespace().collect();
        Some(match &start[..] {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstandard,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            _ if text.starts_with(r#"{"nodes":[{"#) && text.contains(r#""callFrame""#) => Self::CpuProfile,
            _ if text.starts_with(r#"{"head":{"#) => Self::SamplingProfile,
            _ => return None,
        })
    }

    fn failure(self, path: &Path) -> Failure {
        let path = path.display();
        let (what, hint) = match self {
            Self::Gzip => ("compressed by gzip", format!("unpack it first: `gunzip {path}`")),
            Self::Zstandard => ("compressed by Zstandard", format!("unpack it first: `unzstd {path}`")),
            Self::Zip => ("a zip archive", format!("unpack it first: `unzip {path}`")),
            Self::CpuProfile => (
                "a CPU profile, not a heap snapshot",
                "`leakhunt analyze` reads it, if its name ends with .cpuprofile".to_owned(),
            ),
            Self::SamplingProfile => (
                "a sampling heap profile, not a heap snapshot",
                "`leakhunt analyze` reads it, if its name ends with .heapprofile".to_owned(),
            ),
        };
        Failure::new(exit::UNREADABLE, format!("{path} is {what}")).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<Other>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(Other::recognise(&path), expected, "{:?}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn files_of_other_kinds_are_recognised() {
        check(&[0x1f, 0x8b, 8, 0], Some(Other::Gzip));
        check(&[0x28, 0xb5, 0x2f, 0xfd], Some(Other::Zstandard));
        check(b"PK\x03\x04", Some(Other::Zip));
        check(br#"{"nodes":[{"id":1,"callFrame":{"functionName":"(root)"#, Some(Other::CpuProfile));
        check(b"{\n  \"head\": {\"callFrame\"", Some(Other::SamplingProfile));
        check(br#"{"name":"shop"}"#, None);
        check(b"", None);
    }
}
