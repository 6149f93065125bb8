//! All sentences of a diagnosis: what was found out, in English. No other room has any.

mod advice;
mod bound;
mod change;
mod contents;
mod native;
mod place;
mod profile;
mod suspect;
mod verdict;
mod warning;

pub(crate) use change::{changes, suspect_in_short};
pub(crate) use profile::{allocations, cpu};
pub(crate) use suspect::suspect;
pub(crate) use verdict::{Beside, verdict};
pub(crate) use warning::{left_out, warning};

/// `4.5 MB`, as people read sizes: in steps of 1000, as DevTools does.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// `1,234,567`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
