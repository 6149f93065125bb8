//! From snapshot files to a report: what `leakhunt analyze` does, and every hunt at its end.
//!
//! In the order in which data flows: `input` (what was given), `sources` (what may be read of the program), `profiles`, `readings`, `judge`,
//! `stored` (what an earlier analysis left), then `stdout` and `reports` (of the session folder), where it goes.

mod input;
mod judge;
mod profiles;
mod readings;
mod reports;
mod sources;
mod stdout;
mod stored;

pub(crate) use input::Input;
pub(crate) use judge::{Analysis, Wishes, analyse};
pub(crate) use reports::{write_documents, write_reports};
pub(crate) use sources::folder;
pub(crate) use stdout::{Format, print_as};
pub(crate) use stored::{analysis_of, baseline};
