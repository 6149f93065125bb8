//! Facts of N heap snapshots become a judgement: what leaks, who holds it, and on which line.
//!
//! Flow: snapshots, oldest first → [`diagnose`] → [`Findings`]. The rooms, in the order in which data goes through them:
//!
//! | room | what goes in | what comes out |
//! |---|---|---|
//! | `series` | the snapshots, two at a time | a row an object for each; of those that can be compared, the sites: what grows, and under which object that was there all along |
//! | `view` | the last snapshot, whole | the same with retainers, shortest paths, owners and scripts: what all rooms below ask |
//! | `suspects` | sites | clusters: growth that is one leak, at the object that holds it |
//! | `held` | a cluster | what kind of thing holds it: a timer, a listener, a stream, a promise, a collection |
//! | `naming` | the holder | the name by which the program knows it |
//! | `source` | a script's text, by its path | where a name is declared, filled, called; the place before bundling |
//! | `describe` | all of that | a suspect with its place |
//! | `verdict` | suspects and series | leak, healthy, not in the heap, or inconclusive |
//! | `wording` | all of it | sentences |
//!
//! `analysis` leads from the first to the last of them. `graph` and `scripts` are how a snapshot is asked, `findings` is the
//! shape of the answer, `shown` and `strings` decide what of the program's own words may be in it. Beside them stand
//! `allocations`, for a sampling profile, and `baseline`, for an earlier analysis.
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
mod code;
mod describe;
mod findings;
mod graph;
mod held;
mod naming;
mod scripts;
mod series;
mod shown;
mod source;
mod strings;
mod suspects;
mod verdict;
mod view;
mod wording;

use std::thread;

use leakhunt_heap::Snapshot;

pub use allocations::{BadProfile, allocations, judge_allocations};
pub use baseline::{Baseline, Change, Pace, State};
pub use findings::{
    Allocation, Findings, Growth, Holder, Hop, Kind, Location, Memory, SCHEMA_VERSION, Suspect, Text, Verdict,
};
pub use shown::Shown;
pub use source::Resolve;
#[cfg(fuzzing)]
pub use source::fuzzing;
pub use wording::size;

use analysis::Comparison;
use series::classes::Classes;
use series::columns::Columns;
use series::load::{self, Loaded};
use view::View;

/// What is known beside the snapshots.
pub struct Evidence<'e> {
    /// Readings taken with the snapshots; lists may be empty.
    pub memory: Memory,
    /// From the path or URL of a script, or of a source map, to its text.
    pub sources: &'e Resolve<'e>,
    /// What the hunt saw of object ids, a number a snapshot: they mean the same where the numbers are equal. May be empty.
    pub id_spaces: &'e [u32],
    /// Quote strings of the analysed program.
    pub show_strings: bool,
}

impl<'e> Evidence<'e> {
    /// Nothing but the snapshots and sources.
    pub fn of_sources(sources: &'e Resolve<'e>) -> Self {
        Self { memory: Memory::default(), sources, id_spaces: &[], show_strings: false }
    }
}

/// Judges `count` snapshots of one process, oldest first; `load` parses the one with that number, from 0.
///
/// No more than two snapshots are whole in memory at a time: `load` is called by two threads. The last one is asked for a
/// second time when it turns out that they were not given in the order in which they were taken.
///
/// # Errors
///
/// Whatever `load` returns as an error; of several, that of the earliest snapshot.
pub fn diagnose<'s, E: Send>(
    count: usize,
    load: impl Fn(usize) -> Result<Snapshot<'s>, E> + Sync,
    evidence: &Evidence<'_>,
) -> Result<Findings, E> {
    let Loaded { drafts, last } = load::load(count, &load)?;
    let compare = || {
        let mut classes = Classes::default();
        let columns: Vec<Columns> = drafts.into_iter().map(|draft| draft.settle(&mut classes)).collect();
        Comparison::of(columns, &classes, evidence.id_spaces)
    };
    let Some(whole) = last else { return Ok(compare().judge(None, evidence)) };
    let quotes = evidence.show_strings;
    let told = |findings: Findings| if quotes { findings } else { findings.without_tokens() };
    let (comparison, view) = thread::scope(|scope| {
        // Nearly always the one that was given last is the last.
        let view = scope.spawn(|| View::new(&whole, quotes));
        (compare(), view.join().expect("to index a snapshot does not panic"))
    });
    match comparison.last() {
        Some(at) if at != whole.at => {
            drop(view);
            drop(whole);
            let (_, whole) = load::draw(at, &load)?;
            Ok(told(comparison.judge(Some(View::new(&whole, quotes)), evidence)))
        }
        _ => Ok(told(comparison.judge(Some(view), evidence))),
    }
}
