//! The diagnosis judged by programs whose leaks are known: `tests/leaks`.

#[path = "../corpus/mod.rs"]
mod corpus;
mod early;
mod known;
mod live;
mod replayed;

use std::path::{Path, PathBuf};
use std::sync::RwLock;

use corpus::recording::Recording;

/// A program that runs live has the processors to itself: what others take of them while a snapshot is taken is hard to tell from
/// what grows.
static PROCESSORS: RwLock<()> = RwLock::new(());

/// The programs.
fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/leaks").canonicalize().expect("the corpus")
}

/// Fails unless what is said of a recording is the truth.
#[track_caller]
fn check(name: &str, recording: &Recording) {
    let row = corpus::judge(&programs().join(name), recording);
    assert!(
        row.is_right(),
        "{name}: {:?}, true suspect at {:?}, line {}, holder {}, unsaid {:?}\n{:#?}",
        row.verdict,
        row.rank,
        row.line_right,
        row.holder_right,
        row.unsaid,
        row.findings
    );
}
