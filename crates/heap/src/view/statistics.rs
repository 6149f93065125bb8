//! DevTools' Statistics view: how many bytes there are of which kind.

use crate::bits::Bits;
use crate::ids::NodeId;
use crate::kinds::{EdgeType, NodeType};
use crate::read::snapshot::{EdgeRef, Snapshot};
use crate::read::strings::Tag;

/// DevTools' Statistics view, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// All.
    pub total: u64,
    /// Outside of V8's heap.
    pub native: u64,
    /// Of [`Statistics::native`], the backing stores of ArrayBuffers.
    pub typed_arrays: u64,
    /// In V8's heap: all that is not native.
    pub v8_heap: u64,
    /// Compiled code.
    pub code: u64,
    /// Arrays, with their elements where they are theirs alone.
    pub js_arrays: u64,
    /// Strings.
    pub strings: u64,
    /// V8's own objects.
    pub system: u64,
}

/// Bytes by kind (`calculateStatistics`), but for those of all.
pub(super) fn statistics(snapshot: &Snapshot<'_>) -> Statistics {
    let mut sums = Statistics { native: snapshot.extra_native_bytes(), ..Statistics::default() };
    let elements = Elements::find(snapshot);
    for node in snapshot.nodes() {
        let size = u64::from(snapshot.self_size(node));
        let tag = snapshot.strings.tag(snapshot.name_index(node));
        match snapshot.node_type(node) {
            NodeType::Hidden => sums.system += size,
            NodeType::Native => {
                sums.native += size;
                if tag == Tag::ArrayBufferData {
                    sums.typed_arrays += size;
                }
            }
            NodeType::Code => sums.code += size,
            kind if kind.is_string() => sums.strings += size,
            _ if tag == Tag::Array => {
                sums.js_arrays += size;
                if let Some(elements) = elements.owned_by(snapshot, node) {
                    sums.js_arrays += u64::from(snapshot.self_size(elements));
                }
            }
            _ => {}
        }
    }
    sums
}

/// The elements of arrays, and which of them more than one edge leads to.
struct Elements {
    shared: Bits,
}

impl Elements {
    fn find(snapshot: &Snapshot<'_>) -> Self {
        let mut all = Bits::new(snapshot.node_count());
        for node in snapshot.nodes().filter(|node| is_array(snapshot, *node)) {
            if let Some(elements) = elements_of(snapshot, node) {
                all.set(elements.0);
            }
        }
        let (mut met, mut shared) = (Bits::new(snapshot.node_count()), Bits::new(snapshot.node_count()));
        for target in snapshot.edges.targets.iter().map(|target| target.node()).filter(|node| all.get(*node))
        {
            if met.get(target) {
                shared.set(target);
            }
            met.set(target);
        }
        Self { shared }
    }

    /// The elements of an array, where they are its alone.
    fn owned_by(&self, snapshot: &Snapshot<'_>, array: NodeId) -> Option<NodeId> {
        elements_of(snapshot, array).filter(|elements| !self.shared.get(elements.0))
    }
}

/// Whether [`statistics`] counts a node as an array.
fn is_array(snapshot: &Snapshot<'_>, node: NodeId) -> bool {
    snapshot.strings.tag(snapshot.name_index(node)) == Tag::Array
}

fn elements_of(snapshot: &Snapshot<'_>, array: NodeId) -> Option<NodeId> {
    let is_elements = |edge: &EdgeRef| {
        edge.kind == EdgeType::Internal && snapshot.strings.tag(edge.name_or_index) == Tag::Elements
    };
    snapshot.edges(array).find(is_elements).map(|edge| edge.target)
}
