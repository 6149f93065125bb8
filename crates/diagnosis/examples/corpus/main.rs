//! What `cargo xtask diagnose` asks of the diagnosis.
//!
//!     corpus judge PROGRAMS RECORDINGS NAME...
//!         the table: what was found, and whether that is the truth
//!     corpus keep CORPUS PROGRAMS RECORDINGS TOOLS KEPT NAME...
//!         reduces recordings into archives that say the same

#![expect(clippy::print_stdout, reason = "a table is what it is for")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod calibration;
#[path = "../../tests/corpus/mod.rs"]
mod corpus;
mod keep;
mod pack;
mod reduce;
mod whole;
mod write;

use corpus::recording::Recording;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["judge", programs, recordings, names @ ..] => {
            judge(Path::new(programs), Path::new(recordings), names)
        }
        ["keep", corpus, programs, recordings, tools, kept, names @ ..] => {
            let [corpus, programs, recordings, kept] = [corpus, programs, recordings, kept].map(Path::new);
            keep::keep(&keep::Folders { corpus, programs, recordings, tools, kept }, names)
        }
        _ => {
            println!("usage: corpus judge|keep FOLDER... NAME...");
            ExitCode::from(2)
        }
    }
}

fn judge(programs: &Path, recordings: &Path, names: &[&str]) -> ExitCode {
    println!(
        "{:<22} {:<12} {:>4}  {:<5} {:<6} {:>6}  answer",
        "program", "verdict", "rank", "line", "holder", "others"
    );
    let (mut right, mut alarms) = (0, 0);
    let mut early: Vec<(usize, bool)> = Vec::new();
    for name in names {
        let folder: PathBuf = recordings.join(name);
        let recording = Recording::whole(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}; record it first", folder.display()));
        let row = corpus::judge(&programs.join(name), &recording);
        let mark = |right: bool| if right { "right" } else { "WRONG" };
        let verdict = format!("{:?}", row.verdict).to_lowercase();
        let leak = row.expected == "leak";
        println!(
            "{:<22} {:<12} {:>4}  {:<5} {:<6} {:>6}  {}{}",
            name,
            if row.is_right() { verdict } else { format!("{verdict} !") },
            row.rank.map_or_else(
                || if leak { "none".to_owned() } else { "-".to_owned() },
                |rank| rank.to_string()
            ),
            if leak { mark(row.line_right) } else { "-" },
            if leak { mark(row.holder_right) } else { "-" },
            row.suspects.saturating_sub(usize::from(row.rank.is_some())),
            row.findings
                .suspects
                .first()
                .map_or(row.findings.sentence.as_str(), |first| first.sentence.as_str()),
            if row.unsaid.is_empty() {
                String::new()
            } else {
                format!(" [does not say: {}]", row.unsaid.join(", "))
            },
        );
        right += usize::from(row.is_right());
        alarms += usize::from(!leak && row.suspects > 0);
        early.extend(corpus::certain(&programs.join(name), &recording));
    }
    calibration::print(programs, recordings, names);
    let snapshots: usize = early.iter().map(|(count, _)| count).sum();
    println!(
        "certain before the last snapshot: {}, with {:.1} snapshots on average; the true suspect led in {}",
        early.len(),
        snapshots as f64 / early.len().max(1) as f64,
        early.iter().filter(|(_, right)| *right).count()
    );
    println!("{right} of {} right, {alarms} false alarms", names.len());
    if right == names.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
