//! What keeps the rig from coming up, by what the person who started it would do.

use std::io;
use std::path::PathBuf;

/// Why a rig, or a dyno of it, could not be brought up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tool that `cargo xtask setup` installs is not there.
    #[error("find {tool}: run `cargo xtask setup` ({looked_at})")]
    MissingTool {
        /// What is missing.
        tool: &'static str,
        /// Where it was looked for.
        looked_at: String,
    },
    /// The rig needs root, or to be root in a namespace of its own.
    #[error("start a rig without root: run it inside `leakhunt-rig enter -- COMMAND`")]
    NotRoot,
    /// A dyno did not come up.
    #[error("boot {dyno}: {reason}; its last lines: {log}")]
    Boot {
        /// The dyno's name.
        dyno: String,
        /// What was waited for.
        reason: String,
        /// The last lines it printed.
        log: String,
    },
    /// A program of the system that the rig relies on failed.
    #[error("run {program}: {reason}")]
    Program {
        /// The program.
        program: &'static str,
        /// What it said.
        reason: String,
    },
    /// The throw-away certificates could not be made.
    #[error("make the throw-away certificates: {0}")]
    Certificates(String),
    /// There is no dyno of that name.
    #[error("find the dyno {0}")]
    NoSuchDyno(String),
    /// A fault's name or value on the command line.
    #[error("read the fault {0:?}: see `leakhunt-rig serve --help`")]
    UnknownFault(String),
    /// A file or socket of the rig.
    #[error("use {what}: {source}")]
    Io {
        /// The file or socket.
        what: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Names the file or socket in an I/O error.
pub(crate) trait Named<T> {
    /// `what` completes "failed to use …".
    fn named(self, what: impl Into<String>) -> Result<T, Error>;
}

impl<T> Named<T> for io::Result<T> {
    fn named(self, what: impl Into<String>) -> Result<T, Error> {
        self.map_err(|source| Error::Io { what: what.into(), source })
    }
}

/// A path, for messages.
pub(crate) fn shown(path: impl Into<PathBuf>) -> String {
    path.into().display().to_string()
}
