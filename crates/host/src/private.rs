//! The private folders of one host's children, known before the first of them is made.
//!
//! A folder's name begins with a word that was drawn at random, and a child carries its folder's whole name in its
//! environment. So who knows the word can find all that a killed hunt has left here, at whatever moment it was killed: folders
//! whose child was not started yet, and processes that outlived their leader.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, getpgid, getpgrp};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::Environment;
use crate::footprint::Erased;
use crate::members::{end_group, members};

/// The variable in which a child carries its folder.
pub(crate) const VARIABLE: &str = "LEAKHUNT_FOLDER";

/// What the preload and its session make in their private folder.
const FILES: [&str; 4] = ["preload.cjs", "tell", "forward", "socks"];

/// Where a host's children have their private folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateFolders {
    /// The folder in which they are made.
    pub within: PathBuf,
    /// How their names begin, and no others.
    pub prefix: String,
}

impl PrivateFolders {
    pub(crate) fn draw(environment: &Environment) -> Self {
        use std::hash::{BuildHasher as _, RandomState};
        let word = RandomState::new().hash_one(std::process::id());
        Self {
            within: environment.runtime_folder(),
            // Short: a Unix socket's path holds little.
            prefix: format!("leakhunt-{:08x}-", word & 0xffff_ffff),
        }
    }

    /// Marks a child that needs no folder, so that it is found as those are that have one.
    pub(crate) fn mark(&self, environment: &mut Environment) {
        environment.set(VARIABLE, self.within.join(format!("{}none", self.prefix)));
    }

    /// Makes one, which only this user can enter.
    pub(crate) fn make(&self) -> io::Result<TempDir> {
        tempfile::Builder::new()
            .prefix(&self.prefix)
            .rand_bytes(4)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&self.within)
    }

    /// Could [`PrivateFolders`] have been drawn by a hunt? What was read from a file may have been made up.
    #[must_use]
    pub fn are_drawn(&self) -> bool {
        let word = self.prefix.strip_prefix("leakhunt-").and_then(|rest| rest.strip_suffix('-'));
        word.is_some_and(|word| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
            && self.within.is_absolute()
    }

    /// Ends each process that has one of them, and removes them.
    pub async fn erase(&self) -> Erased {
        if !self.are_drawn() {
            return Erased::Remains;
        }
        let mut erased = Erased::WasGone;
        for group in self.groups() {
            erased = match end_group(group, || members(group).is_empty()).await {
                true => Erased::Ended,
                false => return Erased::Remains,
            };
        }
        match self.folders().and_then(|folders| folders.iter().try_fold(erased, |_, folder| remove(folder))) {
            Ok(erased) => erased,
            Err(_) => Erased::Remains,
        }
    }

    fn folders(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.within) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let ours = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.as_bytes().starts_with(self.prefix.as_bytes()))
        };
        Ok(entries.flatten().map(|entry| entry.path()).filter(ours).collect())
    }

    /// The process groups in which somebody carries one of the folders. Without a /proc (macOS) nobody is seen.
    fn groups(&self) -> Vec<Pid> {
        let start =
            [VARIABLE.as_bytes(), b"=", self.within.join(&self.prefix).as_os_str().as_bytes()].concat();
        let carries = |pid: &Pid| {
            fs::read(format!("/proc/{}/environ", pid.as_raw_pid()))
                .is_ok_and(|environ| environ.split(|byte| *byte == 0).any(|entry| entry.starts_with(&start)))
        };
        let ours = getpgrp();
        let mut groups: Vec<Pid> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
            .filter(carries)
            .filter_map(|pid| getpgid(Some(pid)).ok())
            .filter(|group| group.as_raw_pid() > 1 && *group != ours)
            .collect();
        groups.sort_by_key(|group| group.as_raw_pid());
        groups.dedup();
        groups
    }
}

/// Removes a private folder file by file.
fn remove(folder: &Path) -> io::Result<Erased> {
    if !fs::symlink_metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for name in FILES {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::remove_dir(folder).map(|()| Erased::Ended)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};

    use super::*;

    fn folders_in(within: &Path) -> PrivateFolders {
        PrivateFolders::draw(&Environment::new([("XDG_RUNTIME_DIR", within)]))
    }

    #[tokio::test]
    async fn a_folder_whose_child_was_not_started_yet() {
        let within = tempfile::tempdir().unwrap();
        let folders = folders_in(within.path());
        assert_eq!(folders.erase().await, Erased::WasGone);
        let one = folders.make().unwrap().keep();
        let two = folders.make().unwrap().keep();
        fs::write(one.join("preload.cjs"), "").unwrap();
        let others = folders_in(within.path()).make().unwrap();
        assert_eq!(folders.erase().await, Erased::Ended);
        assert!(!one.exists() && !two.exists());
        assert!(others.path().exists(), "another hunt's folder stays");
    }

    #[tokio::test]
    async fn what_outlived_its_leader_is_found_by_its_folder() {
        let within = tempfile::tempdir().unwrap();
        let folders = folders_in(within.path());
        let folder = folders.make().unwrap().keep();
        let mut leader = Command::new("sh")
            .args(["-c", "sh -c 'trap \"\" TERM; echo up; while :; do sleep 300; done' &"])
            .env(VARIABLE, &folder)
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(leader.stdout.take().unwrap()).read_line(&mut line).unwrap();
        leader.wait().unwrap();
        assert_eq!(folders.groups().len(), 1);
        assert_eq!(folders.erase().await, Erased::Ended);
        assert!(folders.groups().is_empty() && !folder.exists());
    }

    #[tokio::test]
    async fn only_private_folders_are_removed_and_only_their_own_files() {
        let within = tempfile::tempdir().unwrap();
        let folders = folders_in(within.path());
        let folder = folders.make().unwrap().keep();
        fs::write(folder.join("precious"), "").unwrap();
        assert_eq!(folders.erase().await, Erased::Remains);
        assert!(folder.join("precious").exists());
        for prefix in ["", "leakhunt-", "leakhunt-x", "leakhunt-0123456-", "leakhunt-../../x-"] {
            let strange = PrivateFolders { prefix: prefix.to_owned(), ..folders.clone() };
            assert_eq!(strange.erase().await, Erased::Remains, "{prefix}");
        }
    }
}
