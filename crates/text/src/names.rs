//! Names that people give, told from data that stands where a name would.
//!
//! A program uses tokens, ids and addresses as keys of its objects, and V8 writes them down as it writes the names of fields.
//! What is one is told by its form: most names are made of words.

use std::borrow::Cow;

use crate::random::is_strange;
use crate::secrets::{cut, has_token};

/// What stands for a name that is data.
pub const SOME_NAME: &str = "[…]";

/// A longer name was made by a program, not by a person.
const LONGEST: usize = 40;
/// More digits are a number.
const MOST_DIGITS: usize = 3;

/// Whether a property's name is rather data than something a person named: an address, a token, a number with a prefix.
#[must_use]
pub fn is_data(name: &str) -> bool {
    let name: Cow<'_, str> = match name.strip_prefix("<symbol ").and_then(|name| name.strip_suffix('>')) {
        Some(symbol) => symbol.replace(' ', "").into(),
        None => name.into(),
    };
    let named = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.' | ':' | '#' | '(' | ')');
    name.chars().filter(char::is_ascii_digit).count() > MOST_DIGITS
        || name.chars().count() > LONGEST
        || !name.chars().all(named)
        || has_token(&name)
        || is_strange(&name)
}

/// The name of a class, of which what is data is left out: a plain object goes by its properties, `{id, name}`.
#[must_use]
pub fn class(name: &str) -> Cow<'_, str> {
    if let Some(properties) = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
        let is_data = |property: &str| property != "…" && is_data(property);
        return if properties.split(", ").any(is_data) { "{…}".into() } else { name.into() };
    }
    // V8's own have blanks or brackets: `system / Context`, `Detached <div>`, `(string)`.
    let is_v8s = name.contains(' ') || name.starts_with(['(', '<']);
    match name {
        "" => name.into(),
        _ if is_v8s => cut(name).into(),
        _ if is_data(name) => SOME_NAME.into(),
        _ => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: bool) {
        assert_eq!(is_data(name), expected, "{name}");
    }

    #[test]
    fn what_people_write_is_a_name_and_what_they_store_is_data() {
        for name in [
            "userId",
            "config-changed",
            "_idlePrev",
            "<symbol kResource usage>",
            "utf8",
            "a.b:c",
            "größe",
            "XMLHttpRequest",
            "kMaxEventTargetListeners",
            "Float64Array",
            "x509",
            "i18n",
            "getOwnPropertyDescriptors",
            "__webpack_require__",
        ] {
            check(name, false);
        }
        for name in [
            "ann@example.org",
            "/orders?id=7",
            "sess_20394857",
            "4111111111111111",
            "two words",
            &"x".repeat(41),
            "ghp_aBcDeFgHiJkLmNoPqRsTuVwXyZabcdefghij",
            "AKIAIOSFODNNXEXAMPLE",
            "qXvRtKzLpWmB",
            "xkqzvbtpwjfh",
        ] {
            check(name, true);
        }
    }

    #[test]
    fn of_a_class_only_data_is_left_out() {
        assert_eq!(class("{id, name}"), "{id, name}");
        assert_eq!(class("{id, qXvRtKzLpWmB}"), "{…}");
        assert_eq!(class("DiscountBanner"), "DiscountBanner");
        assert_eq!(class("qXvRtKzLpWmBd"), SOME_NAME);
        assert_eq!(class("(concatenated string)"), "(concatenated string)");
        assert_eq!(class("system / JSArrayBufferData"), "system / JSArrayBufferData");
    }
}
