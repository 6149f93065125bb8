//! `phases compare|full A B`: what `cargo xtask bench heap` runs where the command line has no command of its own. `compare`
//! does what `leakhunt compare` does; `full` computes beside it all that DevTools does when it opens a file. With a third
//! argument, whatever it is, the time of each phase is printed: `busy` is what counts.

#![expect(clippy::print_stdout, reason = "a tool of the project, run by its tasks")]

use std::path::Path;

use leakhunt_heap::{Census, Error, Facts, SnapshotFile, compare};
use tracing::debug_span;
use tracing_subscriber::fmt::format::FmtSpan;

// What is measured must hold memory as the command line does.
#[path = "../../cli/src/allocator.rs"]
mod allocator;

fn main() -> Result<(), Error> {
    allocator::keep_freed_memory();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, base, target, profile @ ..] = &arguments[..] else {
        panic!("usage: phases compare|full A B [profile]")
    };
    if !profile.is_empty() {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_span_events(FmtSpan::CLOSE)
            .with_target(false)
            .with_level(false)
            .with_ansi(false)
            .with_timer(())
            .init();
    }
    let base = SnapshotFile::open(Path::new(base))?;
    let target = SnapshotFile::open(Path::new(target))?;
    let (base, target) = match what.as_str() {
        // The larger file first: the other finds room in what it leaves.
        "full" if base.bytes().len() < target.bytes().len() => {
            let target = facts(&target)?;
            (facts(&base)?, target)
        }
        "full" => (facts(&base)?, facts(&target)?),
        _ => censuses(&base, &target)?,
    };
    let rows = debug_span!("compare").in_scope(|| compare(&base, &target)).rows;
    println!("{} rows", rows.len());
    Ok(())
}

/// A thread a file.
fn censuses<'a>(base: &'a SnapshotFile, target: &'a SnapshotFile) -> Result<(Census<'a>, Census<'a>), Error> {
    std::thread::scope(|scope| {
        let base = scope.spawn(|| debug_span!("base").in_scope(|| base.census()));
        let target = debug_span!("target").in_scope(|| target.census());
        Ok((base.join().expect("reading does not panic")?, target?))
    })
}

/// Two threads a file, and one file after the other: so the edges of only one are in memory.
fn facts(file: &SnapshotFile) -> Result<Census<'_>, Error> {
    let snapshot = debug_span!("parse").in_scope(|| file.snapshot(2))?;
    let Facts { classes, summary, .. } = Facts::compute(&snapshot);
    println!("{} classes, {} bytes", summary.classes.len(), summary.total_size);
    Ok(debug_span!("keep the census").in_scope(|| Census::keep(snapshot, classes)))
}
