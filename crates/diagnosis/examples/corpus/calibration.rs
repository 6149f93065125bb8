//! How sure the diagnosis is, and how often it is right: of all that it says of a program, and of what a shorter hunt would have
//! seen of it, by how sure it said to be.

#![expect(clippy::print_stdout, reason = "a table is what it is for")]

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use crate::corpus::recording::Recording;
use crate::corpus::{is_true, read_json};

/// The lower ends of the rows.
const ROWS: [f64; 7] = [0.95, 0.9, 0.8, 0.7, 0.6, 0.4, 0.0];

/// Prints, for what is said to leak with so much confidence, how much of it does.
pub(crate) fn print(programs: &Path, recordings: &Path, names: &[&str]) {
    let mut rows = [(0_u32, 0_u32, 0.0_f64); ROWS.len()];
    for name in names {
        let Ok(recording) = Recording::whole(&recordings.join(name)) else { continue };
        let count = recording.snapshots.len();
        // A hunt of 3, 4, 5 or all of the snapshots, from the first on and up to the last.
        let hunts = (3..=count).flat_map(|taken| [0..taken, count - taken..count]);
        let hunts: BTreeSet<_> = hunts.map(|hunt| (hunt.start, hunt.end)).collect();
        for (start, end) in hunts {
            for (confidence, is_true) in said(&programs.join(name), &recording, start..end) {
                let row = ROWS.iter().position(|least| confidence >= *least).unwrap_or(ROWS.len() - 1);
                let (all, right, sum) = &mut rows[row];
                (*all, *right, *sum) = (*all + 1, *right + u32::from(is_true), *sum + confidence);
            }
        }
    }
    println!("{:<12} {:>5} {:>8} {:>8}", "confidence", "said", "on mean", "true");
    for (least, (all, right, sum)) in ROWS.iter().zip(rows) {
        let share =
            |part: f64| if all == 0 { "-".to_owned() } else { format!("{:.2}", part / f64::from(all)) };
        println!("{:<12} {all:>5} {:>8} {:>8}", format!("from {least:.2}"), share(sum), share(right.into()));
    }
}

/// Of all that is said to leak of some snapshots of a program, how sure that is, and whether it is the truth.
fn said(program: &Path, recording: &Recording, some: Range<usize>) -> Vec<(f64, bool)> {
    let truth = read_json(&program.join("truth.json"));
    let findings = recording.diagnose_some(some);
    let unbounded = findings.suspects.iter().filter(|suspect| suspect.bound.is_none());
    unbounded.map(|found| (found.confidence, is_true(found, &truth["suspect"]))).collect()
}
