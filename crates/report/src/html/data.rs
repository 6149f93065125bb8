//! The numbers of the Comparison, embedded as JSON: names once, rows as arrays.

use std::collections::HashMap;

use serde::Serialize;

use crate::Compared;
use crate::words::line;

/// What the page's script reads.
#[derive(Serialize)]
pub(super) struct Data<'c> {
    snapshots: Vec<String>,
    names: Vec<&'c str>,
    pairs: Vec<Pair>,
}

#[derive(Serialize)]
struct Pair {
    from: usize,
    to: usize,
    left_out: usize,
    /// Index of the name, # New, # Deleted, Alloc. Size, Freed Size.
    rows: Vec<(usize, u64, u64, u64, u64)>,
}

/// Names once, rows by their numbers.
pub(super) fn data(compared: &[Compared]) -> Data<'_> {
    let mut snapshots = Vec::new();
    let mut names = Vec::new();
    let mut place_of: HashMap<&str, usize> = HashMap::new();
    let mut pairs = Vec::new();
    for one in compared {
        let mut place = |name: &str| {
            let name = line(name);
            snapshots.iter().position(|known| *known == name).unwrap_or_else(|| {
                snapshots.push(name);
                snapshots.len() - 1
            })
        };
        let (from, to) = (place(&one.base), place(&one.target));
        let rows = one
            .rows
            .iter()
            .map(|row| {
                let name = *place_of.entry(&row.name).or_insert_with(|| {
                    names.push(row.name.as_str());
                    names.len() - 1
                });
                (name, row.new, row.deleted, row.allocated, row.freed)
            })
            .collect();
        pairs.push(Pair { from, to, left_out: one.left_out, rows });
    }
    Data { snapshots, names, pairs }
}
