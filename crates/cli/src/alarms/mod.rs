//! A watch as it is seen: its decisions, line by line or as NDJSON; and what it starts, as a command line.

mod shown;
mod words;

pub(crate) use shown::Shown;
pub(crate) use words::{Act, Words};
