//! Is the session folder one that `git add` would take along? Snapshots hold whatever the app holds.
//!
//! Git itself is not asked, which may not be there: only the lines are known that a person writes on our advice.

use std::path::{Path, PathBuf};

/// What to ignore: the session folders of all hunts.
pub(crate) const PATTERN: &str = "leakhunt-*/";

/// A `.gitignore` is some kilobytes.
const LARGEST: u64 = 1 << 20;

/// The git work tree around a session folder, unless it ignores such folders.
pub(crate) fn around(session: &Path) -> Option<PathBuf> {
    let mut ignored = false;
    for folder in session.ancestors().skip(1) {
        ignored |= ignores(&folder.join(".gitignore"));
        // A file in a linked work tree or a submodule, else a folder.
        let git = folder.join(".git");
        if git.exists() {
            ignored |= ignores(&git.join("info/exclude"));
            return (!ignored).then(|| folder.to_owned());
        }
    }
    None
}

fn ignores(file: &Path) -> bool {
    let regular = std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.len() <= LARGEST);
    let patterns = ["leakhunt-*", PATTERN];
    regular
        && std::fs::read_to_string(file).is_ok_and(|text| {
            text.lines().any(|line| patterns.contains(&line.trim().trim_start_matches('/')))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_tree_that_would_take_the_snapshots_along() {
        let scratch = tempfile::tempdir().unwrap();
        let tree = scratch.path().join("shop");
        let session = tree.join("incidents/leakhunt-shop-web.1-20260131T120000Z");
        std::fs::create_dir_all(&session).unwrap();
        assert_eq!(around(&session), None);
        std::fs::create_dir(tree.join(".git")).unwrap();
        assert_eq!(around(&session).as_deref(), Some(tree.as_path()));
        std::fs::write(tree.join(".gitignore"), "node_modules\n*.heapsnapshot.gz\n").unwrap();
        assert_eq!(around(&session).as_deref(), Some(tree.as_path()));
        std::fs::write(tree.join("incidents/.gitignore"), "# hunts\nleakhunt-*/\n").unwrap();
        assert_eq!(around(&session), None);
        std::fs::remove_file(tree.join("incidents/.gitignore")).unwrap();
        std::fs::create_dir(tree.join(".git/info")).unwrap();
        std::fs::write(tree.join(".git/info/exclude"), "/leakhunt-*\n").unwrap();
        assert_eq!(around(&session), None);
    }
}
