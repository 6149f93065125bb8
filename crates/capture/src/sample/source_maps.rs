//! The program's source maps, where they were asked for: so that the answer names what people wrote, and not what a bundler
//! made of it, wherever the analysis runs.
//!
//! They come from the disk of the process, through the session that is there anyway, when the evidence is whole. Scripts
//! come with their maps, since it is the script that names its map. A source map that cannot be had is a warning: the
//! evidence is worth as much without.

use std::collections::BTreeSet;
use std::time::Duration;

use leakhunt_inspector::{MappedScript, Session, SourceFile};
use tokio::time::timeout;

use super::packages;
use crate::data::Step;
use crate::evidence::Evidence;
use crate::hunt::Hunt;
use crate::record::SessionFolder;

/// No larger file is fetched.
const LARGEST: u64 = 32 << 20;
/// Nor more than so much of all.
const MOST: u64 = 64 << 20;
/// Nor for longer.
const LONGEST: Duration = Duration::from_secs(120);

/// What was fetched so far.
#[derive(Default)]
struct Fetched {
    scripts: usize,
    bytes: u64,
    /// What could not be fetched, and why.
    missing: Vec<String>,
    /// Where the packages lie there that were bundled.
    packages: BTreeSet<String>,
}

/// Fetches what there is into the session folder.
pub(crate) async fn fetch(hunt: &mut Hunt<'_>, session: &Session, evidence: &mut Evidence) {
    if !hunt.plan.fetch_source_maps || evidence.snapshots.is_empty() {
        return;
    }
    let since = hunt.record.begin(Step::Sources);
    let mut fetched = Fetched::default();
    match timeout(LONGEST, all(session, &evidence.folder, &mut fetched)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => hunt.record.warn(format!("the source maps could not be fetched: {error}")),
        Err(_) => hunt.record.warn(format!("not all source maps came within {} s", LONGEST.as_secs())),
    }
    if let Some(first) = fetched.missing.first() {
        hunt.record.warn(format!("{} files with source maps were left out: {first}", fetched.missing.len()));
    }
    if fetched.scripts == 0 && fetched.missing.is_empty() {
        hunt.record.warn("no script with a source map was found on the disk of the process");
    }
    packages::note_bundled(session, &fetched.packages, evidence).await;
    let detail =
        format!("{} scripts with source maps, {:.1} MB", fetched.scripts, fetched.bytes as f64 / 1e6);
    hunt.record.done(since, detail);
}

async fn all(
    session: &Session,
    folder: &SessionFolder,
    fetched: &mut Fetched,
) -> Result<(), leakhunt_inspector::Error> {
    for MappedScript { script, map } in session.sources().await? {
        let files: Vec<SourceFile> = std::iter::once(script).chain(map).collect();
        let whole: u64 = files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes));
        if files.iter().any(|file| file.bytes > LARGEST) || whole > MOST - fetched.bytes {
            fetched.missing.push(format!("{} would be {:.1} MB", files[0].path, whole as f64 / 1e6));
            continue;
        }
        match keep(session, folder, &files, fetched).await {
            Ok(()) => fetched.scripts += 1,
            Err(Failed::File(why)) => fetched.missing.push(format!("{}: {why}", files[0].path)),
            Err(Failed::Connection(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Why a file did not come.
enum Failed {
    /// The others may.
    File(String),
    /// Nor will any other.
    Connection(leakhunt_inspector::Error),
}

async fn keep(
    session: &Session,
    folder: &SessionFolder,
    files: &[SourceFile],
    fetched: &mut Fetched,
) -> Result<(), Failed> {
    use leakhunt_inspector::Error;

    for file in files {
        // It may have grown since it was looked at.
        let most = LARGEST.min(MOST - fetched.bytes);
        let bytes = session.source(&file.path, most).await.map_err(|error| match error {
            Error::Refused { why, .. } => Failed::File(why),
            Error::Damaged { why, .. } => Failed::File(why),
            error => Failed::Connection(error),
        })?;
        fetched.bytes += bytes.len() as u64;
        if file.path.ends_with(".map") {
            fetched.packages.extend(packages::folders_of(&file.path, &bytes));
        }
        folder.source(&file.path, &bytes).map_err(|error| Failed::File(error.to_string()))?;
    }
    Ok(())
}
