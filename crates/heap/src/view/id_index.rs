//! From the id of an object to its node.

use rustc_hash::{FxHashMap, FxHashSet};

/// Finds nodes by id.
///
/// V8 hands ids out in sequence, odd ones to objects of its heap, so half an id is a good index of a table. Even
/// ones are hashes up to 2³² before Node 22, and a hostile file may hold any: then a hash table is used.
#[derive(Debug)]
pub(crate) struct IdIndex {
    dense: [Vec<u32>; 2],
    sparse: FxHashMap<u32, u32>,
    /// Ids of more than one node.
    pub(crate) repeated: FxHashSet<u32>,
}

const NO_NODE: u32 = u32::MAX;

impl IdIndex {
    pub(crate) fn new(ids: &[u32]) -> Self {
        // An id past this is not worth its place in a table.
        let limit = 4 * ids.len() + 1024;
        let mut longest = [0, 0];
        for &id in ids {
            let half = id as usize / 2;
            let longest = &mut longest[id as usize % 2];
            if half < limit && half >= *longest {
                *longest = half + 1;
            }
        }
        let mut index = Self {
            dense: longest.map(|len| vec![NO_NODE; len]),
            sparse: FxHashMap::default(),
            repeated: FxHashSet::default(),
        };
        for (&id, node) in ids.iter().zip(0_u32..) {
            let place = match index.dense[id as usize % 2].get_mut(id as usize / 2) {
                Some(place) => place,
                None => index.sparse.entry(id).or_insert(NO_NODE),
            };
            if *place == NO_NODE {
                *place = node;
            } else {
                index.repeated.insert(id);
            }
        }
        index
    }

    #[inline(always)]
    pub(crate) fn get(&self, id: u32) -> Option<u32> {
        let node = match self.dense[id as usize % 2].get(id as usize / 2) {
            Some(&node) => node,
            None => *self.sparse.get(&id)?,
        };
        (node != NO_NODE).then_some(node)
    }
}
