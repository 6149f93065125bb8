//! What the commands that read snapshot files have in common.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use leakhunt_heap::{Census, Classes, Distances, Dominators, Error, Snapshot, SnapshotFile, Summary};
use serde::Serialize;

use crate::failure::{Failure, exit};

/// Maps a file.
pub(crate) fn open(path: &Path) -> Result<SnapshotFile, Failure> {
    SnapshotFile::open(path).map_err(|error| failure(path, error))
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

/// Writes one JSON document to stdout.
pub(crate) fn print_json(document: &impl Serialize) -> Result<(), Failure> {
    print(|out| {
        serde_json::to_writer_pretty(&mut *out, document)?;
        writeln!(out)
    })
}

/// Writes to stdout. A reader that has seen enough and closed the pipe is no failure.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(exit::INTERNAL, format!("failed to write the result: {error}")))
        }
        _ => Ok(()),
    }
}

/// What is wrong with a file, and what to do about it.
pub(crate) fn failure(path: &Path, error: Error) -> Failure {
    let hint = match &error {
        Error::Io { .. } | Error::TooLarge(_) => None,
        Error::NotASnapshot(_) => {
            Some("a heap snapshot is a `.heapsnapshot` file, as Chrome DevTools saves it")
        }
        Error::Truncated { .. } | Error::Damaged { .. } => Some("copy the file again, or capture it again"),
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
