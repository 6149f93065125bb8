//! The table of `cargo xtask diagnose`: each recorded program, what was found, and whether that is the truth.
//!
//!     corpus PROGRAMS RECORDINGS NAME...

#![expect(clippy::print_stdout, reason = "a table is what it is for")]

use std::path::PathBuf;
use std::process::ExitCode;

#[path = "../tests/corpus/mod.rs"]
mod corpus;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(programs), Some(recordings)) = (arguments.next(), arguments.next()) else {
        println!("usage: corpus PROGRAMS RECORDINGS NAME...");
        return ExitCode::from(2);
    };
    let (programs, recordings) = (PathBuf::from(programs), PathBuf::from(recordings));
    let names: Vec<String> = arguments.collect();
    println!(
        "{:<22} {:<12} {:>4}  {:<5} {:<6} {:>6}  answer",
        "program", "verdict", "rank", "line", "holder", "others"
    );
    let (mut right, mut alarms) = (0, 0);
    for name in &names {
        let row = corpus::judge(&programs.join(name), &recordings.join(name));
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
    }
    println!("{right} of {} right, {alarms} false alarms", names.len());
    if right == names.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
