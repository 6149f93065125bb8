//! The time at the beginning of a line: `2026-01-31T12:00:00.123456+00:00`.
//!
//! Read by hand: it is read of every line, and a parser of all that RFC 3339 allows takes ten times as long.

use jiff::Timestamp;

/// The time, and what follows it.
pub(super) fn read(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (head, rest) = bytes.split_at_checked(19)?;
    for (at, mark) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
        if head[at] != mark {
            return None;
        }
    }
    let part = |from: usize, to: usize| number(&head[from..to]);
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    let fits =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if !fits {
        return None;
    }
    let (micros, rest) = fraction(rest)?;
    let (offset, rest) = offset(rest)?;
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    let at = Timestamp::from_microsecond(seconds * 1_000_000 + micros).ok()?;
    Some((at, rest))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// Microseconds; what is finer is left out.
fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let Some(rest) = bytes.strip_prefix(b".") else { return Some((0, bytes)) };
    let end = rest.iter().take(9).position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len().min(9));
    let digits = &rest[..end.min(6)];
    let micros = number(digits)? * 10_i64.pow(6 - digits.len() as u32);
    (end > 0).then_some((micros, &rest[end..]))
}

/// Seconds east of UTC.
fn offset(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (sign, rest) = match bytes.split_first()? {
        (b'Z', rest) => return Some((0, rest)),
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (offset, rest) = rest.split_at_checked(5)?;
    let (hours, minutes) = (number(&offset[..2])?, number(&offset[3..])?);
    (offset[2] == b':' && hours < 24 && minutes < 60).then_some((sign * (hours * 3_600 + minutes * 60), rest))
}

/// Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_jiff_reads() {
        let mut seconds: i64 = -2_000_000_000;
        while seconds < 8_000_000_000 {
            seconds += 7_654_321;
            let at =
                Timestamp::from_microsecond(seconds * 1_000_000 + seconds.rem_euclid(1_000_000)).unwrap();
            let text = format!("{} tail", at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00"));
            assert_eq!(read(text.as_bytes()), Some((at, &b" tail"[..])), "{text}");
        }
        for text in ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00+05:30", "2026-01-31T12:00:00.5-08:00"] {
            assert_eq!(read(text.as_bytes()).unwrap().0, text.parse().unwrap(), "{text}");
        }
        for text in ["", "2026-01-31", "2026-01-31T12:00:00", "2026-13-31T12:00:00Z", "2026-01-31T12:00:00.Z"]
        {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
