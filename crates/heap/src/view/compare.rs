//! DevTools' Comparison view (`calculateSnapshotDiff`): what is new and what is gone, class by class.
//!
//! An object is matched by its id within its class key: one that changes its key, like a plain object that gains a
//! property, is both gone and new. The interfaces of the target are applied to the base. Only nodes with bytes of
//! their own count, and sizes of those that stayed are not compared.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use tracing::debug_span;

use crate::classes::interfaces::cmp_utf16;
use crate::classes::names::{Key, NO_CLASS, Resolved};
use crate::id_index::IdIndex;
use crate::ids::{Location, NodeId, ObjectId};
use crate::threads::both;
use crate::view::census::Census;

/// The rows of a comparison, in DevTools' order of # Delta: most grown first, then by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// One row a class in which anything is new or gone.
    pub rows: Vec<Row>,
}

/// What happened to one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// DevTools' class key: `,NAME`, or `SCRIPT,LINE,COLUMN,NAME` for objects whose constructor has a location.
    pub key: String,
    /// DevTools' name of the class. Where the class is gone, it may differ from the name in the key.
    pub name: String,
    /// Where the constructor stands, if that is part of the key.
    pub location: Option<Location>,
    /// The nodes that are only in the target, by id.
    pub added: Vec<Member>,
    /// The nodes that are only in the base, by id.
    pub removed: Vec<Member>,
    /// The bytes of the added ones.
    pub added_size: u64,
    /// The bytes of the removed ones.
    pub removed_size: u64,
}

impl Row {
    /// DevTools' # New.
    #[must_use]
    pub fn added_count(&self) -> u64 {
        self.added.len() as u64
    }

    /// DevTools' # Deleted.
    #[must_use]
    pub fn removed_count(&self) -> u64 {
        self.removed.len() as u64
    }

    /// DevTools' # Delta.
    #[must_use]
    pub fn count_delta(&self) -> i64 {
        self.added.len() as i64 - self.removed.len() as i64
    }

    /// DevTools' Size Delta.
    #[must_use]
    pub fn size_delta(&self) -> i64 {
        self.added_size as i64 - self.removed_size as i64
    }
}

/// A node behind a row: of the target if it was added, of the base if it was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The id of its object.
    pub id: ObjectId,
    /// Its place in its own snapshot.
    pub node: NodeId,
    /// Its shallow size.
    pub size: u32,
}

/// Compares a later snapshot with an earlier one, as DevTools does when the later one is shown.
///
/// Meaningful only within one id space.
#[must_use]
pub fn compare(base: &Census<'_>, target: &Census<'_>) -> Comparison {
    let names = debug_span!("names").entered();
    let base_classes = base.classes(&base.names_under(&target.entries.interfaces));
    let target_classes = target.classes(&target.names_under(&target.entries.interfaces));
    let joined = Joined::new(base_classes, target_classes);
    drop(names);
    // Made here where they are not there yet.
    let (base_index, target_index) = both(|| base.index(), || target.index());
    let repeated: FxHashSet<u32> = base_index.repeated.union(&target_index.repeated).copied().collect();
    let a = Side { census: base, index: base_index, row_of: joined.of_base };
    let b = Side { census: target, index: target_index, row_of: joined.of_target };
    let join = debug_span!("join ids").entered();
    let (mut removed, mut added) = both(|| a.missing_in(&b, &repeated), || b.missing_in(&a, &repeated));
    drop(join);
    let _rows = debug_span!("rows").entered();
    if !repeated.is_empty() {
        match_repeated(&a, &b, &repeated, &mut removed, &mut added);
    }
    let own_names = base.names_under(&base.entries.interfaces);
    let removed = by_row(removed, joined.rows.len());
    let added = by_row(added, joined.rows.len());
    let mut rows: Vec<Row> = joined
        .rows
        .into_iter()
        .zip(removed)
        .zip(added)
        .filter(|((_, removed), added)| !(removed.is_empty() && added.is_empty()))
        .map(|(((mut key, in_target), removed), added)| {
            if let Some(last) = removed.last().filter(|_| !in_target) {
                // DevTools takes the name of a class that is gone from its last node, after the base has got its
                // own interfaces back.
                key.name = own_names.name(base.entries.table.entry_of[last.node.0 as usize]).into_owned();
            }
            Row::new(key, removed, added)
        })
        .collect();
    rows.sort_by(|a, b| b.count_delta().cmp(&a.count_delta()).then_with(|| cmp_utf16(&a.name, &b.name)));
    Comparison { rows }
}

impl Row {
    fn new(key: Key, removed: Vec<Member>, added: Vec<Member>) -> Self {
        let bytes = |members: &[Member]| members.iter().map(|member| u64::from(member.size)).sum();
        Self {
            key: key.text,
            name: key.name,
            location: key.location,
            added_size: bytes(&added),
            removed_size: bytes(&removed),
            added,
            removed,
        }
    }
}

/// The classes of two snapshots as rows of one table: those of the base first, as DevTools goes through them.
struct Joined {
    /// The key of each row, and whether the target has that class.
    rows: Vec<(Key, bool)>,
    /// By entry of the base.
    of_base: Vec<u32>,
    /// By entry of the target.
    of_target: Vec<u32>,
}

impl Joined {
    fn new(base: Resolved, target: Resolved) -> Self {
        let mut row_of_key: FxHashMap<String, u32> =
            base.keys.iter().zip(0..).map(|(key, row)| (key.text.clone(), row)).collect();
        let mut rows: Vec<(Key, bool)> = base.keys.into_iter().map(|key| (key, false)).collect();
        let row_of_class: Vec<u32> = target
            .keys
            .into_iter()
            .map(|key| match row_of_key.get(&key.text) {
                Some(&row) => {
                    rows[row as usize] = (key, true);
                    row
                }
                None => {
                    row_of_key.insert(key.text.clone(), rows.len() as u32);
                    rows.push((key, true));
                    rows.len() as u32 - 1
                }
            })
            .collect();
        let of_target = target
            .class_of
            .into_iter()
            .map(|class| row_of_class.get(class as usize).copied().unwrap_or(NO_CLASS))
            .collect();
        Self { rows, of_base: base.class_of, of_target }
    }
}

/// One of the two snapshots, and which row each of its entries belongs to.
struct Side<'c> {
    census: &'c Census<'c>,
    index: &'c IdIndex,
    row_of: Vec<u32>,
}

impl Side<'_> {
    /// The row a node is counted in: none for those without bytes.
    #[inline(always)]
    fn row(&self, node: u32) -> u32 {
        match self.census.sizes[node as usize] {
            0 => NO_CLASS,
            _ => self.row_of[self.census.entries.table.entry_of[node as usize] as usize],
        }
    }

    fn member(&self, node: u32) -> Member {
        Member {
            id: ObjectId(self.census.ids[node as usize]),
            node: NodeId(node),
            size: self.census.sizes[node as usize],
        }
    }

    /// The nodes, each with its row, that `other` has not in the same row; ids that occur twice are left out.
    fn missing_in(&self, other: &Side<'_>, repeated: &FxHashSet<u32>) -> Vec<(u32, Member)> {
        let mut missing = Vec::new();
        for (&id, node) in self.census.ids.iter().zip(0_u32..) {
            let row = self.row(node);
            if row == NO_CLASS || other.index.get(id).is_some_and(|node| other.row(node) == row) {
                continue;
            }
            if repeated.is_empty() || !repeated.contains(&id) {
                missing.push((row, self.member(node)));
            }
        }
        missing
    }
}

/// Matches nodes of repeated ids one to one, in the order of the file, as a merge of two sorted lists does.
fn match_repeated(
    a: &Side<'_>,
    b: &Side<'_>,
    repeated: &FxHashSet<u32>,
    removed: &mut Vec<(u32, Member)>,
    added: &mut Vec<(u32, Member)>,
) {
    let all = |side: &Side<'_>| {
        let mut by_row_and_id: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        for (&id, node) in side.census.ids.iter().zip(0_u32..) {
            if repeated.contains(&id) && side.row(node) != NO_CLASS {
                by_row_and_id.entry((side.row(node), id)).or_default().push(node);
            }
        }
        by_row_and_id
    };
    let (of_a, of_b) = (all(a), all(b));
    let surplus = |side: &Side<'_>, mine: &BTreeMap<(u32, u32), Vec<u32>>, other: &BTreeMap<_, Vec<u32>>| {
        let mut rest = Vec::new();
        for (at, nodes) in mine {
            let matched = other.get(at).map_or(0, Vec::len);
            rest.extend(nodes.iter().skip(matched).map(|&node| (at.0, side.member(node))));
        }
        rest
    };
    removed.extend(surplus(a, &of_a, &of_b));
    added.extend(surplus(b, &of_b, &of_a));
}

/// Sorts members into their rows, by id.
fn by_row(members: Vec<(u32, Member)>, rows: usize) -> Vec<Vec<Member>> {
    let mut sorted = vec![Vec::new(); rows];
    for (row, member) in members {
        sorted[row as usize].push(member);
    }
    for members in &mut sorted {
        members.sort_by_key(|member| member.id);
    }
    sorted
}
