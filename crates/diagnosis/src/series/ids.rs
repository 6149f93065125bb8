//! Sets of object ids: V8 hands them out upwards from 1, but for the hashes that native objects have before Node 22.

use rustc_hash::FxHashSet;

/// Ids below this are bits of an array, at most 16 MiB of it.
const DENSE: u32 = 1 << 27;

/// A set of object ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdSet {
    dense: Vec<u64>,
    sparse: FxHashSet<u32>,
}

impl IdSet {
    pub(crate) fn contains(&self, id: u32) -> bool {
        match self.dense.get(id as usize / 64) {
            Some(word) => word >> (id % 64) & 1 == 1,
            None => id >= DENSE && self.sparse.contains(&id),
        }
    }

    fn insert(&mut self, id: u32) {
        if id >= DENSE {
            self.sparse.insert(id);
            return;
        }
        let word = id as usize / 64;
        if word >= self.dense.len() {
            self.dense.resize((word + 1).next_power_of_two(), 0);
        }
        self.dense[word] |= 1 << (id % 64);
    }
}

impl FromIterator<u32> for IdSet {
    fn from_iter<I: IntoIterator<Item = u32>>(ids: I) -> Self {
        let mut set = Self::default();
        ids.into_iter().for_each(|id| set.insert(id));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_ids_and_hashes_are_kept_apart() {
        let set: IdSet = [1, 63, 64, 1_000_003, u32::MAX, DENSE].into_iter().collect();
        for id in [1, 63, 64, 1_000_003, u32::MAX, DENSE] {
            assert!(set.contains(id), "{id}");
        }
        for id in [0, 2, 65, 1_000_005, u32::MAX - 1, DENSE - 1, DENSE + 1] {
            assert!(!set.contains(id), "{id}");
        }
    }
}
