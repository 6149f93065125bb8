//! The reports of a folder.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use leakhunt_report::{json, markdown};

use super::judge::Analysis;
use crate::exit;
use crate::failure::Failure;

/// Writes the reports into a session folder, each whole or not at all.
pub(crate) fn write_reports(folder: &Path, analysis: &Analysis) -> Result<(), Failure> {
    let report = analysis.report();
    let documents = [
        ("findings.json", json::render(report.findings)),
        ("summary.md", markdown::render(&report)),
        ("report.html", analysis.page()),
    ];
    write_documents(folder, &documents)
}

/// Writes each whole or not at all.
pub(crate) fn write_documents(folder: &Path, documents: &[(&str, String)]) -> Result<(), Failure> {
    for (name, text) in documents {
        write_private(&folder.join(name), text)
            .map_err(|error| Failure::new(exit::INTERNAL, format!("failed to write {name}: {error}")))?;
    }
    Ok(())
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        // The receipt has said that nothing partial is left.
        let _ = std::fs::remove_file(&partial);
    }
    written
}
