//! What an analysis has left behind: `findings.json`, read instead of analysing once more.

use std::io::Read as _;
use std::path::Path;

use leakhunt_diagnosis::Findings;
use leakhunt_report::json;

use super::analysis::{self, Analysis, Input, Wishes, analyse};
use crate::failure::{Failure, exit};

/// No findings are larger.
const LARGEST: u64 = 64 << 20;

/// The analysis of a session folder as it was stored there; made anew if there is none, or one of another version.
pub(crate) fn analysis_of(folder: &Path) -> Result<Analysis, Failure> {
    if !folder.is_dir() {
        return Err(Failure::new(exit::UNREADABLE, format!("{}: not a session folder", folder.display()))
            .hint("give the folder of a hunt; `leakhunt analyze` takes loose snapshots"));
    }
    let Some(findings) = findings_in(&folder.join("findings.json")) else {
        return analyse(Input::of(&[folder.to_owned()])?, Wishes::default());
    };
    // The snapshots may have been thrown away since: all but the Comparison is there without them.
    let opened = analysis::snapshots_in(folder)
        .and_then(|paths| analysis::open(&paths, &mut Vec::new()))
        .unwrap_or_default();
    Ok(Analysis { findings, session: analysis::session_in(folder), opened })
}

/// What was found before: in a session folder, a folder of snapshots, or a findings.json that was kept.
pub(crate) fn baseline(path: &Path, wishes: Wishes<'_>) -> Result<Findings, Failure> {
    let unusable =
        |failure: Failure| failure.hint("--baseline takes a session folder, snapshots, or a findings.json");
    if path.extension().is_some_and(|extension| extension == "json") {
        return findings_in(path).ok_or_else(|| {
            let text = format!("{}: not the findings of this version of leakhunt", path.display());
            unusable(Failure::new(exit::UNREADABLE, text))
        });
    }
    if let Some(findings) = findings_in(&path.join("findings.json")) {
        return Ok(findings);
    }
    let input = Input::of(&[path.to_owned()]).map_err(unusable)?;
    Ok(analyse(input, wishes).map_err(unusable)?.findings)
}

fn findings_in(path: &Path) -> Option<Findings> {
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(LARGEST).read_to_end(&mut bytes).ok()?;
    json::parse(&bytes)
}
