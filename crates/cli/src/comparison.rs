//! DevTools' Comparison as a table, for the command and for the end of a hunt.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use leakhunt_heap::{Comparison, Location, SnapshotFile, compare};
use leakhunt_text::Line;

use crate::failure::Failure;
use crate::table::{Table, count, signed_count, terminal_width};
use crate::{files, human};

/// Rows of a table that is not asked for in full.
pub(crate) const TOP: usize = 50;

/// The table of a comparison, for the end of a hunt.
pub(crate) fn first_answer(base: &Path, target: &Path, rows: usize) -> Result<Vec<Line>, Failure> {
    let files = open(base, target)?;
    let censuses = files::censuses(&files)?;
    let [base, target] = &censuses[..] else { unreachable!("two files were opened") };
    Ok(comparison_table(&compare(base, target), rows, terminal_width()))
}

/// Both files of a comparison.
pub(crate) fn open(base: &Path, target: &Path) -> Result<[(PathBuf, SnapshotFile); 2], Failure> {
    Ok([(base.to_owned(), files::open(base)?), (target.to_owned(), files::open(target)?)])
}

/// In fewer columns than these, DevTools' headings leave too little room for the names.
const NARROW: usize = 96;

/// At most `top` rows.
pub(crate) fn comparison_table(comparison: &Comparison, top: usize, width: Option<usize>) -> Vec<Line> {
    let all = &comparison.rows;
    let names = Names::of(all.iter().map(|row| (row.name.as_str(), row.location)));
    let rows = all
        .iter()
        .take(top)
        .map(|row| {
            vec![
                names.show(&row.name, row.location),
                count(row.added_count()),
                count(row.removed_count()),
                signed_count(row.count_delta()),
                human::bytes(row.added_size),
                human::bytes(row.removed_size),
                human::signed_bytes(row.size_delta()),
            ]
        })
        .collect();
    let head = match width {
        Some(..NARROW) => &["Constructor", "New", "Deleted", "Delta", "Alloc.", "Freed", "Size Delta"],
        _ => &["Constructor", "# New", "# Deleted", "# Delta", "Alloc. Size", "Freed Size", "Size Delta"],
    };
    let mut lines = Table { head, rows }.render(width);
    lines.extend(left_out(all.len(), top));
    lines
}

/// Says how many rows are not shown.
pub(crate) fn left_out(all: usize, top: usize) -> Option<Line> {
    match all.saturating_sub(top) {
        0 => None,
        more => Some(Line::own("… and ").text(count(more as u64)).and(" more; `--all` shows them")),
    }
}

/// Names of classes, with the place of the constructor where one name is that of several classes. What is rather data than a
/// name is not shown: tables are pasted into chats and tickets. The JSON has it.
pub(crate) struct Names<'n>(HashMap<&'n str, usize>);

impl<'n> Names<'n> {
    pub(crate) fn of(classes: impl Iterator<Item = (&'n str, Option<Location>)>) -> Self {
        let mut uses = HashMap::new();
        for (name, _) in classes {
            *uses.entry(name).or_default() += 1;
        }
        Self(uses)
    }

    pub(crate) fn show(&self, name: &str, location: Option<Location>) -> String {
        let shown = leakhunt_text::class(name);
        let several = self.0.get(name).is_some_and(|uses| *uses > 1);
        let place = location.filter(|_| several).and_then(|place| Some((place.script_id, place.from_one()?)));
        match place {
            Some((script, (line, column))) => format!("{shown} (script {script}, {line}:{column})"),
            None => shown.into_owned(),
        }
    }
}
