//! Whether ids of two snapshots mean the same objects.
//!
//! V8 gives ids out again when an inspector session was closed in between, or in another process. Then nearly all
//! ids still occur in both snapshots, but mean other objects: a comparison by id looks plausible and is wrong. It
//! shows in the types and names of the objects that share an id.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::ids::NodeId;
use crate::threads::both;
use crate::view::census::Census;

/// Objects that merely change (a string that is flattened, an id that is reused) are few: over 0.9999 agreed in 335 pairs. After
/// a reset it was 0.1 to 0.4, but two runs of one program that do the same in the same order agree in over 0.9.
const OF_UNKNOWN: f64 = 0.99;
/// Where a hunt saw one id space: the least that agreed in one was 0.98, the most across two 0.4.
const SEEN_AS_ONE: f64 = 0.7;

/// What is known of two id spaces before their ids are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beforehand {
    /// Nothing.
    Nothing,
    /// A hunt saw both snapshots taken in one.
    One,
}

impl Beforehand {
    /// The share of common ids that agrees at least in one id space.
    #[must_use]
    pub fn least_agreement(self) -> f64 {
        match self {
            Self::Nothing => OF_UNKNOWN,
            Self::One => SEEN_AS_ONE,
        }
    }
}

/// How far the ids of two snapshots agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdSpace {
    /// Ids that are in both.
    pub common: u64,
    /// Of these, ids whose node has the same type and name in both.
    pub agreeing: u64,
}

impl IdSpace {
    /// The share of common ids that agree; 0 if there are none.
    #[must_use]
    pub fn agreement(self) -> f64 {
        if self.common == 0 { 0.0 } else { self.agreeing as f64 / self.common as f64 }
    }

    /// Whether a comparison by id means anything.
    #[must_use]
    pub fn is_one(self, beforehand: Beforehand) -> bool {
        self.agreement() >= beforehand.least_agreement()
    }
}

/// What V8 puts in the place of the bytecode of a function that it has not run for a while: the same object, of another type.
const FLUSHED: &str = "system / UncompiledData";

/// Counts the ids of V8's heap that are in both snapshots, and those that agree. Functions whose bytecode was flushed in between, of
/// which a young program has thousands, tell nothing.
///
/// Ids of the embedder's nodes, which are even, are left out: before Node 22 they are hashes of addresses.
#[must_use]
pub fn id_space(a: &Census<'_>, b: &Census<'_>) -> IdSpace {
    let half = a.node_count() / 2;
    let (one, two) = both(|| id_space_of(a, b, 0..half), || id_space_of(a, b, half..a.node_count()));
    IdSpace { common: one.common + two.common, agreeing: one.agreeing + two.agreeing }
}

/// The same for some of the nodes of `a`.
fn id_space_of(a: &Census<'_>, b: &Census<'_>, nodes: Range<usize>) -> IdSpace {
    let mut space = IdSpace { common: 0, agreeing: 0 };
    let mut names = SameNames::new(a, b);
    for (&id, node) in a.ids[nodes.clone()].iter().zip(nodes.start as u32..) {
        if id % 2 == 0 {
            continue;
        }
        let Some(other) = b.index().get(id) else { continue };
        let (node, other) = (NodeId(node), NodeId(other));
        let agree = names.agree(node, other);
        if agree || !names.is_flushed(other) {
            space.common += 1;
            space.agreeing += u64::from(agree);
        }
    }
    space
}

/// Whether nodes of two snapshots have the same type and name. Each pair of names is compared once, as nearly every
/// name of one snapshot meets always the same of the other.
struct SameNames<'c> {
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

    fn new(a: &'c Census<'_>, b: &'c Census<'_>) -> Self {
        Self { a, b, last: vec![u32::MAX; a.strings.len()], others: FxHashMap::default(), read: 0 }
    }

    /// Whether a node of `b` is what V8 leaves of a function's bytecode.
    fn is_flushed(&self, node: NodeId) -> bool {
        self.b.strings.get(self.b.names[node.0 as usize]).starts_with(FLUSHED)
    }

    #[inline]
    fn agree(&mut self, x: NodeId, y: NodeId) -> bool {
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
