//! `leakhunt summary`: DevTools' Summary and Statistics views of one snapshot.

use std::path::PathBuf;

use leakhunt_heap::{ClassSummary, Classes, SYSTEM, Statistics, Summary};
use leakhunt_text::Line;
use serde::Serialize;

use crate::comparison::{Names, TOP, left_out};
use crate::failure::Failure;
use crate::table::{Table, count, terminal_width};
use crate::{exit, files, human, terminal};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The snapshot
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// All classes, not only the top ones; JSON has them anyway
    #[arg(long, conflicts_with = "json")]
    pub(crate) all: bool,

    /// One JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let file = files::open(&args.file)?;
    let files::Facts { classes, summary, .. } = files::facts(&args.file, &file)?;
    files::check(&args.file, &file)?;
    if args.json {
        terminal::print_exact_json(&JsonSummary::of(&summary))?;
    } else {
        let top = if args.all { usize::MAX } else { TOP };
        let table = table(&summary, &classes, top);
        terminal::answer(&table)?;
    }
    Ok(exit::DONE)
}

#[derive(Serialize)]
struct JsonSummary<'s> {
    schema_version: u32,
    total_size: u64,
    statistics: JsonStatistics,
    classes: Vec<JsonClass<'s>>,
}

#[derive(Serialize)]
struct JsonStatistics {
    total: u64,
    native: JsonNative,
    v8heap: JsonHeap,
}

#[derive(Serialize)]
struct JsonNative {
    total: u64,
    typed_arrays: u64,
}

#[derive(Serialize)]
struct JsonHeap {
    total: u64,
    code: u64,
    js_arrays: u64,
    strings: u64,
    system: u64,
}

#[derive(Serialize)]
struct JsonClass<'s> {
    key: &'s str,
    name: &'s str,
    count: u64,
    self_size: u64,
    retained_size: u64,
    distance: i32,
}

impl<'s> JsonSummary<'s> {
    fn of(summary: &'s Summary) -> Self {
        let Statistics { total, native, typed_arrays, v8_heap, code, js_arrays, strings, system } =
            summary.statistics;
        let class = |class: &'s ClassSummary| JsonClass {
            key: &class.key,
            name: &class.name,
            count: class.count,
            self_size: class.self_size,
            retained_size: class.retained_size,
            distance: class.distance,
        };
        Self {
            schema_version: 1,
            total_size: summary.total_size,
            statistics: JsonStatistics {
                total,
                native: JsonNative { total: native, typed_arrays },
                v8heap: JsonHeap { total: v8_heap, code, js_arrays, strings, system },
            },
            classes: summary.classes.iter().map(class).collect(),
        }
    }
}

fn table(summary: &Summary, classes: &Classes, top: usize) -> Vec<Line> {
    let all = &summary.classes;
    let location = |row: &ClassSummary| classes.location(row.class);
    let names = Names::of(all.iter().map(|row| (row.name.as_str(), location(row))));
    let rows = all
        .iter()
        .take(top)
        .map(|row| {
            vec![
                names.show(&row.name, location(row)),
                distance(row.distance),
                count(row.count),
                human::bytes(row.self_size),
                human::bytes(row.retained_size),
            ]
        })
        .collect();
    let head = &["Constructor", "Distance", "Count", "Shallow Size", "Retained Size"];
    let s = summary.statistics;
    let kinds = [
        ("code", s.code),
        ("strings", s.strings),
        ("JS arrays", s.js_arrays),
        ("typed arrays", s.typed_arrays),
        ("other native", s.native - s.typed_arrays),
        ("system", s.system),
    ]
    .map(|(kind, size)| format!("{kind} {}", human::bytes(size)))
    .join(", ");
    let mut lines = Table { head, rows }.render(terminal_width());
    lines.extend(left_out(all.len(), top));
    lines.push(Line::default());
    lines.push(Line::own("total ").text(human::bytes(summary.total_size)).and(": ").text(kinds));
    lines
}

/// As DevTools shows it: a dash for what only V8 itself holds.
pub(super) fn distance(distance: i32) -> String {
    if (0..SYSTEM).contains(&distance) { distance.to_string() } else { "\u{2212}".to_owned() }
}
