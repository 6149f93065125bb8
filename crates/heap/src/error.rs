//! What can be wrong with a snapshot file, by what the operator would do about it.

use std::path::PathBuf;

/// Why a file could not be turned into facts.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be opened or mapped.
    #[error("read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// These bytes were never a V8 heap snapshot: another file was meant.
    #[error("read a heap snapshot: {0}")]
    NotASnapshot(String),
    /// The file stops in the middle: the capture or the copy was cut off.
    #[error("read the whole heap snapshot: it ends in {section} (was the capture cut off?)")]
    Truncated {
        /// The section of the file in which it ends.
        section: &'static str,
    },
    /// Somebody made the file shorter while it was being read.
    #[error("read the heap snapshot: the file was cut short while it was being read")]
    CutShort,
    /// The file is whole, but says something impossible: capture it again.
    #[error("read the heap snapshot: {section} is damaged: {what}")]
    Damaged {
        /// The section of the file that is wrong.
        section: &'static str,
        /// What is wrong there.
        what: String,
    },
    /// More nodes, edges or strings than 32 bits can count.
    #[error("read the heap snapshot: it has more {0} than 4,294,967,295")]
    TooLarge(&'static str),
}

impl Error {
    pub(crate) fn damaged(section: &'static str, what: impl Into<String>) -> Self {
        Self::Damaged { section, what: what.into() }
    }
}
