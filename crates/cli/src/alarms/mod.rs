//! A watch as it is seen: its decisions, line by line or as NDJSON.

mod shown;

pub(crate) use shown::{Shown, summary};
