//! The packages that the program has loaded, or that its bundles are made of, with their versions: by these an answer names
//! what is to be upgraded.
//!
//! Those that are loaded are asked for before the first snapshot, so that what the looking leaves behind in the heap is there
//! from the start, and so that a hunt that is cut short has them.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use leakhunt_inspector::Session;
use serde::Deserialize;
use tokio::time::timeout;

use crate::evidence::Evidence;

/// The agent ends by itself after three seconds, unless the app's disk does not answer at all.
const LONGEST: Duration = Duration::from_secs(10);

/// Notes them. The evidence is worth as much without: what cannot be read is left out.
pub(crate) async fn note_packages(session: &Session, evidence: &mut Evidence) {
    match timeout(LONGEST, session.packages()).await {
        Ok(Ok(packages)) => evidence.packages = packages,
        Ok(Err(error)) => tracing::info!("the versions of packages are not known: {error}"),
        Err(_) => tracing::info!("the versions of packages did not come within {} s", LONGEST.as_secs()),
    }
}

/// Notes those that bundles are made of, too, by the folders that their source maps tell.
pub(super) async fn note_bundled(session: &Session, folders: &BTreeSet<String>, evidence: &mut Evidence) {
    let is_known = |folder: &&String| evidence.packages.iter().any(|package| package.folder == **folder);
    let folders: Vec<String> = folders.iter().filter(|folder| !is_known(folder)).cloned().collect();
    if folders.is_empty() {
        return;
    }
    match timeout(LONGEST, session.packages_in(&folders)).await {
        Ok(Ok(packages)) => evidence.packages.extend(packages),
        Ok(Err(error)) => tracing::info!("the versions of bundled packages are not known: {error}"),
        Err(_) => tracing::info!("the versions of bundled packages did not come in time"),
    }
}

/// The folders of the packages whose files a source map names.
pub(super) fn folders_of(map: &str, json: &[u8]) -> BTreeSet<String> {
    #[derive(Deserialize)]
    struct Map {
        #[serde(rename = "sourceRoot")]
        root: Option<String>,
        #[serde(default)]
        sources: Vec<Option<String>>,
    }
    let Ok(Map { root, sources }) = serde_json::from_slice(json) else { return BTreeSet::new() };
    let beside = Path::new(map).parent().unwrap_or(Path::new("/")).join(root.unwrap_or_default());
    sources.into_iter().flatten().filter_map(|source| folder_of(&beside, &source)).collect()
}

/// The folder of the package that a file belongs to: a name, or a scope and a name, below the innermost `node_modules`.
fn folder_of(beside: &Path, source: &str) -> Option<String> {
    let mut parts: Vec<Component<'_>> = Vec::new();
    let file = beside.join(source);
    for part in file.components() {
        match part {
            Component::ParentDir => {
                parts.pop().filter(|last| matches!(last, Component::Normal(_)))?;
            }
            Component::CurDir => {}
            part => parts.push(part),
        }
    }
    let at = parts.iter().rposition(|part| part.as_os_str() == "node_modules")?;
    let is_scoped = parts.get(at + 1)?.as_os_str().to_str()?.starts_with('@');
    let end = at + if is_scoped { 3 } else { 2 };
    // Below it there is a file.
    let folder: PathBuf = parts.get(..end).filter(|_| parts.len() > end)?.iter().collect();
    folder.is_absolute().then(|| folder.to_str().map(str::to_owned))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_bundled_packages_stand_in_the_source_map() {
        let check = |map: &str, json: &str, expected: &[&str]| {
            let found = folders_of(map, json.as_bytes());
            assert!(found.iter().eq(expected), "{json}: {found:?}");
        };
        let sources = r#"{"sources": ["../src/a.ts", "../node_modules/lru/index.js", "../node_modules/lru/node.js",
            "../node_modules/@otel/metrics/src/x.ts", "../node_modules/lru/node_modules/yallist/y.js", null]}"#;
        let expected = [
            "/app/node_modules/@otel/metrics",
            "/app/node_modules/lru",
            "/app/node_modules/lru/node_modules/yallist",
        ];
        check("/app/dist/server.js.map", sources, &expected);
        let rooted = r#"{"sourceRoot": "..", "sources": ["./node_modules/lru/index.js"]}"#;
        check("/app/dist/server.js.map", rooted, &["/app/node_modules/lru"]);
        let absolute = r#"{"sourceRoot": "", "sources": ["/srv/node_modules/lru/index.js"]}"#;
        check("/app/dist/server.js.map", absolute, &["/srv/node_modules/lru"]);
        // Not files of a package, or not on the disk there.
        for none in [
            r#"{"sources": ["../node_modules/lru", "../node_modules", "../../../../node_modules/lru/a.js"]}"#,
            r#"{"sources": ["../node_modules/@otel/metrics"]}"#,
            r#"{"sections": []}"#,
            "no JSON",
        ] {
            check("/app/dist/server.js.map", none, &[]);
        }
        check("server.js.map", r#"{"sources": ["node_modules/lru/index.js"]}"#, &[]);
    }
}
