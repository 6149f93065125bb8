//! Texts of the other side, cut where they come in: whoever speaks there may say a name, a version or a reason of as many
//! megabytes as one message takes, and all of these end on somebody's screen.

use serde::{Deserialize, Deserializer};

/// Longer than any reason that Node or V8 gives, and some lines on a screen.
const REASON: usize = 300;
/// Longer than any name, version or path that is one (Linux: 4,096 bytes).
const NAME: usize = 4096;

/// A reason.
pub(crate) fn reason(text: &str) -> String {
    cut(text, REASON)
}

/// A field that holds a reason.
pub(crate) fn a_reason<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from).map(|text| cut(&text, REASON))
}

/// A field that holds a name, a version or a path.
pub(crate) fn a_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from).map(|text| cut(&text, NAME))
}

/// The same where there may be none.
pub(crate) fn maybe_a_name<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(from).map(|text| text.map(|text| cut(&text, NAME)))
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_characters() {
        assert_eq!(reason("why not"), "why not");
        assert_eq!(reason(&"é".repeat(REASON)), "é".repeat(REASON));
        assert_eq!(reason(&"é".repeat(REASON + 1)), "é".repeat(REASON) + "…");
    }
}
