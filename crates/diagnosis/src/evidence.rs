//! What an analysis is given beside the snapshots.

use std::collections::BTreeMap;

use crate::findings::{Memory, WorkerThread};
use crate::packages::LoadedPackage;
use crate::profile::Stacks;
use crate::source::Resolve;

/// Numbers in the fields of an object, as the process has told them.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadNumbers {
    /// The object, by its number in the snapshots.
    pub object: u32,
    /// By field; none where the object was gone.
    pub fields: BTreeMap<String, f64>,
}

/// What is known beside the snapshots.
pub struct Evidence<'e> {
    /// Readings taken with the snapshots; lists may be empty.
    pub memory: Memory,
    /// The worker thread whose heap it is, where it is not the main thread's.
    pub worker: Option<WorkerThread>,
    /// Readings taken before the first snapshot; lists may be empty.
    pub observed: Memory,
    /// How old the process was at the first snapshot, where that is known.
    pub age_ms: Option<u64>,
    /// From the path or URL of a script, or of a source map, to its text.
    pub sources: &'e Resolve<'e>,
    /// What the hunt saw of object ids, a number a snapshot: they mean the same where the numbers are equal. May be empty.
    pub id_spaces: &'e [u32],
    /// The packages that the process had loaded; what is not among them has no version.
    pub packages: &'e [LoadedPackage],
    /// Numbers that snapshots leave out, where the process was asked for them.
    pub numbers: &'e [ReadNumbers],
    /// Node's own version, where that is known.
    pub node_version: Option<&'e str>,
    /// The allocation profile that was taken between them.
    pub stacks: Option<&'e Stacks>,
    /// Quote strings of the analysed program.
    pub show_strings: bool,
}

impl<'e> Evidence<'e> {
    /// Nothing but the snapshots and sources.
    pub fn of_sources(sources: &'e Resolve<'e>) -> Self {
        Self {
            memory: Memory::default(),
            worker: None,
            observed: Memory::default(),
            age_ms: None,
            sources,
            id_spaces: &[],
            packages: &[],
            numbers: &[],
            node_version: None,
            stacks: None,
            show_strings: false,
        }
    }
}
