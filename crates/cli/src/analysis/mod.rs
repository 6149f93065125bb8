//! From snapshot files to a report: what `leakhunt analyze` does, and every hunt at its end.
//!
//! In the order in which data flows: `input` (what was given), `sources` (what may be read of the program), `judge`, `stored`
//! (what an earlier analysis left), then `print` and `write`.

mod input;
mod judge;
mod print;
mod sources;
mod stored;
mod write;

pub(crate) use input::Input;
pub(crate) use judge::{Analysis, Wishes, analyse};
pub(crate) use print::{Format, print_as};
pub(crate) use sources::folder;
pub(crate) use stored::{analysis_of, baseline};
pub(crate) use write::write_reports;
