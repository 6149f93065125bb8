//! Places in the source, as short as a reader needs them.

use crate::findings::Location;
use crate::source::Place;

/// People write no longer lines.
const LONGEST_LINE: u32 = 250;

/// The last parts of a path and the line, as in `components/DiscountBanner.js:12`; of a minified file's one long line the
/// column as well.
pub(super) fn at(place: &Place) -> String {
    let location = place.best();
    format!("{}{}", location.short_file(), line(location))
}

/// The line alone, where its file was just said: `:12`.
pub(super) fn short(place: &Place) -> String {
    line(place.best())
}

/// The last part of a path.
pub(super) fn in_file(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Node's own files say nothing to a reader.
pub(super) fn parenthesised(place: Option<&Place>) -> String {
    place
        .filter(|place| !place.location.file.starts_with("node:"))
        .map_or_else(String::new, |place| format!(" ({})", at(place)))
}

fn line(Location { line, column, .. }: &Location) -> String {
    let column = if *column > LONGEST_LINE { format!(":{column}") } else { String::new() };
    format!(":{line}{column}")
}
