//! What bounds a suspect by itself, so that its growth comes to an end: a timeout that runs out, a limit of its
//! holder, or a timer that takes out what is too old.
//!
//! A bound is told only where it was seen, and has not been passed: a timer that is always set again, or a cache that lets its
//! limit slip, has none.

mod limit;
mod sweep;
mod timeout;

pub(crate) use limit::unread;

use crate::evidence::ReadNumbers;
use crate::facts::Facts;
use crate::findings::Bound;
use crate::series::columns::Columns;
use crate::source::Sources;
use crate::suspects::Suspect;
use crate::view::View;

/// The bound of a suspect, if it has one; `at_ms` are the times of the snapshots, where they are known.
pub(crate) fn bound(
    suspect: &Suspect,
    facts: &Facts,
    columns: &[Columns],
    at_ms: &[u64],
    view: &View<'_>,
    sources: &Sources<'_>,
    numbers: &[ReadNumbers],
) -> Option<Bound> {
    timeout::bound(suspect, &facts.held, columns, at_ms)
        .or_else(|| timeout::of_entries(suspect, facts, (columns, at_ms), view, sources))
        .or_else(|| limit::bound(suspect, facts, view, sources, numbers))
        .or_else(|| sweep::bound(suspect, facts, at_ms, view, sources))
}
