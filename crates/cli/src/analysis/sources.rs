//! Where the texts of the analysed program's scripts are read.
//!
//! A snapshot names files, and whoever made it chose the names. So nothing is read but below folders that somebody allowed:
//! those given as `--sources`, the session folder's own, and after a hunt on this machine the folders of the process.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};
use leakhunt_files::{self as outside, Root};

use crate::exit;
use crate::failure::Failure;

/// A script or source map that is larger is not read: no program's is.
const LARGEST_SOURCE: u64 = 64 << 20;

/// A folder that is there.
pub(crate) fn folder() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match std::fs::metadata(&path) {
        Ok(found) if found.is_dir() => Ok(path),
        Ok(_) => Err("it is no folder".to_owned()),
        Err(error) => Err(error.to_string()),
    })
}

/// The folders that may be read.
pub(super) struct Sources {
    roots: Vec<Root>,
    /// Files that are on this machine, in no folder that may be read.
    passed_over: RefCell<BTreeSet<PathBuf>>,
    /// What was in a folder and could not be read, and why.
    unreadable: RefCell<BTreeSet<String>>,
}

impl Sources {
    /// Folders that somebody named must be there; `others` may be.
    pub(super) fn below(named: &[PathBuf], others: &[PathBuf]) -> Result<Self, Failure> {
        let opened = named.iter().map(|folder| {
            Root::open(folder).map_err(|error| {
                Failure::new(exit::USAGE, format!("--sources {}: {error}", folder.display()))
                    .hint("it takes the folder of a checkout, or of a build")
            })
        });
        let mut roots = opened.collect::<Result<Vec<_>, _>>()?;
        roots.extend(others.iter().filter_map(|folder| Root::open(folder).ok()));
        Ok(Self { roots, passed_over: RefCell::default(), unreadable: RefCell::default() })
    }

    /// The text of a script or source map.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let name = Path::new(name);
        let parts: Vec<Component<'_>> = name.components().collect();
        let found = self.roots.iter().find_map(|root| {
            // The file itself, if it lies there; else the longest tail of its path that does: /app/dist/a.js is dist/a.js in
            // a checkout.
            let itself = name.strip_prefix(root.path()).ok().and_then(|tail| self.read(root, tail));
            itself.or_else(|| {
                (0..parts.len())
                    .find_map(|skipped| self.read(root, &parts[skipped..].iter().collect::<PathBuf>()))
            })
        });
        if found.is_none() && name.is_absolute() && is_here(name) {
            self.passed_over.borrow_mut().insert(name.to_owned());
        }
        found
    }

    fn read(&self, root: &Root, tail: &Path) -> Option<String> {
        let plain = tail.components().all(|part| matches!(part, Component::Normal(_)));
        if !plain || tail.as_os_str().is_empty() {
            return None;
        }
        // What is not there under one name may be under another.
        if std::fs::symlink_metadata(root.path().join(tail)).is_err() {
            return None;
        }
        let read = root.file(tail).and_then(|file| outside::read(&file, LARGEST_SOURCE));
        match read {
            Ok(bytes) => String::from_utf8(bytes).ok(),
            Err(error) => {
                if root.path().join(tail).symlink_metadata().is_ok_and(|told| !told.is_dir()) {
                    let path = root.path().join(tail);
                    self.unreadable.borrow_mut().insert(format!("{} was not read: {error}", path.display()));
                }
                None
            }
        }
    }

    /// What was left out, and how to have it.
    pub(super) fn warnings(&self) -> Vec<String> {
        let passed_over = self.passed_over.borrow();
        let first = passed_over.first().map(|first| {
            let others = match passed_over.len() {
                1 => String::new(),
                more => format!(" and {} other files of the program", more - 1),
            };
            let folder = first.parent().unwrap_or(first);
            format!(
                "{}{others} are on this machine, but were not read: a snapshot may name any file. If they are the program's, \
                 allow their folder: --sources {}",
                first.display(),
                folder.display()
            )
        });
        first.into_iter().chain(self.unreadable.borrow().iter().cloned()).collect()
    }
}

/// Whether a file of this name is on a disk here; not a byte of it is read for that.
fn is_here(name: &Path) -> bool {
    let made_up = ["/proc", "/sys", "/dev"].iter().any(|folder| name.starts_with(folder));
    !made_up && name.symlink_metadata().is_ok_and(|told| told.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_found_below_the_folder_and_nowhere_above_it() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("app");
        std::fs::create_dir_all(inside.join("dist")).unwrap();
        std::fs::write(inside.join("dist/a.js"), "a").unwrap();
        let outside = folder.path().join("secret.js");
        std::fs::write(&outside, "secret").unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("link.js")).unwrap();
        let sources = Sources::below(std::slice::from_ref(&inside), &[]).unwrap();
        let itself = inside.join("dist/a.js").display().to_string();
        for name in ["/srv/nowhere/dist/a.js", "dist/a.js", &itself] {
            assert_eq!(sources.text(name).as_deref(), Some("a"), "{name}");
        }
        for name in [
            "../secret.js",
            "node:internal/timers",
            "/dev/zero",
            "/proc/self/pagemap",
            "/proc/kmsg",
            "/etc/shadow.js",
        ] {
            assert_eq!(sources.text(name), None, "{name}");
        }
        assert_eq!(sources.warnings(), Vec::<String>::new());
        assert_eq!(sources.text("link.js"), None);
        assert_eq!(sources.text(&outside.display().to_string()), None);
        let warnings = sources.warnings();
        assert!(warnings[0].contains(&format!("--sources {}", folder.path().display())), "{warnings:?}");
        assert!(warnings[1].contains("a link leads out of the folder"), "{warnings:?}");
    }

    #[test]
    fn a_named_folder_must_be_there() {
        assert!(Sources::below(&["/nowhere".into()], &[]).is_err());
        assert!(Sources::below(&[], &["/nowhere".into()]).is_ok());
    }
}
