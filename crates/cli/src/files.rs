//! What the commands that read snapshot files have in common.

use std::fs::File;
use std::path::{Path, PathBuf};

use leakhunt_files::{self as outside, Root};
use leakhunt_heap::{Census, Classes, Distances, Dominators, Error, Snapshot, SnapshotFile, Summary};

use crate::failure::Failure;

/// Maps the file that a person named.
pub(crate) fn open(path: &Path) -> Result<SnapshotFile, Failure> {
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
