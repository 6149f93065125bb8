//! The session folder: 0700, files 0600, written as `*.partial` and renamed when whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use leakhunt_text::json;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::integrity::{LONGEST_HEADER, Verifier, Whole};
use crate::data::{Error, Event};

/// Chunks arrive in pieces of some hundred kilobytes; this many bytes go to the disk at once.
const BUFFER: usize = 1 << 20;

/// The folder, in the session folder, of the program's scripts and source maps.
const SOURCES: &str = "source-maps";

/// The folder of one hunt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionFolder {
    folder: PathBuf,
}

/// Its `events.ndjson`.
#[derive(Debug)]
pub(crate) struct EventLog {
    file: File,
}

/// A snapshot on its way to the disk: verified and hashed while it is written.
pub(crate) struct Incoming {
    partial: PathBuf,
    whole: PathBuf,
    file: Hashed<BufWriter<File>>,
    verifier: Verifier,
    most: u64,
}

/// A snapshot that is whole.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) file: String,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    pub(crate) whole: Whole,
}

impl SessionFolder {
    /// Makes the folder `leakhunt-NAME-TIME` in `out`; a second hunt in the same second gets a number behind it.
    pub(crate) fn create(out: &Path, name: &str) -> io::Result<(Self, EventLog)> {
        let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
        let clean: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        for attempt in 0..100 {
            let suffix = if attempt == 0 { String::new() } else { format!("-{attempt}") };
            let folder = out.join(format!("leakhunt-{clean}-{time}{suffix}"));
            match DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => {
                    let file = private(&folder.join("events.ndjson"))?;
                    return Ok((Self { folder }, EventLog { file }));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// What could not be written there, and so ends the hunt.
    pub(crate) fn failed(&self, source: io::Error) -> Error {
        Error::Store { path: self.folder.clone(), source }
    }

    /// Writes a JSON document whole or not at all, what looks like a token cut out of it.
    pub(crate) fn document(&self, name: &str, content: &impl Serialize) -> io::Result<()> {
        let mut text = Vec::new();
        json::told_document(&mut text, content)?;
        self.text(name, &text).map(drop)
    }

    /// Writes a file whole or not at all; gives its SHA-256.
    pub(crate) fn text(&self, name: &str, text: &[u8]) -> io::Result<String> {
        let partial = self.folder.join(format!("{name}.partial"));
        let written = private(&partial).and_then(|mut file| {
            file.write_all(text)?;
            file.sync_all()?;
            fs::rename(&partial, self.folder.join(name))
        });
        if written.is_err() {
            // The last document is written after the partial files were removed.
            let _ = fs::remove_file(&partial);
        }
        written.map(|()| hex(&Sha256::digest(text)))
    }

    /// Keeps a file of the program's under the path that it has there, below [`SOURCES`].
    pub(crate) fn source(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut name = PathBuf::from(SOURCES);
        for part in Path::new(path).components() {
            match part {
                Component::RootDir | Component::CurDir => {}
                Component::Normal(part) => name.push(part),
                Component::ParentDir | Component::Prefix(_) => return Err(io::ErrorKind::InvalidInput.into()),
            }
        }
        let folder = self.folder.join(name.parent().unwrap_or(&name));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        self.text(&name.display().to_string(), bytes).map(drop)
    }

    /// A snapshot of at most so many bytes.
    pub(crate) fn incoming(&self, name: &str, most: u64) -> io::Result<Incoming> {
        let partial = self.folder.join(format!("{name}.partial"));
        Ok(Incoming {
            file: Hashed::to(BufWriter::with_capacity(BUFFER, private(&partial)?)),
            partial,
            whole: self.folder.join(name),
            verifier: Verifier::new(),
            most,
        })
    }
}

impl EventLog {
    /// Appends one line, what looks like a token cut out of it.
    pub(crate) fn append(&mut self, event: &Event) -> io::Result<()> {
        #[derive(Serialize)]
        struct Line<'a> {
            at: jiff::Timestamp,
            #[serde(flatten)]
            event: &'a Event,
        }
        let mut line = Vec::new();
        json::told_line(&mut line, &Line { at: jiff::Timestamp::now(), event })?;
        self.file.write_all(&line)
    }
}

/// Removes what is partial in a session folder; returns how many files that were. Nothing is removed from any other folder:
/// its name may have been read from a file that somebody made up.
pub(crate) fn remove_partials(folder: &Path) -> io::Result<usize> {
    if !is_session(folder)? {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a session folder"));
    }
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "partial")
            && fs::symlink_metadata(&path)?.is_file()
        {
            fs::remove_file(path)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Whether a folder is what [`SessionFolder::create`] makes, and this user's.
fn is_session(folder: &Path) -> io::Result<bool> {
    let told = fs::symlink_metadata(folder)?;
    let named = folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"leakhunt-"));
    let ours = told.uid() == rustix::process::geteuid().as_raw() && told.mode() & 0o077 == 0;
    let events = fs::symlink_metadata(folder.join("events.ndjson")).is_ok_and(|events| events.is_file());
    Ok(folder.is_absolute() && named && told.is_dir() && ours && events)
}

impl Incoming {
    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.file.bytes
    }

    /// Verifies, hashes and names the file. On an error the partial file stays for `remove_partials`.
    pub(crate) fn keep(self) -> io::Result<Kept> {
        let whole = self.verifier.finish().map_err(io::Error::other)?;
        let Hashed { to, hash, bytes } = self.file;
        let mut file = Hashed { to: to.into_inner()?, hash, bytes };
        if let Some(functions) = whole.miscounted_functions {
            file = counted_anew(&self.partial, functions)?;
        }
        file.to.sync_all()?;
        fs::rename(&self.partial, &self.whole)?;
        let name = self.whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Kept { file: name, sha256: hex(&file.hash.finalize()), bytes: file.bytes, whole })
    }
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let came = self.file.bytes + bytes.len() as u64;
        if came > self.most {
            let (came, most) = (came as f64 / 1e6, self.most as f64 / 1e6);
            let why = format!("{came:.0} MB came, where {most:.0} MB are the most that could be expected");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
        }
        self.verifier.push(bytes).map_err(io::Error::other)?;
        self.file.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

const FUNCTION_COUNT: &[u8] = br#""trace_function_count":"#;

/// Writes a file once more, its header with the number of functions that the allocation stacks name.
fn counted_anew(path: &Path, functions: u64) -> io::Result<Hashed<File>> {
    let mut old = File::open(path)?;
    let mut head = Vec::new();
    Read::by_ref(&mut old).take(LONGEST_HEADER as u64).read_to_end(&mut head)?;
    let at = head.windows(FUNCTION_COUNT.len()).position(|text| text == FUNCTION_COUNT);
    let at = at.ok_or(io::ErrorKind::InvalidData)? + FUNCTION_COUNT.len();
    let digits = head[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    head.splice(at..at + digits, functions.to_string().into_bytes());
    let again = path.with_extension("again.partial");
    let mut new = Hashed::to(private(&again)?);
    new.write_all(&head)?;
    io::copy(&mut old, &mut new)?;
    fs::rename(&again, path)?;
    Ok(new)
}

/// What is hashed and counted as it is written.
struct Hashed<W> {
    to: W,
    hash: Sha256,
    bytes: u64,
}

impl<W> Hashed<W> {
    fn to(to: W) -> Self {
        Self { to, hash: Sha256::new(), bytes: 0 }
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_source_lies_below_its_folder_whatever_it_is_called() {
        let scratch = tempfile::tempdir().unwrap();
        let (folder, _) = SessionFolder::create(scratch.path(), "local").unwrap();
        folder.source("/app/dist/server.js", b"1").unwrap();
        let kept = folder.path().join("source-maps/app/dist/server.js");
        assert_eq!(fs::read(&kept).unwrap(), b"1");
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
        for hostile in ["/../../../etc/x", "a/../../b", "", "/", "/app/dist/server.js/x"] {
            assert!(folder.source(hostile, b"2").is_err(), "{hostile}");
        }
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
    }

    #[test]
    fn partial_files_are_removed_from_session_folders_and_from_nowhere_else() {
        let scratch = tempfile::tempdir().unwrap();
        fs::write(scratch.path().join("download.partial"), "").unwrap();
        assert!(remove_partials(scratch.path()).is_err());
        assert!(scratch.path().join("download.partial").exists());
        let (folder, _) = SessionFolder::create(scratch.path(), "local").unwrap();
        fs::write(folder.path().join("1.heapsnapshot.partial"), "").unwrap();
        let link = scratch.path().join("leakhunt-link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(remove_partials(&link).is_err());
        assert_eq!(remove_partials(folder.path()).unwrap(), 1);
        assert_eq!(
            remove_partials(&scratch.path().join("gone")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }

    #[test]
    fn a_wrong_number_of_functions_is_put_right() {
        let scratch = tempfile::tempdir().unwrap();
        let (folder, _) = SessionFolder::create(scratch.path(), "local").unwrap();
        let text = |count: u32| {
            format!(
                r#"{{"snapshot":{{"meta":{{"node_fields":["type"],"edge_fields":["type"],"trace_function_info_fields":["id"]}},"node_count":1,"edge_count":0,"trace_function_count":{count}}},"nodes":[1],"edges":[],"trace_function_infos":[{}],"strings":[]}}"#,
                [7; 12].map(|id: u32| id.to_string()).join(",")
            )
        };
        for told in [9, 12] {
            let mut incoming = folder.incoming("1.heaptimeline", 1 << 20).unwrap();
            incoming.write_all(text(told).as_bytes()).unwrap();
            let kept = incoming.keep().unwrap();
            let written = fs::read(folder.path().join("1.heaptimeline")).unwrap();
            assert_eq!(String::from_utf8_lossy(&written), text(12));
            assert_eq!((kept.bytes, kept.sha256), (written.len() as u64, hex(&Sha256::digest(&written))));
        }
        assert_eq!(remove_partials(folder.path()).unwrap(), 0);
    }

    #[test]
    fn no_more_is_written_than_was_to_be_expected() {
        let scratch = tempfile::tempdir().unwrap();
        let (folder, _) = SessionFolder::create(scratch.path(), "local").unwrap();
        let mut incoming = folder.incoming("1.heapsnapshot", 20).unwrap();
        incoming.write_all(b"{\"snapshot\":").unwrap();
        let error = incoming.write_all(b"{\"meta\":{}}").unwrap_err();
        assert!(error.to_string().contains("the most that could be expected"), "{error}");
    }
}
