//! What a hunt has begun and not yet undone, on disk: what is left to be done if it is killed.
//!
//! One file a hunt, in the user's state folder: 0600, lines of JSON, each written through before (or, for a child whose
//! number must be known, straight after) the act it tells of. The living hunt holds a lock on it, which the system drops
//! with the process: a file that can be locked belongs to a hunt that is no longer alive. It is made under another
//! name, locked, and then given its own, so that nobody meets it unlocked. The file goes when everything was seen undone,
//! by the hunt itself or by [`crate::cleanup()`].

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use leakhunt_files as files;
use leakhunt_host::{Footprint, PrivateFolders};
use rustix::fs::{FlockOperation, flock};
use rustix::process::geteuid;
use serde::{Deserialize, Serialize};

use crate::data::{Destination, NodeProcess, TeardownStep};

/// A journal is some kilobytes; what is longer was not written by a hunt.
const LONGEST: u64 = 1 << 20;

/// One thing that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub(crate) enum Act {
    /// The hunt itself.
    Begun {
        /// Target in words.
        target: String,
        /// Where that is, as far as it was told.
        #[serde(default)]
        destination: Option<Destination>,
        /// The same in earlier journals: the arguments of the command line that led there.
        #[serde(default, rename = "way", skip_serializing)]
        arguments: Vec<String>,
        /// When.
        at: jiff::Timestamp,
    },
    /// A session folder, in which files may be partial.
    Folder {
        /// Its path.
        path: PathBuf,
    },
    /// Children will have their private folders there.
    Private {
        /// Where, and how they are called.
        folders: PrivateFolders,
    },
    /// A child was started.
    Child {
        /// What it is for.
        what: TeardownStep,
        /// Where it is found.
        footprint: Footprint,
    },
    /// The process's inspector is about to be opened, or was found open.
    Inspector(Target),
    /// A dead-man watches in the process.
    Planted,
}

/// The process under study, and its inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) pid: u32,
    pub(crate) start: u64,
    pub(crate) port: u16,
    pub(crate) ours: bool,
}

impl Act {
    /// An inspector that is about to be opened, or was found open.
    pub(crate) fn inspector(process: &NodeProcess, port: u16, ours: bool) -> Self {
        Self::Inspector(Target { pid: process.pid, start: process.start, port, ours })
    }
}

/// The journal of a living hunt.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

/// The journal of a hunt that ended without having torn everything down.
#[derive(Debug)]
pub struct Unfinished {
    pub(crate) journal: Journal,
    pub(crate) acts: Vec<Act>,
    /// The target in words.
    pub target: String,
    /// Where that is, if its journal tells.
    pub destination: Option<Destination>,
    /// When the hunt began.
    pub at: jiff::Timestamp,
}

/// What lies in the folder.
#[derive(Debug, Default)]
pub struct Journals {
    /// Of hunts that are no longer alive, oldest first.
    pub unfinished: Vec<Unfinished>,
    /// How many hunts are under way.
    pub alive: usize,
    /// Files that cannot be read as a journal.
    pub unreadable: Vec<PathBuf>,
    /// Where living hunts are at work.
    pub(crate) busy: Vec<(Option<Destination>, Target)>,
}

impl Journals {
    /// Is a hunt from this machine under way in that very process? Pid and start are its identity, wherever they were seen from;
    /// but two dynos that were started in the same moment have processes with the same of both.
    pub(crate) fn someone_hunts(&self, process: &NodeProcess, there: Option<&Destination>) -> bool {
        self.busy.iter().any(|(elsewhere, target)| {
            (target.pid, target.start) == (process.pid, process.start)
                && !elsewhere.as_ref().zip(there).is_some_and(|(one, other)| one.is_another_dyno_than(other))
        })
    }
}

impl Journal {
    pub(crate) fn begin(folder: &Path, target: &str, destination: Option<&Destination>) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let at = jiff::Timestamp::now();
        let name = format!("{}-{}.ndjson", at.strftime("%Y%m%dT%H%M%S%6fZ"), std::process::id());
        let (path, unnamed) = (folder.join(&name), folder.join(format!("{name}.new")));
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&unnamed)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        let mut journal = Self { file, path };
        let (target, destination) = (target.to_owned(), destination.cloned());
        let begun = Act::Begun { target, destination, arguments: Vec::new(), at };
        let named = journal.note(&begun).and_then(|()| fs::rename(&unnamed, &journal.path));
        if named.is_err() {
            // Nothing was begun yet; a nameless journal would be met by nobody.
            let _ = fs::remove_file(unnamed);
        }
        named.map(|()| journal)
    }

    /// Writes an act through to the disk.
    pub(crate) fn note(&mut self, act: &Act) -> io::Result<()> {
        let mut line = Vec::new();
        leakhunt_text::json::line(&mut line, act)?;
        self.file.write_all(&line)?;
        self.file.sync_data()
    }

    /// Everything was seen undone.
    pub(crate) fn finish(self) -> io::Result<()> {
        fs::remove_file(self.path)
    }
}

/// Reads the journals of a folder; one that is not there has none.
///
/// # Errors
/// The folder cannot be read.
pub fn journals(folder: &Path) -> io::Result<Journals> {
    let mut found = Journals::default();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ndjson"));
    paths.sort();
    for path in paths {
        match read(&path) {
            Ok(Met::Unfinished(unfinished)) => found.unfinished.push(*unfinished),
            Ok(Met::Alive(acts)) => {
                found.alive += 1;
                found.busy.extend(inspector(&acts).map(|target| (destination(&acts), target)));
            }
            // It was finished between the listing and the look.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => found.unreadable.push(path),
        }
    }
    Ok(found)
}

enum Met {
    Alive(Vec<Act>),
    Unfinished(Box<Unfinished>),
}

fn read(path: &Path) -> io::Result<Met> {
    let file = files::open_to_append(path)?;
    let locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
    if locked.is_ok() && !path.exists() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let text = files::read(&file, LONGEST)?;
    // The last line of a hunt that was killed may be torn, and a later version may know more acts.
    let acts: Vec<Act> =
        text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    if locked.is_err() {
        return Ok(Met::Alive(acts));
    }
    let Some(Act::Begun { target, at, .. }) = acts.first().cloned() else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    if !acts.iter().all(is_possible) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it names what no hunt can have begun"));
    }
    // What it names would be run: nobody but this user may have written it.
    if destination(&acts).is_some_and(|there| there.names_a_program()) && !is_own(&file)? {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it names a program, and others may have written it",
        ));
    }
    let journal = Journal { file, path: path.to_owned() };
    let destination = destination(&acts);
    Ok(Met::Unfinished(Box::new(Unfinished { journal, acts, target, destination, at })))
}

/// Could a hunt have written this? Whoever can write into the folder could make a journal up, and have a later `cleanup` end
/// what it names: nothing of such a journal is done.
fn is_possible(act: &Act) -> bool {
    match act {
        Act::Child { footprint, .. } => footprint.is_a_group(),
        Act::Private { folders } => folders.are_drawn(),
        Act::Folder { path } => {
            path.is_absolute()
                && path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"leakhunt-"))
        }
        Act::Inspector(target) => target.pid > 0 && target.port > 0,
        Act::Begun { .. } | Act::Planted => true,
    }
}

/// Is it this user's, and can nobody else write into it?
fn is_own(file: &File) -> io::Result<bool> {
    let about = file.metadata()?;
    Ok(about.uid() == geteuid().as_raw() && about.mode() & 0o022 == 0)
}

fn destination(acts: &[Act]) -> Option<Destination> {
    let Some(Act::Begun { destination, arguments, .. }) = acts.first() else { return None };
    destination.clone().or_else(|| Destination::of_arguments(arguments))
}

/// The last word on the inspector.
pub(crate) fn inspector(acts: &[Act]) -> Option<Target> {
    acts.iter().rev().find_map(|act| if let Act::Inspector(target) = act { Some(*target) } else { None })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    fn target(port: u16) -> Target {
        Target { pid: 42, start: 7, port, ours: true }
    }

    #[test]
    fn a_living_hunt_is_told_from_a_dead_one() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("hunts");
        assert_eq!(journals(&folder).unwrap().unfinished.len(), 0);
        let shop = Destination::Heroku {
            app: "shop".parse().unwrap(),
            dyno: "web.1".parse().unwrap(),
            preload: true,
        };
        let mut journal = Journal::begin(&folder, "web.1 of shop", Some(&shop)).unwrap();
        journal.note(&Act::Inspector(target(9229))).unwrap();
        journal.note(&Act::Inspector(target(9230))).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&journal.path).unwrap().permissions().mode() & 0o777, 0o600);

        let found = journals(&folder).unwrap();
        assert_eq!((found.alive, found.unfinished.len()), (1, 0));
        assert_eq!(found.busy, [(Some(shop.clone()), target(9230))]);
        let Target { pid, start, .. } = target(9230);
        let process = NodeProcess { pid, start, ..NodeProcess::default() };
        let second = Destination::Heroku {
            app: "shop".parse().unwrap(),
            dyno: "web.2".parse().unwrap(),
            preload: true,
        };
        for (there, hunted) in
            [(Some(&shop), true), (Some(&Destination::Local), true), (None, true), (Some(&second), false)]
        {
            assert_eq!(found.someone_hunts(&process, there), hunted, "{there:?}");
        }
        drop(journal);
        let found = journals(&folder).unwrap();
        assert_eq!((found.alive, found.unfinished.len()), (0, 1));
        let [unfinished] = found.unfinished.try_into().unwrap_or_else(|_| panic!("one"));
        assert_eq!((&*unfinished.target, unfinished.destination), ("web.1 of shop", Some(shop)));
        assert_eq!(inspector(&unfinished.acts), Some(target(9230)));
        unfinished.journal.finish().unwrap();
        assert_eq!(journals(&folder).unwrap().unfinished.len(), 0);
    }

    #[test]
    fn no_program_is_taken_from_a_journal_that_others_could_write() {
        let folder = tempfile::tempdir().unwrap();
        let there = Destination::Command { exec: "sh -c {}".parse().unwrap(), forward: None };
        let journal = Journal::begin(folder.path(), "`sh -c {}`", Some(&there)).unwrap();
        let path = journal.path.clone();
        drop(journal);
        assert_eq!(journals(folder.path()).unwrap().unfinished[0].destination, Some(there));
        for mode in [0o620, 0o602] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let found = journals(folder.path()).unwrap();
            assert_eq!((found.unfinished.len(), found.unreadable.len()), (0, 1), "{mode:o}");
        }
    }

    #[test]
    fn a_journal_of_before_destinations_leads_to_the_same_place() {
        let folder = tempfile::tempdir().unwrap();
        let begun = concat!(
            r#"{"act":"begun","target":"web.1 of shop","way":["heroku","--app","shop","--dyno","web.1"],"#,
            r#""at":"2026-01-31T12:00:00Z"}"#,
            "\n",
            r#"{"act":"inspector","pid":42,"start":7,"port":9229,"ours":true}"#,
            "\n"
        );
        fs::write(folder.path().join("1.ndjson"), begun).unwrap();
        let found = journals(folder.path()).unwrap();
        let [unfinished] = found.unfinished.try_into().unwrap_or_else(|_| panic!("one"));
        assert_eq!(inspector(&unfinished.acts), Some(target(9229)));
        let Some(Destination::Heroku { app, preload: true, .. }) = unfinished.destination else {
            panic!("{:?}", unfinished.destination)
        };
        assert_eq!(app.as_str(), "shop");
    }

    #[test]
    fn a_torn_line_is_passed_over_and_a_strange_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::begin(folder.path(), "here", None).unwrap();
        journal.note(&Act::Planted).unwrap();
        journal.file.write_all(br#"{"act":"inspector","pid":4"#).unwrap();
        drop(journal);
        fs::write(folder.path().join("zzz.ndjson"), "nonsense").unwrap();
        let pipe = folder.path().join("yyy.ndjson");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let link = folder.path().join("xxx.ndjson");
        std::os::unix::fs::symlink("zzz.ndjson", &link).unwrap();
        let found = journals(folder.path()).unwrap();
        assert_eq!(found.unfinished[0].acts.len(), 2);
        assert_eq!(found.unreadable, [link, pipe, folder.path().join("zzz.ndjson")]);
    }

    #[test]
    fn a_journal_that_was_made_up_is_not_acted_upon() {
        for act in [
            r#"{"act":"child","what":"tunnel","footprint":{"group":1,"started":"x","executable":"/sbin/init"}}"#,
            r#"{"act":"child","what":"tunnel","footprint":{"group":0,"started":"x"}}"#,
            r#"{"act":"private","folders":{"within":"/","prefix":""}}"#,
            r#"{"act":"folder","path":"/home/somebody/Downloads"}"#,
            r#"{"act":"folder","path":"leakhunt-x"}"#,
            r#"{"act":"inspector","pid":0,"start":0,"port":9229,"ours":true}"#,
        ] {
            let folder = tempfile::tempdir().unwrap();
            let mut journal = Journal::begin(folder.path(), "here", None).unwrap();
            writeln!(journal.file, "{act}").unwrap();
            drop(journal);
            let found = journals(folder.path()).unwrap();
            assert_eq!((found.unfinished.len(), found.unreadable.len()), (0, 1), "{act}");
        }
    }
}
