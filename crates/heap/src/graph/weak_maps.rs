//! Entries of WeakMaps, which V8 writes as two edges: one from the table, one from the key.

use rustc_hash::FxHashMap;

use crate::kinds::EdgeType;
use crate::read::edges::Edge;
use crate::read::snapshot::Snapshot;
use crate::read::strings::{Strings, Tag, WeakMapPair};

/// What an edge's name says of the entry it is half of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Half {
    /// Equal for the two edges of one entry.
    pub(crate) pair: u32,
    /// The id of the table.
    pub(crate) table: Option<u32>,
}

/// All names of such edges, by string.
#[derive(Debug)]
pub(crate) struct WeakMapNames(FxHashMap<u32, Half>);

impl WeakMapNames {
    pub(crate) fn find(strings: &Strings<'_>) -> Self {
        let mut names = FxHashMap::default();
        let mut pairs: FxHashMap<String, u32> = FxHashMap::default();
        for index in 0..strings.len() as u32 {
            if strings.tag(index) != Tag::WeakMapPair {
                continue;
            }
            let name = strings.get(index);
            if let Some(WeakMapPair { shared, table }) = WeakMapPair::parse(&name) {
                let next = pairs.len() as u32;
                let pair = *pairs.entry(shared.to_owned()).or_insert(next);
                names.insert(index, Half { pair, table });
            }
        }
        Self(names)
    }

    /// Must be asked about edges with a string for a name only.
    #[inline]
    pub(crate) fn half(&self, strings: &Strings<'_>, name: u32) -> Option<Half> {
        match strings.tag(name) {
            Tag::WeakMapPair => self.0.get(&name).copied(),
            _ => None,
        }
    }

    /// Whether an internal edge is the half of an entry that comes from the table, which keeps no value alive: its key does.
    pub(crate) fn is_of_table(&self, snapshot: &Snapshot<'_>, from: u32, edge: Edge) -> bool {
        let half = self.half(&snapshot.strings, edge.name);
        half.is_some_and(|half| half.table == Some(snapshot.nodes.ids[from as usize]))
    }

    /// Whether an edge keeps its target alive and says how: not weak, not to itself, not a table's half.
    #[inline(always)]
    pub(crate) fn keeps(&self, snapshot: &Snapshot<'_>, from: u32, ordinal: usize) -> bool {
        match snapshot.edges.targets[ordinal].plain() {
            Some(to) => to != from,
            None => self.keeps_odd(snapshot, from, snapshot.edges.get(ordinal)),
        }
    }

    fn keeps_odd(&self, snapshot: &Snapshot<'_>, from: u32, edge: Edge) -> bool {
        let counts = match edge.kind {
            EdgeType::Weak => false,
            EdgeType::Internal => !self.is_of_table(snapshot, from, edge),
            _ => true,
        };
        counts && edge.target != from
    }
}
