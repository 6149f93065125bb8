//! More than two snapshots, or two without a common id space: how classes and objects grow.

use rustc_hash::FxHashMap;

use crate::census::Census;
use crate::classes::{Key, NO_CLASS};
use crate::snapshot::{Location, NodeId, ObjectId};

/// One class in each of several snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassSeries {
    /// DevTools' class key.
    pub key: String,
    /// The name of the class.
    pub name: String,
    /// Where its constructor stands, if that is part of the key.
    pub location: Option<Location>,
    /// How many nodes of it have bytes, by snapshot.
    pub counts: Vec<u64>,
    /// Their shallow sizes, by snapshot.
    pub sizes: Vec<u64>,
}

/// Counts classes in each snapshot, with the interfaces of the last one applied to all. Needs no common id space.
#[must_use]
pub fn series(snapshots: &[&Census<'_>]) -> Vec<ClassSeries> {
    let Some(last) = snapshots.last() else { return Vec::new() };
    let mut all: Vec<ClassSeries> = Vec::new();
    let mut by_key: FxHashMap<String, usize> = FxHashMap::default();
    for (step, census) in snapshots.iter().enumerate() {
        let resolved = census.classes(&census.names_under(&last.entries.interfaces));
        let mut totals = vec![(0_u64, 0_u64); resolved.keys.len()];
        for (&entry, &size) in census.entries.table.entry_of.iter().zip(&census.sizes) {
            let class = resolved.class_of[entry as usize];
            if size != 0 && class != NO_CLASS {
                let total = &mut totals[class as usize];
                total.0 += 1;
                total.1 += u64::from(size);
            }
        }
        for (Key { text, name, location }, (count, size)) in resolved.keys.into_iter().zip(totals) {
            let at = *by_key.entry(text).or_insert_with_key(|key| {
                all.push(ClassSeries {
                    key: key.clone(),
                    name,
                    location,
                    counts: vec![0; snapshots.len()],
                    sizes: vec![0; snapshots.len()],
                });
                all.len() - 1
            });
            all[at].counts[step] = count;
            all[at].sizes[step] = size;
        }
    }
    all
}

/// An object that is in both snapshots and became larger. DevTools has no row for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// The object.
    pub id: ObjectId,
    /// Its node in the earlier snapshot.
    pub before: NodeId,
    /// Its node in the later snapshot.
    pub after: NodeId,
    /// Its size in the earlier snapshot.
    pub size_before: u64,
    /// Its size in the later snapshot.
    pub size_after: u64,
}

impl Growth {
    /// By how many bytes it grew.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.size_after - self.size_before
    }
}

/// The objects that are in both snapshots, of the same type and name, and grew; those that grew most first.
///
/// The sizes are what the caller says: shallow ones of the census, or retained ones of
/// [`Dominators`](crate::Dominators).
#[must_use]
pub fn growth_of_same_objects(
    before: &Census<'_>,
    after: &Census<'_>,
    size_before: impl Fn(NodeId) -> u64,
    size_after: impl Fn(NodeId) -> u64,
) -> Vec<Growth> {
    let mut names = SameNames::new(before, after);
    let mut grown: Vec<Growth> = Vec::new();
    for (&id, node) in before.ids.iter().zip(0_u32..) {
        let Some(other) = after.index().get(id) else { continue };
        let (a, b) = (NodeId(node), NodeId(other));
        let (from, to) = (size_before(a), size_after(b));
        if to > from && names.agree(a, b) {
            grown.push(Growth { id: ObjectId(id), before: a, after: b, size_before: from, size_after: to });
        }
    }
    grown.sort_by_key(|growth| std::cmp::Reverse(growth.bytes()));
    grown
}

/// Whether nodes of two snapshots have the same type and name. Each pair of names is compared once, as nearly every
/// name of one snapshot meets always the same of the other.
pub(crate) struct SameNames<'c> {
    a: &'c Census<'c>,
    b: &'c Census<'c>,
    /// By name of `a`, the last name of `b` that it agreed with.
    last: Vec<u32>,
    others: FxHashMap<(u32, u32), bool>,
    /// The bytes of the names that were compared since those before were released.
    read: usize,
}

impl<'c> SameNames<'c> {
    /// How much is read of the names before it is released: of a heap that is mostly strings they are nearly all.
    const READ: usize = 1 << 24;

    pub(crate) fn new(a: &'c Census<'_>, b: &'c Census<'_>) -> Self {
        Self { a, b, last: vec![u32::MAX; a.strings.len()], others: FxHashMap::default(), read: 0 }
    }

    #[inline]
    pub(crate) fn agree(&mut self, x: NodeId, y: NodeId) -> bool {
        let (x, y) = (x.0 as usize, y.0 as usize);
        if self.a.type_of(x) != self.b.type_of(y) {
            return false;
        }
        let names = (self.a.names[x], self.b.names[y]);
        if self.last[names.0 as usize] == names.1 {
            return true;
        }
        let (a, b) = (&self.a.strings, &self.b.strings);
        let same = *self.others.entry(names).or_insert_with(|| {
            self.read += a.written_len(names.0) + b.written_len(names.1);
            a.same_as(names.0, b, names.1)
        });
        if same {
            self.last[names.0 as usize] = names.1;
        }
        if self.read > Self::READ {
            self.read = 0;
            a.release_texts();
            b.release_texts();
        }
        same
    }
}
