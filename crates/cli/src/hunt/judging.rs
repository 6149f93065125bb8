//! The analysis of a hunt that goes on: evidence is analysed when it is whole, while the app runs on, and where the answer is
//! certain no more is taken.
//!
//! What is left of the snapshots is handed on to the analysis at the end, which reads the last one alone.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use leakhunt_capture::{Event, Judged, Plan, Profile, Unread};
use leakhunt_diagnosis::{Findings, Series, is_certain, is_certain_without_snapshots, is_certainly_healthy};
use leakhunt_host::Host;
use tokio::sync::watch;

use super::options::Options;
use crate::analysis::{Input, Wishes, analyse};

/// Of fewer nobody can tell a leak from a warm-up, ...
const LEAST: usize = 3;
/// ... unless the process was observed before them.
const LEAST_OBSERVED: usize = 2;
/// Larger ones are analysed at the end alone: what is left of each is kept until then.
const LARGEST: u64 = 512 << 20;

/// So many suspects have the process asked for what snapshots leave out.
const ASKING: usize = 3;

/// What the analysis is told of the hunt.
enum Told {
    Folder(PathBuf),
    /// Where the program is, on this machine.
    Program(PathBuf),
    /// All observations are there, with the profile that was taken beside them.
    Observed,
    Snapshot(String),
}

/// A hunt's analysis under way.
pub(super) struct Judging {
    told: mpsc::Sender<Told>,
    judged: watch::Receiver<Judged>,
    thread: JoinHandle<Series>,
    local: bool,
}

impl Judging {
    /// Begins, where an analysis may spare snapshots or ask for what they leave out.
    pub(super) fn start(options: &Options, plan: &Plan, host: &Host) -> Option<Self> {
        let most = plan.samples as usize;
        let observes = plan.takes(Profile::Auto);
        if !observes && (most < LEAST || !plan.takes(Profile::Heap)) {
            return None;
        }
        let may_end = !plan.all_samples && (observes || most > LEAST);
        // Where it takes all of them it is asked for nothing but what snapshots leave out.
        let least = if observes || !may_end { LEAST_OBSERVED } else { LEAST };
        let (told, heard) = mpsc::channel();
        let (judged, of_hunt) = watch::channel(Judged::default());
        let series = Series::going_on();
        let sources = options.sources.clone();
        let work = Work { sources, observes, may_end, least, most, judged, series, ..Work::default() };
        let thread =
            thread::Builder::new().name("judging".to_owned()).spawn(move || work.until_the_end(&heard));
        Some(Self { told, judged: of_hunt, thread: thread.ok()?, local: matches!(host, Host::Local(_)) })
    }

    /// What the hunt is to know of it.
    pub(super) fn judged(&self) -> watch::Receiver<Judged> {
        self.judged.clone()
    }

    pub(super) fn event(&self, event: &Event) {
        let told = match event {
            Event::Started { folder, .. } => Told::Folder(folder.into()),
            Event::Chosen { directory, .. } if self.local => Told::Program(directory.into()),
            Event::Observed { number, of, .. } if number == of => Told::Observed,
            Event::SnapshotDone { file, .. } => Told::Snapshot(file.clone()),
            _ => return,
        };
        // With the thread gone the hunt takes all that was asked for.
        let _ = self.told.send(told);
    }

    /// What is left of the snapshots.
    pub(super) fn end(self) -> Series {
        drop(self.told);
        self.thread.join().unwrap_or_default().ended()
    }
}

#[derive(Default)]
struct Work {
    /// Where the program's files may be read.
    sources: Vec<PathBuf>,
    own_sources: Vec<PathBuf>,
    folder: Option<PathBuf>,
    /// Is the process observed before its snapshots?
    observes: bool,
    /// May it end with fewer snapshots?
    may_end: bool,
    /// Fewer snapshots are not analysed.
    least: usize,
    /// So many are taken at the most.
    most: usize,
    judged: watch::Sender<Judged>,
    taken: usize,
    series: Series,
    before: Option<Findings>,
}

impl Work {
    fn until_the_end(mut self, heard: &mpsc::Receiver<Told>) -> Series {
        while let Ok(told) = heard.recv() {
            match told {
                Told::Folder(folder) => self.folder = Some(folder),
                Told::Program(folder) => self.own_sources.push(folder),
                Told::Observed => {
                    let enough = self.findings().is_some_and(|now| is_certain_without_snapshots(&now));
                    self.judged.send_replace(Judged { observations: true, enough, ..Judged::default() });
                }
                Told::Snapshot(file) => {
                    self.taken += 1;
                    let enough = self.is_certain_with(&file);
                    let unread = self.before.as_ref().map(unread).unwrap_or_default();
                    // Of what is still to be read nobody can be certain.
                    let enough = enough && self.may_end && unread.is_empty();
                    let snapshots = self.taken;
                    self.judged.send_modify(|judged| {
                        *judged = Judged { snapshots, enough, unread, ..std::mem::take(judged) };
                    });
                }
            }
        }
        self.series
    }

    fn is_certain_with(&mut self, file: &str) -> bool {
        // The last one is analysed at the end.
        if self.taken < self.least || self.taken >= self.most {
            return false;
        }
        if !self.folder.as_ref().is_some_and(|folder| is_small(&folder.join(file))) {
            return false;
        }
        let now = self.findings();
        let before = self.before.as_ref();
        let enough = now
            .as_ref()
            .is_some_and(|now| is_certain(before, now) || self.observes && is_certainly_healthy(before, now));
        self.before = now;
        enough
    }

    /// What there is so far, judged.
    fn findings(&mut self) -> Option<Findings> {
        let folder = self.folder.clone()?;
        let wishes = Wishes { sources: &self.sources, own_sources: &self.own_sources, ..Wishes::default() };
        let analysis = Input::of(&[folder]).and_then(|input| analyse(input, wishes, &mut self.series));
        analysis.ok().map(|analysis| analysis.findings)
    }
}

/// What the first suspects would be judged by, and snapshots leave out.
fn unread(findings: &Findings) -> Vec<Unread> {
    let suspects = findings.suspects.iter().take(ASKING);
    let unread = suspects.flat_map(|suspect| &suspect.unread);
    unread.map(|limit| Unread { object: limit.object, fields: limit.fields.clone() }).collect()
}

fn is_small(file: &Path) -> bool {
    file.metadata().is_ok_and(|file| file.len() <= LARGEST)
}
