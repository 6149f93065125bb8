//! What a hunt of several leaves: its folder, with `fleet.json`, `summary.md`, the session of each hunt, and what each printed. Folder
//! 0700, files 0600.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

use leakhunt_text::json;

use super::hunted::Hunted;
use super::summary;

/// Writes both files.
pub(super) fn write(hunted: &Hunted) -> io::Result<()> {
    let file = |name: &str| {
        let path = hunted.folder.join(name);
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
    };
    json::told_document(file("fleet.json.partial")?, hunted)?;
    fs::rename(hunted.folder.join("fleet.json.partial"), hunted.folder.join("fleet.json"))?;
    file("summary.md")?.write_all(summary::markdown(hunted).as_bytes())
}
