//! What a sampling profile can say, and what it cannot.

use super::size;
use crate::findings::{Allocation, Location};

/// The places of a profile, most bytes first, in one sentence.
pub(crate) fn allocations(allocations: &[Allocation]) -> String {
    let Some(first) = allocations.first() else {
        return "nothing that was allocated while the profile lasted was still alive at its end".to_owned();
    };
    let own = first.location.as_ref().filter(|_| first.called_from.is_none());
    let place = own.or(first.called_from.as_ref()).map_or_else(|| named(&first.function).to_owned(), at);
    format!(
        "of what was allocated while the profile lasted, most of what lives on comes from {place}: {}, {:.0} %; a \
         profile cannot tell a leak from a warm-up",
        size(first.self_size),
        first.share * 100.0
    )
}

fn at(place: &Location) -> String {
    let function = place.function.as_deref().unwrap_or_default();
    format!("{} ({}:{})", named(function), place.file, place.line)
}

fn named(function: &str) -> &str {
    if function.is_empty() { "(anonymous)" } else { function }
}
