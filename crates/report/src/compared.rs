//! DevTools' Comparison of two snapshots of the series, cut down to what a page shows.

use leakhunt_heap::{Comparison, Row};

use crate::words::line;

/// Rows that one pair of snapshots is shown with: those first by # Delta, and as many that changed most in bytes.
const MOST_ROWS: usize = 150;

/// Two snapshots of one series, compared.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Name of the earlier snapshot.
    pub base: String,
    /// Name of the later one.
    pub target: String,
    pub(crate) rows: Vec<Changed>,
    pub(crate) left_out: usize,
}

/// One row, as DevTools gives it.
#[derive(Clone, Debug)]
pub(crate) struct Changed {
    pub(crate) name: String,
    pub(crate) new: u64,
    pub(crate) deleted: u64,
    pub(crate) allocated: u64,
    pub(crate) freed: u64,
}

impl Compared {
    /// Keeps the rows that matter.
    #[must_use]
    pub fn new(base: String, target: String, comparison: &Comparison) -> Self {
        let all = &comparison.rows;
        let mut by_bytes: Vec<usize> = (0..all.len()).collect();
        by_bytes.sort_by_key(|at| std::cmp::Reverse(all[*at].size_delta().unsigned_abs()));
        by_bytes.truncate(MOST_ROWS);
        by_bytes.sort_unstable();
        let kept = |at: &usize| *at < MOST_ROWS || by_bytes.binary_search(at).is_ok();
        let rows: Vec<Changed> = (0..all.len()).filter(kept).map(|at| Changed::of(&all[at])).collect();
        Self { base, target, left_out: all.len() - rows.len(), rows }
    }
}

impl Changed {
    fn of(row: &Row) -> Self {
        let place = row.location.and_then(|at| Some((at.script_id, at.from_one()?)));
        let place = place.map_or_else(String::new, |(script, (line, column))| {
            format!(" (script {script}, {line}:{column})")
        });
        Self {
            name: format!("{}{place}", line(&leakhunt_text::class(&row.name))),
            new: row.added_count(),
            deleted: row.removed_count(),
            allocated: row.added_size,
            freed: row.removed_size,
        }
    }
}
