//! What outlives a watch: which hunts it began, so that a restart neither repeats one nor forgets a cool-down, and the folders that they
//! left.
//!
//! One file an app, in the user's state folder, replaced in one go. Beside it lies a lock that a watch holds while it lives. What is in
//! the file is believed only where a watch could have written it. Otherwise it is replaced, and a hunt is taken to have just ended: in
//! doubt nothing is done.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use leakhunt_text::json;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::policy::Past;
use super::sessions::Sessions;

/// A hundred hunts, each with the name of its dyno, and a thousand paths.
const MOST_BYTES: u64 = 8 << 20;
const MOST_HUNTS: usize = 100;
/// Clocks that are set meanwhile.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema_version: u32,
    app: String,
    hunts: Vec<Past>,
    #[serde(default)]
    sessions: Sessions,
}

/// The file of a watch that lives.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    app: String,
    /// Held as long as this is.
    _lock: File,
}

/// What an earlier watch left.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    Hunts(Vec<Past>, Sessions),
    /// Why it is not believed.
    Unfit(String),
}

impl Kept {
    /// Takes the lock; `None` where another watch has it.
    pub(super) fn open(folder: &Path, app: &str) -> io::Result<Option<Self>> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join(format!("{app}.lock")))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let path = folder.join(format!("{app}.json"));
        Ok(Some(Self { path, app: app.to_owned(), _lock: lock }))
    }

    pub(super) fn read(&self, now: Timestamp) -> Left {
        let bytes = match leakhunt_files::open(&self.path) {
            Ok(file) => leakhunt_files::read(&file, MOST_BYTES),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Left::Hunts(Vec::new(), Sessions::default());
            }
            Err(error) => Err(error),
        };
        let document = bytes
            .map_err(|error| error.to_string())
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
        match document.and_then(|document| self.checked(document, now)) {
            Ok((hunts, sessions)) => Left::Hunts(hunts, sessions),
            Err(why) => Left::Unfit(why),
        }
    }

    fn checked(&self, document: Document, now: Timestamp) -> Result<(Vec<Past>, Sessions), String> {
        let Document { schema_version, app, hunts, sessions } = document;
        let latest = now + AHEAD;
        let in_order = hunts.is_sorted_by_key(|hunt| hunt.began);
        let past = hunts.iter().all(|hunt| {
            hunt.began <= latest && hunt.ended.is_none_or(|ended| hunt.began <= ended && ended <= latest)
        });
        match () {
            () if schema_version != 1 => Err(format!("it has version {schema_version}")),
            () if app != self.app => Err("it is another app's".into()),
            () if hunts.len() > MOST_HUNTS => Err("it has more hunts than there can be".into()),
            () if !in_order => Err("its hunts are not in order".into()),
            () if !past => Err("it tells of hunts that are still to come".into()),
            () if !sessions.are_fit() => Err("it names folders that are none of a hunt".into()),
            () => Ok((hunts, sessions)),
        }
    }

    /// Replaces what is kept.
    pub(super) fn write(&self, hunts: &[Past], sessions: &Sessions) -> io::Result<()> {
        let hunts = hunts[hunts.len().saturating_sub(MOST_HUNTS)..].to_vec();
        let document =
            Document { schema_version: 1, app: self.app.clone(), hunts, sessions: sessions.clone() };
        let partial = self.path.with_extension("json.partial");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
        let mut bytes = Vec::new();
        json::document(&mut bytes, &document)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&partial, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_769_860_800 + minute * 60).unwrap()
    }

    #[test]
    fn what_was_written_is_read_and_what_was_not_is_not_believed() {
        let folder = std::env::temp_dir().join(format!("leakhunt-kept-{}", std::process::id()));
        let kept = Kept::open(&folder, "shop").unwrap().unwrap();
        assert!(Kept::open(&folder, "shop").unwrap().is_none(), "one watch an app");
        let none = Sessions::default();
        assert_eq!(kept.read(at(0)), Left::Hunts(Vec::new(), none.clone()));
        let hunts = [
            Past { dyno: "web.1".into(), began: at(0), ended: Some(at(1)) },
            Past { dyno: "web.2".into(), began: at(90), ended: None },
        ];
        kept.write(&hunts, &none).unwrap();
        assert_eq!(kept.read(at(100)), Left::Hunts(hunts.to_vec(), none));
        let whole = fs::read_to_string(folder.join("shop.json")).unwrap();
        let unfit = |text: &str, now: Timestamp| {
            fs::write(folder.join("shop.json"), text).unwrap();
            assert!(matches!(kept.read(now), Left::Unfit(_)), "{text}");
        };
        unfit(&whole, at(10));
        for (what, other) in [
            ("\"shop\"", "\"other\""),
            ("\"schema_version\": 1", "\"schema_version\": 2"),
            ("web.1\",", "web.1\", \"x\": 1,"),
            ("\"sessions\": []", "\"sessions\": [\"/etc\"]"),
        ] {
            assert!(whole.contains(what));
            unfit(&whole.replace(what, other), at(100));
        }
        unfit(&whole[..whole.len() / 2], at(100));
        unfit("", at(100));
        unfit(&" ".repeat(MOST_BYTES as usize + 1), at(100));
        drop(kept);
        // A program that another test starts at this moment has the lock for as long as its start takes.
        let since = std::time::Instant::now();
        while Kept::open(&folder, "shop").unwrap().is_none() {
            assert!(since.elapsed().as_secs() < 60, "the lock goes with the watch");
            std::thread::yield_now();
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
