//! The folders that hunts of a watch left: the newest are kept, so that a watch that is left alone fills no disk.
//!
//! Only what its hunts reported is removed, and only as long as it is where it was: a folder that somebody moved or renamed is theirs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Folders that are remembered. A watch that keeps all still remembers them, for the next one may keep fewer.
pub(super) const MOST: usize = 1_000;

/// Those that are there, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Sessions(Vec<PathBuf>);

impl Sessions {
    /// Whether a watch could have remembered them.
    pub(super) fn are_fit(&self) -> bool {
        let plain = |path: &PathBuf| path.components().all(|part| part.as_os_str() != "..");
        let named = |path: &Path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("leakhunt-"))
        };
        self.0.len() <= MOST && self.0.iter().all(|path| path.is_absolute() && plain(path) && named(path))
    }

    /// A hunt has made this one. What could not be told from another later is nobody's to remove.
    pub(super) fn made(&mut self, folder: &Path) {
        let Ok(folder) = fs::canonicalize(folder) else { return };
        // A path that is no text cannot be written down.
        if folder.to_str().is_none() {
            return;
        }
        self.0.retain(|earlier| *earlier != folder);
        self.0.push(folder);
        self.0.drain(..self.0.len().saturating_sub(MOST));
        if !self.are_fit() {
            self.0.pop();
        }
    }

    /// Removes the oldest, so that no more than `keep` are left; gives each, and how that went.
    pub(super) fn remove_surplus(&mut self, keep: usize) -> Vec<(PathBuf, io::Result<()>)> {
        // What is gone, or something else now, is not looked after any more.
        self.0.retain(|folder| fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()));
        let surplus = self.0.len().saturating_sub(keep);
        let removed: Vec<_> =
            self.0[..surplus].iter().map(|folder| (folder.clone(), fs::remove_dir_all(folder))).collect();
        self.0.retain(|folder| !removed.iter().any(|(gone, how)| gone == folder && how.is_ok()));
        removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_nothing_is_removed_that_it_did_not_make() {
        let out = tempfile::tempdir().unwrap();
        let path = |name: &str| out.path().join(name);
        let make = |name: &str| {
            fs::create_dir(path(name)).unwrap();
            fs::write(path(name).join("1.heapsnapshot"), "x").unwrap();
        };
        let there = || {
            let mut names: Vec<_> = fs::read_dir(out.path())
                .unwrap()
                .map(|one| one.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        let mut sessions = Sessions::default();
        for name in ["leakhunt-a", "leakhunt-b", "leakhunt-c", "leakhunt-d", "leakhunt-e", "other"] {
            make(name);
            sessions.made(&path(name));
        }
        make("leakhunt-mine");
        assert!(sessions.are_fit());
        // One was renamed, one is a link to something else now.
        fs::rename(path("leakhunt-b"), path("kept-b")).unwrap();
        fs::rename(path("leakhunt-c"), path("kept-c")).unwrap();
        std::os::unix::fs::symlink(path("leakhunt-mine"), path("leakhunt-c")).unwrap();
        let removed = sessions.remove_surplus(2);
        assert!(removed.iter().all(|(_, how)| how.is_ok()) && removed.len() == 1, "{removed:?}");
        let all = ["kept-b", "kept-c", "leakhunt-c", "leakhunt-d", "leakhunt-e", "leakhunt-mine", "other"];
        assert_eq!(there(), all);
        assert!(sessions.remove_surplus(2).is_empty() && there() == all);
    }

    #[test]
    fn what_no_watch_remembered_is_not_believed() {
        for (path, fit) in [
            ("/srv/leakhunt-a", true),
            ("leakhunt-a", false),
            ("/srv/../etc/leakhunt-a", false),
            ("/srv/leakhunt-a/..", false),
            ("/srv/other", false),
            ("/", false),
        ] {
            assert_eq!(Sessions(vec![path.into()]).are_fit(), fit, "{path}");
        }
        assert!(!Sessions(vec!["/srv/leakhunt-a".into(); MOST + 1]).are_fit());
    }
}
