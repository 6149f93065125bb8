//! The diagnosis judged by programs whose leaks are known: `tests/leaks`.

#[path = "../corpus/mod.rs"]
mod corpus;
mod early;
mod known;
mod live;
mod replayed;

use std::path::{Path, PathBuf};

use corpus::recording::Recording;

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
