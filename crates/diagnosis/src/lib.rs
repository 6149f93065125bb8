//! Facts of N heap snapshots become a judgement: what leaks, who holds it, and on which line.
//!
//! Flow: snapshots, oldest first → [`diagnose`] → [`Findings`]. The rooms, in the order in which data goes through them:
//!
//! | room | what goes in | what comes out |
//! |---|---|---|
//! | `series` | the snapshots, one at a time | `Compared`: of those that can be compared, the sites: what grows, and under which object that was there all along |
//! | `view` | the last snapshot, whole | `View`: the same with retainers, shortest paths, owners and scripts; what all rooms below ask |
//! | `suspects` | sites | `Cluster`: growth that is one leak, at the object that holds it; `Suspect`: the same with the path to it |
//! | `held` | a suspect | `Held`: what kind of thing holds it, such as a timer with its callback; one recogniser a file |
//! | `naming` | the holder | `Holder`: its class, and the name by which the program knows it |
//! | `source` | a script's text, by its path | `Place`: where a name is declared, filled, called; the place before bundling; `Scripts`: which script a position is in |
//! | `packages` | a file | its package, the version, and what brought it along |
//! | `contents` | a suspect | `Contents`: what is unusual inside of what grows, such as slices that keep whole strings |
//! | `caller` | a suspect, the allocation profile | `Caller`: the program's own call that has a package make it |
//! | `facts` | a suspect | `Facts`: all of the above, and `Code`: the callback, with the call that was handed it |
//! | `known` | facts | `KnownLeak`: which leak of a package or of Node it is, if others have found and mended it |
//! | `bounds` | a suspect and its facts | `Bound`: what its growth comes to an end by: a timeout, a limit, or a timer that takes out what is too old |
//! | `remedy` | facts | `Remedy`: what to do, and what was seen for it |
//! | `workers` | the last snapshot | `Workers`: the threads that run, and where the program starts them |
//! | `observed` | readings before the first snapshot | `HeapTrend`: whether the heap grew then as well |
//! | `grown` | the series and what was read beside it | `Grown`: all that grew, of which a suspect is a share |
//! | `verdict` | suspects and series | `Reason`: leak, healthy, not in the heap or inconclusive, and why |
//! | `wording` | all of it | all sentences: no other room has any |
//!
//! `analysis` leads from the first to the last of them. Below all lie `findings`, the shape of the answer, `evidence`, what is
//! known beside the snapshots, `graph`, by which a snapshot is asked, and `threads`, two things at once; `shown` and `strings` decide what of
//! the program's own words may be in an answer. Beside them stand `allocations` and `cpu`, for profiles alone, which `profiles` judges together with `observed`, `baseline`, for
//! an earlier analysis, and `certain`, whether more evidence would change the answer. No room uses one that comes after it.
//!
//! Pure: no file, no clock, no environment. Strings of the analysed program are not quoted unless the caller asks for it:
//! only classes, names and lengths.
//!
//! ```no_run
//! use leakhunt_diagnosis::{Evidence, diagnose};
//! use leakhunt_heap::{Error, SnapshotFile};
//!
//! let files = ["1.heapsnapshot", "2.heapsnapshot", "3.heapsnapshot"];
//! let files: Vec<_> = files.iter().map(|file| SnapshotFile::open(file.as_ref())).collect::<Result<_, Error>>()?;
//! let sources = |path: &str| std::fs::read_to_string(path).ok();
//! let evidence = Evidence::of_sources(&sources);
//! let findings = diagnose(files.len(), |k| files[k].snapshot(2), &evidence)?;
//! assert!(findings.suspects.iter().all(|suspect| suspect.rank > 0));
//! # Ok::<(), Error>(())
//! ```

mod allocations;
mod analysis;
mod baseline;
mod bounds;
mod caller;
mod certain;
mod contents;
mod cpu;
mod evidence;
mod facts;
mod findings;
mod graph;
mod grown;
mod held;
mod known;
mod naming;
mod native;
mod observed;
mod packages;
mod profile;
mod profiles;
mod remedy;
mod resources;
mod series;
mod shown;
mod source;
mod strings;
mod suspects;
#[cfg(test)]
mod testing;
mod threads;
mod verdict;
mod view;
mod wording;
mod worker_heaps;
mod workers;

use std::slice;

use leakhunt_heap::Snapshot;

pub use allocations::{allocated_between, allocations, grown_allocations, timeline};
pub use certain::{is_certain, is_certain_without_snapshots, is_certainly_healthy};
pub use cpu::cpu;
pub use evidence::{Evidence, ReadNumbers};
pub use findings::{
    Allocation, Baseline, Bound, Change, Content, Cpu, Descriptors, EventLoop, Findings, From, Growth,
    Holder, Hop, Hot, KeepingLine, Kind, KnownLeak, Location, Mappings, Memory, OpenKind, Outside, Pace,
    Package, Remedy, RemedyKind, SCHEMA_VERSION, Seen, State, Suspect, Text, Through, Unread, Verdict, What,
    WorkerHeap, WorkerThread, schema,
};
pub use leakhunt_profile::BadProfile;
pub use packages::LoadedPackage;
pub use profile::{Call, CallTree, CallTrees, Function, Owner, Stacks, Unit};
pub use profiles::judge_without_snapshots;
pub use shown::Shown;
pub use source::Resolve;
#[cfg(fuzzing)]
pub use source::fuzzing;
pub use wording::{count, size};

use series::classes::Classes;
use series::columns::Columns;
use series::compared::Compared;
use series::draft::Draft;
use series::growth::LEAST_STEPS;
use series::load::{self, AllIds, Keepers, Last, Loaded};
use threads::both;
use view::{Indexes, View};

/// Judges `count` snapshots of one process, oldest first; `load` parses the one with that number, from 0.
///
/// `load` is asked for one after the other, and nothing but rows is left of each when the one after the next is asked for. The last one is asked for a
/// second time when it turns out that they were not given in the order in which they were taken.
///
/// # Errors
///
/// Whatever `load` returns as an error; of several, that of the earliest snapshot.
pub fn diagnose<'s, E>(
    count: usize,
    load: impl Fn(usize) -> Result<Snapshot<'s>, E>,
    evidence: &Evidence<'_>,
) -> Result<Findings, E> {
    judged(Vec::new(), count, load, evidence, |_| ())
}

/// Snapshots of one process, oldest first, that may be judged as they come: what is left of each is kept then, so that of all that
/// were judged before none is read again but the last.
#[derive(Default)]
pub struct Series {
    drafts: Vec<Draft>,
    goes_on: bool,
}

impl Series {
    /// One that will be judged again, with a snapshot more.
    #[must_use]
    pub fn going_on() -> Self {
        Self { goes_on: true, ..Self::default() }
    }

    /// No snapshot will be added: what is left of them is not kept any longer than until they are judged.
    #[must_use]
    pub fn ended(self) -> Self {
        Self { goes_on: false, ..self }
    }

    /// As [`diagnose`]; the snapshots that were judged before come first among them.
    ///
    /// # Errors
    ///
    /// As [`diagnose`].
    pub fn judge<'s, E>(
        &mut self,
        count: usize,
        load: impl Fn(usize) -> Result<Snapshot<'s>, E>,
        evidence: &Evidence<'_>,
    ) -> Result<Findings, E> {
        let mut known = std::mem::take(&mut self.drafts);
        known.truncate(count.saturating_sub(1));
        let keep = |drafts: &[Draft]| {
            if self.goes_on {
                self.drafts.extend_from_slice(drafts);
            }
        };
        judged(known, count, load, evidence, keep)
    }

    /// Forgets the snapshot with that number, from 0, and all after it: it is none of those that will be judged.
    pub fn forget(&mut self, at: usize) {
        self.drafts.truncate(at);
    }
}

fn judged<'s, E>(
    known: Vec<Draft>,
    count: usize,
    load: impl Fn(usize) -> Result<Snapshot<'s>, E>,
    evidence: &Evidence<'_>,
    mut keep: impl FnMut(&[Draft]),
) -> Result<Findings, E> {
    let findings = judged_by(Keepers::All, known, count, &load, evidence, &mut keep)?;
    // Where snapshots were taken in the midst of work, that has had in its hands as well what grows, and nobody seems to hold it.
    if findings.suspects.is_empty() && findings.verdict == Verdict::Inconclusive && count > LEAST_STEPS {
        let ids = AllIds::of(count, &load)?;
        let without = judged_by(Keepers::Lasting(&ids), Vec::new(), count, &load, evidence, |_| ())?;
        if !without.suspects.is_empty() {
            return Ok(without);
        }
    }
    Ok(findings)
}

fn judged_by<'s, E>(
    keepers: Keepers<'_>,
    known: Vec<Draft>,
    count: usize,
    load: &impl Fn(usize) -> Result<Snapshot<'s>, E>,
    evidence: &Evidence<'_>,
    mut keep: impl FnMut(&[Draft]),
) -> Result<Findings, E> {
    let Loaded { drafts, last } = load::load(known, count, load, keepers)?;
    keep(&drafts);
    let mut classes = Classes::default();
    let settle = |drafts: Vec<Draft>, classes: &mut Classes| -> Vec<Columns> {
        drafts.into_iter().map(|draft| draft.settle(classes)).collect()
    };
    let compare =
        |columns: Vec<Columns>, classes: &Classes| Compared::of(columns, classes, evidence.id_spaces);
    let Some(Last { snapshot, walked }) = last else {
        let columns = settle(drafts, &mut classes);
        return Ok(analysis::judge(compare(columns, &classes), None, evidence));
    };
    let quotes = evidence.show_strings;
    let told = |findings: Findings| if quotes { findings } else { findings.without_tokens() };
    let ((draft, parts), mut columns) = both(
        || walked.draft_and_parts(snapshot.object_ids(), snapshot.self_sizes()),
        || settle(drafts, &mut classes),
    );
    keep(slice::from_ref(&draft));
    columns.push(draft.settle(&mut classes));
    let (compared, indexes) = both(|| compare(columns, &classes), || Indexes::of(&snapshot));
    match compared.last() {
        Some(at) if at + 1 != count => {
            drop((parts, indexes, snapshot));
            let mut snapshot = load(at)?;
            Ok(told(analysis::judge(compared, Some(View::of(&mut snapshot, quotes)), evidence)))
        }
        // Nearly always the one that was given last is the last.
        _ => {
            // Not while they are compared: retainers take the memory that the rows of the others then leave.
            let view = View::new(&snapshot, quotes, indexes, parts);
            Ok(told(analysis::judge(compared, Some(view), evidence)))
        }
    }
}
