//! An app's log, as `heroku logs` prints it: what the platform says in a line, and what the last minutes tell of each dyno.

mod line;
mod recent;
mod stamp;

pub(crate) use line::{Code, Line, Says, State};
pub use recent::{Logged, Recent};
