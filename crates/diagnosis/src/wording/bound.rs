//! What bounds a suspect, in words and figures.

use super::{count, size};
use crate::findings::{Bound, Location};

/// `bounded: 24/s × 60 s × 5.4 kB ≈ 7.8 MB`; `not full yet: 812 of 5,000 (cache.js:4)`.
pub(super) fn bound_by(bound: &Bound) -> String {
    match bound {
        Bound::Timeout { delay_ms, per_second: Some(rate), each, bytes: Some(bytes) } => {
            format!(
                "bounded: {}/s × {} × {} ≈ {}",
                rate_of(*rate),
                time(*delay_ms),
                size(*each),
                size(*bytes)
            )
        }
        Bound::Timeout { delay_ms, each, .. } => {
            format!("bounded: each lives for {}, with {}", time(*delay_ms), size(*each))
        }
        Bound::Limit { held, limit, location } => {
            format!("not full yet: {} of {}{}", count(*held), count(*limit), said_at(location.as_ref()))
        }
        Bound::Weight { bytes, limit, location } => format!(
            "not full yet: {} of entries that may weigh {}{}",
            size(*bytes),
            count(*limit),
            said_at(location.as_ref())
        ),
        Bound::Sweep { every_ms, location } => {
            let every = every_ms.map_or_else(|| "by a timer".to_owned(), |ms| format!("every {}", time(ms)));
            format!("bounded: what is too old is taken out {every}{}", said_at(Some(location)))
        }
    }
}

fn said_at(place: Option<&Location>) -> String {
    place.map_or_else(String::new, |place| format!(" ({}:{})", place.short_file(), place.line))
}

/// Three digits are enough.
fn rate_of(rate: f64) -> String {
    if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

/// `250 ms`, `60 s`, `15 min`, `72 h`, as programs write their delays.
pub(super) fn time(ms: u64) -> String {
    let (unit, name) = match ms {
        0..1_000 => (1, "ms"),
        1_000..120_000 => (1_000, "s"),
        120_000..7_200_000 => (60_000, "min"),
        _ => (3_600_000, "h"),
    };
    let count = format!("{:.1}", ms as f64 / unit as f64);
    format!("{} {name}", count.strip_suffix(".0").unwrap_or(&count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_has_its_figures() {
        let timed =
            Bound::Timeout { delay_ms: 60_000, per_second: Some(24.0), each: 5_400, bytes: Some(7_776_000) };
        assert_eq!(bound_by(&timed), "bounded: 24/s × 60 s × 5.4 kB ≈ 7.8 MB");
        let untimed = Bound::Timeout { delay_ms: 60_000, per_second: None, each: 5_400, bytes: None };
        assert_eq!(bound_by(&untimed), "bounded: each lives for 60 s, with 5.4 kB");
        let limit = Bound::Limit { held: 812, limit: 5_000, location: None };
        assert_eq!(bound_by(&limit), "not full yet: 812 of 5,000");
        let weight = Bound::Weight { bytes: 3_100_000, limit: 24_000_000, location: None };
        assert_eq!(bound_by(&weight), "not full yet: 3.1 MB of entries that may weigh 24,000,000");
    }

    #[test]
    fn times_are_written_as_in_programs() {
        for (ms, expected) in
            [(250, "250 ms"), (1_500, "1.5 s"), (60_000, "60 s"), (900_000, "15 min"), (259_200_000, "72 h")]
        {
            assert_eq!(time(ms), expected);
        }
    }
}
