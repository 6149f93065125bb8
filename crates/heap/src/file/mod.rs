//! A snapshot file mapped into memory: the only place of this crate that touches the file system, and with `line` and
//! `cut_short` the only one that has `unsafe`.
#![expect(
    unsafe_code,
    reason = "mapping a file, dropping its consumed pages; the proofs are beside each use"
)]

mod cut_short;

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use memmap2::{Mmap, UncheckedAdvice};

use crate::error::Error;
use crate::file::cut_short::Watch;
use crate::read::snapshot::Snapshot;
use crate::read::source::{Release, Source};
use crate::view::census::Census;

/// An open snapshot file. What is parsed from it borrows its strings.
#[derive(Debug)]
pub struct SnapshotFile {
    // Declared first, dropped first: it ends before the mapping does.
    watch: Watch,
    map: Mmap,
    file: File,
}

impl SnapshotFile {
    /// Opens and maps a file that is known to be one: see [`SnapshotFile::map`].
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be opened or mapped.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Self::map(&file, path)
    }

    /// Maps an open file. Nothing is read yet. `path` is for the error.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be mapped.
    pub fn map(file: &File, path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Io { path: path.to_owned(), source };
        // SAFETY: the map is read-only and private to this value. As with any mapped file, another process can truncate it
        // meanwhile, which is watched for, or write to it, which changes the bytes; leakhunt renames snapshot files into
        // place when they are whole and never touches them again. No value derived from these bytes is used unchecked: the
        // parser validates what it reads into its own columns, and strings are decoded lossily, so changed bytes can make a
        // wrong name but no invalid value.
        let map = unsafe { Mmap::map(file) }.map_err(failed)?;
        // A file that is not in memory yet is read ahead of the parser. Advice that is not taken costs only time.
        drop(map.advise(memmap2::Advice::Sequential));
        let file = file.try_clone().map_err(failed)?;
        Ok(Self { watch: Watch::over(&map), map, file })
    }

    /// Asked when the last byte was read, names of classes included: was the file whole until now?
    ///
    /// # Errors
    ///
    /// [`Error::CutShort`].
    pub fn check(&self) -> Result<(), Error> {
        // The last page of a file that is shorter now has zeros behind its end, which are read without a fault.
        let shorter = self.file.metadata().is_ok_and(|told| told.len() < self.map.len() as u64);
        if shorter || self.watch.is_cut() { Err(Error::CutShort) } else { Ok(()) }
    }

    /// The bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Parses the whole snapshot; see [`Snapshot::parse`].
    ///
    /// # Errors
    ///
    /// As [`Snapshot::parse`], and [`Error::CutShort`].
    pub fn snapshot(&self, threads: usize) -> Result<Snapshot<'_>, Error> {
        let read = Snapshot::read(&self.source(threads));
        self.check().and(read)
    }

    /// Takes the census of the snapshot; see [`Census::parse`].
    ///
    /// # Errors
    ///
    /// As [`Snapshot::parse`], and [`Error::CutShort`].
    pub fn census(&self) -> Result<Census<'_>, Error> {
        let read = Census::read(&self.source(1));
        self.check().and(read)
    }

    fn source(&self, threads: usize) -> Source<'_> {
        Source { bytes: &self.map, release: Some(self), threads }
    }
}

impl Release for SnapshotFile {
    /// Lets the system take back the pages that lie whole within `range`.
    fn release(&self, range: Range<usize>) {
        const PAGE: usize = 4096;
        let start = range.start.next_multiple_of(PAGE);
        let end = range.end / PAGE * PAGE;
        if start < end {
            // SAFETY: `MADV_DONTNEED` on a file-backed mapping that nobody has written to only drops the pages from
            // this process; the next read brings the same bytes back from the file. (On anonymous memory it would
            // zero them: this is none, or zeros already, where the file was cut short.)
            let advised =
                unsafe { self.map.unchecked_advise_range(UncheckedAdvice::DontNeed, start, end - start) };
            // Advice that is not taken costs memory, never correctness.
            drop(advised);
        }
    }
}
