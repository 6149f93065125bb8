//! Facts of N heap snapshots become a judgement: what leaks, who holds it, and on which line.
//!
//! Flow: snapshots, oldest first → [`diagnose`] → [`Findings`]. Each snapshot is boiled down to a row an object
//! (`columns`), two of them at a time (`load`). Those that can be compared are told from those that cannot (`spaces`),
//! growth is attributed to the lowest object that holds it (`growth`), judged as a series (`trend`), grouped by holder
//! (`clusters`) and put into the words of the program (`describe`, `kinds`, `holders`, `code`, `naming`, `sentence`), with
//! positions from the snapshot itself (`scripts`) and from sources and source maps where the caller has them (`source`).
//! What an earlier analysis found may be set beside it (`baseline`).
//!
//! Pure: no file, no clock, no environment. Strings of the analysed program are not quoted unless the caller asks for it:
//! only classes, names and lengths (`shown`, `strings`).
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
mod baseline;
mod chain;
mod classes;
mod clusters;
mod code;
mod columns;
mod describe;
mod findings;
mod graph;
mod growth;
mod holders;
mod ids;
mod kinds;
mod last;
mod load;
mod naming;
mod scripts;
mod sentence;
mod shown;
mod source;
mod spaces;
mod strings;
mod suspects;
mod trend;
mod verdict;

use std::thread;

use leakhunt_heap::Snapshot;

pub use allocations::{BadProfile, allocations, judge_allocations};
pub use baseline::{Baseline, Change, Pace, State};
pub use findings::{
    Allocation, Findings, Growth, Holder, Hop, Kind, Location, Memory, SCHEMA_VERSION, Suspect, Text, Verdict,
};
pub use sentence::size;
pub use shown::Shown;
pub use source::Resolve;
#[cfg(fuzzing)]
pub use source::fuzzing;

use classes::Classes;
use columns::Columns;
use last::Last;
use load::Loaded;
use suspects::Comparison;

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
    let (comparison, last) = thread::scope(|scope| {
        // Nearly always the one that was given last is the last.
        let last = scope.spawn(|| Last::new(&whole, quotes));
        (compare(), last.join().expect("to index a snapshot does not panic"))
    });
    match comparison.last() {
        Some(at) if at != whole.at => {
            drop(last);
            drop(whole);
            let (_, whole) = load::draw(at, &load)?;
            Ok(told(comparison.judge(Some(Last::new(&whole, quotes)), evidence)))
        }
        _ => Ok(told(comparison.judge(Some(last), evidence))),
    }
}
