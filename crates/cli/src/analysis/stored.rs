//! What an analysis has left behind: `findings.json`, read instead of analysing once more.

use std::io;
use std::path::{Path, PathBuf};

use leakhunt_diagnosis::{CallTrees, Findings, Series};
use leakhunt_files::{self as outside, Root};
use leakhunt_report::json;

use super::input::{self, Input};
use super::judge::{Analysis, Wishes, analyse};
use super::profiles::calls_of;
use crate::exit;
use crate::failure::Failure;

/// No findings are larger.
const LARGEST: u64 = 64 << 20;

/// The analysis of a session folder as it was stored there; made again if there is none, or one of another version.
pub(crate) fn analysis_of(
    folder: &Path,
    sources: &[PathBuf],
    wants_calls: bool,
) -> Result<Analysis, Failure> {
    if !folder.is_dir() {
        return Err(Failure::new(exit::UNREADABLE, format!("{}: not a session folder", folder.display()))
            .hint("give the folder of a hunt; `leakhunt analyze` takes loose snapshots"));
    }
    let wishes = Wishes { sources, ..Wishes::default() };
    let again = || analyse(Input::of(&[folder.to_owned()])?, wishes, &mut Series::default());
    let mut findings = match findings_of(folder) {
        Ok(Some(findings)) => findings,
        Ok(None) => return again(),
        Err(why) => {
            let mut analysis = again()?;
            analysis.findings.warnings.push(format!("{why}: the folder was analysed again"));
            return Ok(analysis);
        }
    };
    let (session, warnings) = input::session_in(folder);
    findings.warnings.extend(warnings);
    findings.warnings.extend(session.as_ref().and_then(|session| input::gone(session, folder)));
    // The snapshots may have been thrown away since: all but the Comparison is there without them.
    let mut unopened = Vec::new();
    let opened =
        input::snapshots_in(folder).and_then(|paths| input::open(&paths, &mut unopened)).unwrap_or_default();
    findings.warnings.append(&mut unopened);
    let calls =
        if wants_calls { calls(folder, sources, &mut findings.warnings)? } else { CallTrees::default() };
    Ok(Analysis { findings, session, opened, calls })
}

/// Whom the profiles of a folder saw call whom, if it has any.
fn calls(folder: &Path, sources: &[PathBuf], warnings: &mut Vec<String>) -> Result<CallTrees, Failure> {
    match Input::of(&[folder.to_owned()]) {
        Ok(input) => calls_of(&input, sources, warnings),
        // The evidence was thrown away since.
        Err(_) => Ok(CallTrees::default()),
    }
}

/// What was found before: in a session folder, a folder of snapshots, or a findings.json that was kept.
pub(crate) fn baseline(path: &Path, wishes: Wishes<'_>) -> Result<Findings, Failure> {
    let unusable =
        |failure: Failure| failure.hint("--baseline takes a session folder, snapshots, or a findings.json");
    if path.extension().is_some_and(|extension| extension == "json") {
        let findings = parsed(path, outside::open(path));
        return findings.map_err(|why| unusable(Failure::new(exit::UNREADABLE, why)));
    }
    // What is wrong with the folder, the analysis says.
    if let Ok(Some(findings)) = findings_of(path) {
        return Ok(findings);
    }
    let input = Input::of(&[path.to_owned()]).map_err(unusable)?;
    Ok(analyse(input, wishes, &mut Series::default()).map_err(unusable)?.findings)
}

/// The findings that a folder has; the error says what is wrong with them.
fn findings_of(folder: &Path) -> Result<Option<Findings>, String> {
    const NAME: &str = "findings.json";
    let file = Root::open(folder).and_then(|root| root.file(Path::new(NAME)));
    match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        file => parsed(&folder.join(NAME), file).map(Some),
    }
}

fn parsed(path: &Path, file: io::Result<std::fs::File>) -> Result<Findings, String> {
    let bytes = file
        .and_then(|file| outside::read(&file, LARGEST))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    json::parse(&bytes)
        .ok_or_else(|| format!("{}: not the findings of this version of leakhunt", path.display()))
}
