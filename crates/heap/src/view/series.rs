//! More than two snapshots, or two without a common id space: how classes and objects grow.

use rustc_hash::FxHashMap;

use crate::classes::names::{Key, NO_CLASS};
use crate::ids::Location;
use crate::view::census::Census;

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
