//! A watch as it is seen: its decisions, line by line or as NDJSON; what it starts, as a command
//! line; and a unit of systemd that keeps it at work.

mod shown;
mod unit;
mod words;

pub(crate) use shown::{Form, Shown};
pub(crate) use unit::{Unit, words as typed};
pub(crate) use words::{Act, Words};
