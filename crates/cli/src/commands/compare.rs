//! `leakhunt compare`: DevTools' Comparison view of two snapshots.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use leakhunt_heap::{Census, Comparison, IdSpace, Location, Row, SnapshotFile, compare, id_space, series};
use leakhunt_text::Line;
use serde::Serialize;

use super::files;
use crate::args;
use crate::failure::{Failure, exit};
use crate::human;
use crate::table::{Table, count, signed_count, terminal_width};
use crate::terminal;

/// Rows of a table that is not asked for in full.
pub(super) const TOP: usize = 50;

pub(crate) fn run(args: &args::Compare) -> Result<u8, Failure> {
    let top = if args.all { usize::MAX } else { TOP };
    let files = open(&args.base, &args.target)?;
    let censuses = files::censuses(&files)?;
    let [base, target] = &censuses[..] else { unreachable!("two files were opened") };
    let ids = id_space(base, target);
    if !ids.is_same() {
        terminal::say(&[Line::own("warning: ").text(other_id_space(ids))]);
    }
    // A program that asks for DevTools' numbers gets them, and the warning; a person would take them for the truth.
    if args.by_class || !(ids.is_same() || args.json) {
        let classes = changed_classes(&[base, target]);
        if args.json {
            files::print_exact_json(&classes)?;
        } else {
            let table = by_class_table(&classes, top, terminal_width());
            terminal::answer(&table)?;
        }
        return check(&files);
    }
    let comparison = compare(base, target);
    if args.json {
        files::print_exact_json(&comparison.rows.iter().map(JsonRow::of).collect::<Vec<_>>())?;
    } else {
        let table = comparison_table(&comparison, top, terminal_width());
        terminal::answer(&table)?;
    }
    check(&files)
}

/// Done, if what was read was whole to the end.
fn check(files: &[(PathBuf, SnapshotFile)]) -> Result<u8, Failure> {
    files.iter().try_for_each(|(path, file)| files::check(path, file))?;
    Ok(exit::DONE)
}

/// The table of a comparison, for the end of a hunt.
pub(super) fn first_answer(base: &Path, target: &Path, rows: usize) -> Result<Vec<Line>, Failure> {
    let files = open(base, target)?;
    let censuses = files::censuses(&files)?;
    let [base, target] = &censuses[..] else { unreachable!("two files were opened") };
    Ok(comparison_table(&compare(base, target), rows, terminal_width()))
}

fn open(base: &Path, target: &Path) -> Result<[(PathBuf, SnapshotFile); 2], Failure> {
    Ok([(base.to_owned(), files::open(base)?), (target.to_owned(), files::open(target)?)])
}

/// Why the ids of these two snapshots must not be compared.
fn other_id_space(ids: IdSpace) -> String {
    format!(
        "the ids of these two snapshots do not mean the same objects: of {} ids in both, {:.1} % are of the same \
         type and name. They come from two processes, or an inspector was closed in between, so what is new and \
         what is gone cannot be told by id; class counts can be compared",
        count(ids.common),
        100.0 * ids.agreement(),
    )
}

/// A row as DevTools' engine gives it.
#[derive(Serialize)]
struct JsonRow<'r> {
    key: &'r str,
    name: &'r str,
    added_count: u64,
    removed_count: u64,
    count_delta: i64,
    added_size: u64,
    removed_size: u64,
    size_delta: i64,
}

impl<'r> JsonRow<'r> {
    fn of(row: &'r Row) -> Self {
        Self {
            key: &row.key,
            name: &row.name,
            added_count: row.added_count(),
            removed_count: row.removed_count(),
            count_delta: row.count_delta(),
            added_size: row.added_size,
            removed_size: row.removed_size,
            size_delta: row.size_delta(),
        }
    }
}

/// In fewer columns than these, DevTools' headings leave too little room for the names.
const NARROW: usize = 96;

fn comparison_table(comparison: &Comparison, top: usize, width: Option<usize>) -> Vec<Line> {
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

/// A class that has more or fewer nodes than before.
#[derive(Serialize)]
struct ChangedClass {
    key: String,
    name: String,
    #[serde(skip)]
    location: Option<Location>,
    base_count: u64,
    target_count: u64,
    count_delta: i64,
    base_size: u64,
    target_size: u64,
    size_delta: i64,
}

fn changed_classes(censuses: &[&Census<'_>]) -> Vec<ChangedClass> {
    let mut changed: Vec<ChangedClass> = series(censuses)
        .into_iter()
        .map(|class| ChangedClass {
            key: class.key,
            name: class.name,
            location: class.location,
            base_count: class.counts[0],
            target_count: class.counts[1],
            count_delta: class.counts[1] as i64 - class.counts[0] as i64,
            base_size: class.sizes[0],
            target_size: class.sizes[1],
            size_delta: class.sizes[1] as i64 - class.sizes[0] as i64,
        })
        .filter(|class| class.count_delta != 0 || class.size_delta != 0)
        .collect();
    changed.sort_by_key(|class| std::cmp::Reverse((class.count_delta, class.size_delta)));
    changed
}

fn by_class_table(classes: &[ChangedClass], top: usize, width: Option<usize>) -> Vec<Line> {
    let names = Names::of(classes.iter().map(|class| (class.name.as_str(), class.location)));
    let rows = classes
        .iter()
        .take(top)
        .map(|class| {
            vec![
                names.show(&class.name, class.location),
                count(class.base_count),
                count(class.target_count),
                signed_count(class.count_delta),
                human::bytes(class.base_size),
                human::bytes(class.target_size),
                human::signed_bytes(class.size_delta),
            ]
        })
        .collect();
    let head = &["Constructor", "Count before", "after", "# Delta", "Size before", "after", "Size Delta"];
    let mut lines = Table { head, rows }.render(width);
    lines.extend(left_out(classes.len(), top));
    lines
}

/// Says how many rows are not shown.
pub(super) fn left_out(all: usize, top: usize) -> Option<Line> {
    match all.saturating_sub(top) {
        0 => None,
        more => Some(Line::own("… and ").text(count(more as u64)).and(" more; `--all` shows them")),
    }
}

/// Names of classes, with the place of the constructor where one name is that of several classes. What is rather data than a
/// name is not shown: tables are pasted into chats and tickets. The JSON has it.
pub(super) struct Names<'n>(HashMap<&'n str, usize>);

impl<'n> Names<'n> {
    pub(super) fn of(classes: impl Iterator<Item = (&'n str, Option<Location>)>) -> Self {
        let mut uses = HashMap::new();
        for (name, _) in classes {
            *uses.entry(name).or_default() += 1;
        }
        Self(uses)
    }

    pub(super) fn show(&self, name: &str, location: Option<Location>) -> String {
        let shown = leakhunt_text::class(name);
        let several = self.0.get(name).is_some_and(|uses| *uses > 1);
        let place = location.filter(|_| several).and_then(|place| Some((place.script_id, place.from_one()?)));
        match place {
            Some((script, (line, column))) => format!("{shown} (script {script}, {line}:{column})"),
            None => shown.into_owned(),
        }
    }
}
