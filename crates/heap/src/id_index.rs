//! From the id of an object to its place in a table.

use rustc_hash::{FxHashMap, FxHashSet};

/// Finds the place of an id in a list of ids.
///
/// V8 hands ids out in sequence, odd ones to objects of its heap, so half an id is a good index of a table. Even
/// ones are hashes up to 2³² before Node 22, and a hostile file may hold any: then a hash table is used.
#[derive(Debug)]
pub struct IdIndex {
    dense: [Vec<u32>; 2],
    sparse: FxHashMap<u32, u32>,
    /// Ids that are there more than once.
    pub(crate) repeated: FxHashSet<u32>,
}

const NONE: u32 = u32::MAX;

impl IdIndex {
    /// Indexes ids in the order of their places.
    pub fn of(ids: impl ExactSizeIterator<Item = u32> + Clone) -> Self {
        // An id past this is not worth its place in a table.
        let limit = 4 * ids.len() + 1024;
        let mut longest = [0, 0];
        for id in ids.clone() {
            let half = id as usize / 2;
            let longest = &mut longest[id as usize % 2];
            if half < limit && half >= *longest {
                *longest = half + 1;
            }
        }
        let mut index = Self {
            dense: longest.map(|len| vec![NONE; len]),
            sparse: FxHashMap::default(),
            repeated: FxHashSet::default(),
        };
        for (id, at) in ids.zip(0_u32..) {
            let place = match index.dense[id as usize % 2].get_mut(id as usize / 2) {
                Some(place) => place,
                None => index.sparse.entry(id).or_insert(NONE),
            };
            if *place == NONE {
                *place = at;
            } else {
                index.repeated.insert(id);
            }
        }
        index
    }

    /// The place of an id; of several, the first.
    #[inline(always)]
    #[must_use]
    pub fn get(&self, id: u32) -> Option<u32> {
        let place = match self.dense[id as usize % 2].get(id as usize / 2) {
            Some(&place) => place,
            None => *self.sparse.get(&id)?,
        };
        (place != NONE).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_wherever_they_are_kept() {
        let ids = [1, 3, 2, u32::MAX, 7, 3, 4_000_000_000];
        let index = IdIndex::of(ids.iter().copied());
        for (id, place) in [(1, 0), (3, 1), (2, 2), (u32::MAX, 3), (7, 4), (4_000_000_000, 6)] {
            assert_eq!(index.get(id), Some(place), "{id}");
        }
        for id in [0, 5, 9, 10_000, u32::MAX - 1] {
            assert_eq!(index.get(id), None, "{id}");
        }
        assert_eq!(index.repeated, FxHashSet::from_iter([3]));
    }
}
