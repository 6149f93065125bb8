//! A fixture: a `.tar.zst` with snapshots and, beside them, what DevTools' engine says of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// One or two snapshots and the engine's facts, by the names of their files.
pub(crate) type Case = BTreeMap<String, Vec<u8>>;

/// The cases of an archive: each is a folder in it.
pub(crate) fn read(archive: &Path) -> io::Result<BTreeMap<String, Case>> {
    let mut entries = tar::Archive::new(zstd::Decoder::new(File::open(archive)?)?);
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    for entry in entries.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let (case, file) = path.split_once('/').expect("every file lies in the folder of its case");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        cases.entry(case.to_owned()).or_default().insert(file.to_owned(), bytes);
    }
    Ok(cases)
}
