//! What a run or a hunt of several makes on this machine. Folders 0700, files 0600.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// A file that is not there yet.
pub(crate) fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Makes `leakhunt-KIND-NAME-TIME`; a second one in the same second gets a number behind it.
pub(crate) fn new_folder(out: &Path, kind: &str, name: &str, now: Timestamp) -> io::Result<PathBuf> {
    let out = out.canonicalize()?;
    let clean: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(40)
        .collect();
    let time = now.strftime("%Y%m%dT%H%M%SZ");
    for attempt in 0..100 {
        let suffix = if attempt == 0 { String::new() } else { format!("-{attempt}") };
        let folder = out.join(format!("leakhunt-{kind}-{}-{time}{suffix}", clean.trim_matches('-')));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "a hundred began in this second"))
}
