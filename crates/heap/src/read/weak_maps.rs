//! The names of the entries of WeakMaps, which V8 writes as two edges: one from the table, one from the key.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

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
        let mut pairs: FxHashMap<Cow<'_, str>, u32> = FxHashMap::default();
        for index in 0..strings.len() as u32 {
            if strings.tag(index) != Tag::WeakMapPair {
                continue;
            }
            let name = strings.get(index);
            if let Some(WeakMapPair { shared, table }) = WeakMapPair::parse(&name) {
                let own = name.len() - shared.len();
                let shared = match name {
                    Cow::Borrowed(name) => Cow::Borrowed(&name[own..]),
                    Cow::Owned(mut name) => Cow::Owned(name.split_off(own)),
                };
                let next = pairs.len() as u32;
                let pair = *pairs.entry(shared).or_insert(next);
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
}
