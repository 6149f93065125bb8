//! DevTools' Summary and Statistics views: what is in a heap, class by class and kind by kind.

use std::ops::Range;

use crate::bits::Bits;
use crate::classes::{ClassId, Classes};
use crate::distances::Distances;
use crate::dominators::Dominators;
use crate::interfaces::cmp_utf16;
use crate::kinds::{EdgeType, NodeType};
use crate::snapshot::{EdgeRef, NodeId, Snapshot};
use crate::strings::Tag;
use crate::threads::both;

/// The classes of a heap, as DevTools sorts them: by retained size, most first, then by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The bytes of the heap: what the root retains, and what V8 accounts for without any node.
    pub total_size: u64,
    /// One row a class with any node that has bytes.
    pub classes: Vec<ClassSummary>,
    /// The bytes by kind.
    pub statistics: Statistics,
}

/// One class of the Summary view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassSummary {
    /// The class.
    pub class: ClassId,
    /// DevTools' class key.
    pub key: String,
    /// The name of the class.
    pub name: String,
    /// How many nodes of it have bytes.
    pub count: u64,
    /// Their shallow sizes.
    pub self_size: u64,
    /// What they retain, nothing counted twice.
    pub retained_size: u64,
    /// The least distance of any.
    pub distance: i32,
}

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

/// What a summary says that needs no dominators.
pub(crate) struct Tally {
    /// By class, none for those without a node that counts.
    rows: Vec<Option<ClassSummary>>,
    /// All but what needs the bytes of the whole heap.
    statistics: Statistics,
}

impl Tally {
    pub(crate) fn compute(snapshot: &Snapshot<'_>, classes: &Classes, distances: &Distances) -> Self {
        Self { rows: count_classes(snapshot, classes, distances), statistics: statistics(snapshot) }
    }

    /// Adds what the dominators say.
    pub(crate) fn summary(
        self,
        snapshot: &Snapshot<'_>,
        classes: &Classes,
        dominators: &Dominators,
    ) -> Summary {
        let Self { rows, mut statistics } = self;
        let total_size = dominators.retained_size(snapshot.root()) + snapshot.extra_native_bytes();
        statistics.total = total_size;
        statistics.v8_heap = total_size.saturating_sub(statistics.native);
        let rows = rows.into_iter().zip(class_retained(snapshot, classes, dominators));
        let mut classes: Vec<ClassSummary> =
            rows.filter_map(|(row, retained_size)| Some(ClassSummary { retained_size, ..row? })).collect();
        classes
            .sort_by(|a, b| b.retained_size.cmp(&a.retained_size).then_with(|| cmp_utf16(&a.name, &b.name)));
        Summary { total_size, classes, statistics }
    }
}

/// By class, all but what it retains; none for classes without a node that counts.
fn count_classes(
    snapshot: &Snapshot<'_>,
    classes: &Classes,
    distances: &Distances,
) -> Vec<Option<ClassSummary>> {
    let mut rows: Vec<Option<ClassSummary>> = vec![None; classes.len()];
    for node in snapshot.nodes() {
        let size = snapshot.self_size(node);
        if size == 0 || !classes.counts(node) {
            continue;
        }
        let class = classes.of(node);
        let distance = distances.get(node);
        let row = rows[class.0 as usize].get_or_insert_with(|| ClassSummary {
            class,
            key: classes.key(class).to_owned(),
            name: classes.name(class).to_owned(),
            count: 0,
            self_size: 0,
            retained_size: 0,
            distance,
        });
        row.count += 1;
        row.self_size += u64::from(size);
        row.distance = row.distance.min(distance);
    }
    rows
}

/// What the nodes of each class retain, less what is retained below another of the same class
/// (`calculateClassesRetainedSize`). Nodes without bytes neither count nor hide others.
fn class_retained(snapshot: &Snapshot<'_>, classes: &Classes, dominators: &Dominators) -> Vec<u64> {
    let places = snapshot.node_count();
    let count = |range| RetainedBelow::new(snapshot, classes, dominators).count(range);
    let (mut retained, rest) = both(|| count(0..places / 2), || count(places / 2..places));
    for (sum, rest) in retained.iter_mut().zip(rest) {
        *sum += rest;
    }
    retained
}

/// Adds up what classes retain, going down the dominator tree and up again.
struct RetainedBelow<'s> {
    snapshot: &'s Snapshot<'s>,
    classes: &'s Classes,
    dominators: &'s Dominators,
    /// By class, whether a node of it is on the way from the root to where we are.
    is_on_way: Vec<bool>,
    /// The first node of each such class: its place, and the class.
    way: Vec<(u32, ClassId)>,
}

impl<'s> RetainedBelow<'s> {
    fn new(snapshot: &'s Snapshot<'_>, classes: &'s Classes, dominators: &'s Dominators) -> Self {
        Self { snapshot, classes, dominators, is_on_way: vec![false; classes.len()], way: Vec::new() }
    }

    /// Counts the nodes at these places in preorder of the tree.
    fn count(mut self, places: Range<usize>) -> Vec<u64> {
        let mut retained = vec![0; self.classes.len()];
        let mut above: Vec<_> = self.dominators.places_above(places.start as u32).collect();
        above.reverse();
        for place in above {
            self.enter(place);
        }
        for (place, above, size) in self.dominators.top_down_from(places) {
            while let Some(&(last, class)) = self.way.last()
                && last > above
            {
                self.is_on_way[class.0 as usize] = false;
                self.way.pop();
            }
            if let Some(class) = self.enter(place) {
                retained[class.0 as usize] += size;
            }
        }
        retained
    }

    /// Takes a step down. The class of the node there, if it counts and is the first of its class on the way.
    #[inline(always)]
    fn enter(&mut self, place: u32) -> Option<ClassId> {
        let node = self.dominators.at(place);
        if self.snapshot.self_size(node) == 0 || !self.classes.counts(node) {
            return None;
        }
        let class = self.classes.of(node);
        let is_first = !std::mem::replace(&mut self.is_on_way[class.0 as usize], true);
        is_first.then(|| {
            self.way.push((place, class));
            class
        })
    }
}

/// Bytes by kind (`calculateStatistics`), but for those of all.
fn statistics(snapshot: &Snapshot<'_>) -> Statistics {
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
