//! `leakhunt compare`: DevTools' Comparison view of two snapshots.

use std::path::PathBuf;

use leakhunt_heap::{Beforehand, Census, IdSpace, Location, Row, SnapshotFile, compare, id_space, series};
use leakhunt_text::Line;
use serde::Serialize;

use crate::comparison::{Names, TOP, comparison_table, left_out, open};
use crate::failure::Failure;
use crate::table::{Table, count, signed_count, terminal_width};
use crate::{exit, files, human, terminal};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The earlier snapshot
    pub(crate) base: PathBuf,

    /// The later snapshot
    pub(crate) target: PathBuf,

    /// Compare counts and sizes of classes only, for snapshots whose object ids have nothing in common
    #[arg(long)]
    pub(crate) by_class: bool,

    /// All rows, not only the top ones; JSON has them anyway
    #[arg(long, conflicts_with = "json")]
    pub(crate) all: bool,

    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let top = if args.all { usize::MAX } else { TOP };
    let files = open(&args.base, &args.target)?;
    let censuses = files::censuses(&files)?;
    let [base, target] = &censuses[..] else { unreachable!("two files were opened") };
    let ids = id_space(base, target);
    let is_one = ids.is_one(Beforehand::Nothing);
    if !is_one {
        terminal::say(&[Line::own("warning: ").text(other_id_space(ids))]);
    }
    // A program that asks for DevTools' numbers gets them, and the warning; a person would take them for the truth.
    if args.by_class || !(is_one || args.json) {
        let classes = changed_classes(&[base, target]);
        if args.json {
            terminal::print_exact_json(&Document { schema_version: 1, rows: &classes })?;
        } else {
            let table = by_class_table(&classes, top, terminal_width());
            terminal::answer(&table)?;
        }
        return check(&files);
    }
    let comparison = compare(base, target);
    if args.json {
        let rows: Vec<JsonRow<'_>> = comparison.rows.iter().map(JsonRow::of).collect();
        terminal::print_exact_json(&Document { schema_version: 1, rows: &rows })?;
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

/// Why the ids of these two snapshots must not be compared.
fn other_id_space(ids: IdSpace) -> String {
    format!(
        "the ids of these two snapshots do not mean the same objects: of {} ids in both, {:.1} % are of the same \
         type and name. They come from two processes, or an inspector was closed in between, so what is new and \
         what is gone cannot be determined by id; class counts can be compared",
        count(ids.common),
        100.0 * ids.agreement(),
    )
}

/// `leakhunt compare --json`.
#[derive(Serialize)]
struct Document<'d, Row> {
    schema_version: u32,
    /// DevTools' rows, or with `--by-class` those of counts.
    rows: &'d [Row],
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
