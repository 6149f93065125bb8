//! DevTools' Summary view: what is in a heap, class by class.

use std::ops::Range;

use crate::classes::interfaces::cmp_utf16;
use crate::classes::{ClassId, Classes};
use crate::graph::distances::Distances;
use crate::graph::dominators::Dominators;
use crate::read::snapshot::Snapshot;
use crate::threads::both;
use crate::view::statistics::{Statistics, statistics};

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
