//! What was recorded of a program: its snapshots, the readings taken with them, and the texts of its scripts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use leakhunt_diagnosis::{Evidence, Findings, LoadedPackage, Memory, Series, diagnose};
use leakhunt_heap::Snapshot;
use serde_json::Value;

use super::unpack::unpack;

/// The name of the packed snapshots in the archive of a kept recording.
pub(crate) const SNAPSHOTS: &str = "snapshots";

/// The name of what is noted of the process.
pub(crate) const PROCESS: &str = "process.json";

/// Where kept recordings say that the programs lie, in a folder `programs` beside the packages that they import.
pub(crate) const KEPT_AT: &str = "/leaks";

/// A recording.
pub(crate) struct Recording {
    /// The snapshots, oldest first, as V8 wrote them.
    pub(crate) snapshots: Vec<Vec<u8>>,
    /// The readings as the runner wrote them.
    pub(crate) readings: Vec<u8>,
    /// What else a hunt has noted of the process: `{node_version, packages}`, as in a session.json.
    pub(crate) process: Option<Vec<u8>>,
    texts: Texts,
    /// What was asked for, and was there.
    pub(crate) read: RefCell<BTreeMap<String, String>>,
}

enum Texts {
    /// Where the program ran.
    OnDisk,
    /// Those of the corpus beside it, and others, by path.
    Kept { programs: PathBuf, others: BTreeMap<String, String> },
}

impl Recording {
    /// The recording in a folder, of a program that is still there.
    pub(crate) fn whole(folder: &Path) -> io::Result<Self> {
        let mut snapshots = Vec::new();
        loop {
            match fs::read(folder.join(format!("{}.heapsnapshot", snapshots.len() + 1))) {
                Ok(snapshot) => snapshots.push(snapshot),
                Err(_) if !snapshots.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        let readings = fs::read(folder.join("memory.json"))?;
        let process = fs::read(folder.join(PROCESS)).ok();
        Ok(Self { snapshots, readings, process, texts: Texts::OnDisk, read: RefCell::default() })
    }

    /// The recording in an archive, of one of these programs.
    pub(crate) fn kept(archive: &Path, programs: &Path) -> io::Result<Self> {
        let (mut snapshots, mut readings, mut others) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut process = None;
        for entry in tar::Archive::new(zstd::Decoder::new(File::open(archive)?)?).entries()? {
            let mut entry = entry?;
            let name = entry.path()?.to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            if name == SNAPSHOTS {
                snapshots = unpack(&bytes);
            } else if name == "memory.json" {
                readings = bytes;
            } else if name == PROCESS {
                process = Some(bytes);
            } else {
                others.insert(format!("/{name}"), String::from_utf8(bytes).map_err(io::Error::other)?);
            }
        }
        let texts = Texts::Kept { programs: programs.to_owned(), others };
        Ok(Self { snapshots, readings, process, texts, read: RefCell::default() })
    }

    /// The text of a script or source map.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        let text = match &self.texts {
            Texts::OnDisk => fs::read_to_string(path).ok(),
            Texts::Kept { programs, others } => others.get(path).cloned().or_else(|| {
                let inside = path.strip_prefix(KEPT_AT)?.strip_prefix("/programs/")?;
                fs::read_to_string(programs.join(inside)).ok()
            }),
        }?;
        self.read.borrow_mut().insert(path.to_owned(), text.clone());
        Some(text)
    }

    /// What the diagnosis says of it.
    pub(crate) fn diagnose(&self) -> Findings {
        self.diagnose_some(0..self.snapshots.len())
    }

    /// What it says of some snapshots of it, as if the hunt had taken no others.
    pub(crate) fn diagnose_some(&self, some: Range<usize>) -> Findings {
        let snapshots = &self.snapshots[some.clone()];
        let load = |at: usize| Snapshot::parse(&snapshots[at], 2);
        self.with_evidence(some, |evidence| diagnose(snapshots.len(), load, evidence))
            .expect("whole snapshots")
    }

    /// What it says of the first of them, where `series` knows those that were judged before.
    pub(crate) fn judge(&self, series: &mut Series, count: usize) -> Findings {
        let load = |at: usize| Snapshot::parse(&self.snapshots[at], 2);
        self.with_evidence(0..count, |evidence| series.judge(count, load, evidence)).expect("whole snapshots")
    }

    fn with_evidence<T>(&self, some: Range<usize>, judge: impl FnOnce(&Evidence<'_>) -> T) -> T {
        let texts = |path: &str| self.text(path);
        let process = self.process.as_ref().map_or(Value::Null, |process| {
            serde_json::from_slice(process).expect("what is noted of a process is JSON")
        });
        let packages: Vec<LoadedPackage> =
            process["packages"].as_array().into_iter().flatten().map(package).collect();
        let evidence = Evidence {
            memory: self.memory(some),
            node_version: process["node_version"].as_str(),
            packages: &packages,
            ..Evidence::of_sources(&texts)
        };
        judge(&evidence)
    }

    fn memory(&self, some: Range<usize>) -> Memory {
        let readings: Value = serde_json::from_slice(&self.readings).expect("readings are JSON");
        let column = |name: &str| -> Vec<u64> {
            let readings = readings.as_array().and_then(|readings| readings.get(some.clone()));
            readings.into_iter().flatten().filter_map(|reading| reading[name].as_u64()).collect()
        };
        Memory {
            at_ms: column("at_ms"),
            used: column("used"),
            external: column("external"),
            array_buffers: column("array_buffers"),
            rss: column("rss"),
            left: column("left"),
            ..Memory::default()
        }
    }
}

fn package(told: &Value) -> LoadedPackage {
    let of =
        |name: &str| told[name].as_str().expect("a package has a name, a version and a folder").to_owned();
    LoadedPackage { name: of("name"), version: of("version"), folder: of("folder") }
}
