//! What a hunt of several leaves: its folder, with `fleet.json`, the session of each hunt, and what each printed. Folder 0700,
//! files 0600.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;

use leakhunt_text::json;

use super::hunted::Hunted;

/// Writes `fleet.json`.
pub(super) fn write(hunted: &Hunted) -> io::Result<()> {
    let partial = hunted.folder.join("fleet.json.partial");
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    json::told_document(file, hunted)?;
    fs::rename(partial, hunted.folder.join("fleet.json"))
}
