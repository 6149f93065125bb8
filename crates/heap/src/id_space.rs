//! Whether ids of two snapshots mean the same objects.
//!
//! V8 gives ids out anew when an inspector session was closed in between, or in another process. Then nearly all
//! ids still occur in both snapshots, but mean other objects: a comparison by id looks plausible and is wrong. It
//! shows in the types and names of the objects that share an id.

use std::ops::Range;

use crate::census::Census;
use crate::series::SameNames;
use crate::snapshot::NodeId;
use crate::threads::both;

/// Below this share, two snapshots are not of one id space. Objects that merely change (a string that is flattened,
/// an id that is reused) stay far above it; after a reset the share is nearly nothing.
pub const SAME_ID_SPACE: f64 = 0.99;

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

    /// Whether a comparison by id means anything: see [`SAME_ID_SPACE`].
    #[must_use]
    pub fn is_same(self) -> bool {
        self.agreement() >= SAME_ID_SPACE
    }
}

/// Counts the ids of V8's heap that are in both snapshots, and those that agree.
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
        space.common += 1;
        space.agreeing += u64::from(names.agree(NodeId(node), NodeId(other)));
    }
    space
}
