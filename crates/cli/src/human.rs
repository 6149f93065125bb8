//! Sizes and times as people write and read them.

use std::time::Duration;

/// A size in bytes, as `2.5MB`, `512KiB` or `1000B`.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let factor: f64 = match unit.to_ascii_lowercase().as_str() {
        "" if !number.is_empty() => {
            return Err(format!("\"{text}\" has no unit: write {text}MB for megabytes or {text}B for bytes"));
        }
        "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        _ => {
            return Err(format!(
                "\"{unit}\" is not a unit of size: use B, KB, MB, GB, KiB, MiB or GiB, as in 2.5MB"
            ));
        }
    };
    let size = number.parse::<f64>().ok().map(|number| (number * factor).round());
    match size {
        Some(size) if (1.0..=1e15).contains(&size) => Ok(size as u64),
        _ => Err("a size is a positive number and a unit, as in 2.5MB".into()),
    }
}

/// A duration, as `90s`, `10m`, `1h` or `250ms`; several may be joined, as in `1m30s`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a duration is a positive number and a unit, as in 90s, 10m or 1h30m".to_owned();
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, tail) = split(rest);
        let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at(end);
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "" => {
                return Err(format!(
                    "\"{text}\" has no unit: write {text}s for seconds or {text}m for minutes"
                ));
            }
            _ => return Err(format!("\"{unit}\" is not a unit of time: use ms, s, m or h, as in 10m")),
        };
        let number: f64 = number.parse().map_err(|_| wrong())?;
        total += Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
        rest = next.trim_start();
    }
    if total.is_zero() || total > Duration::from_secs(30 * 24 * 3600) { Err(wrong()) } else { Ok(total) }
}

/// Which process it is: `process 42: node server.js, in /srv/app, user app, up for 2 h 10 min`.
pub(crate) fn process(pid: u32, command: &str, directory: &str, user: &str, up_for: Option<u64>) -> String {
    let mut text = format!("process {pid}: {command}");
    for (before, what) in [("in", directory), ("user", user)] {
        if !what.is_empty() {
            text.push_str(&format!(", {before} {what}"));
        }
    }
    if let Some(seconds) = up_for {
        text.push_str(&format!(", up for {}", age(seconds)));
    }
    text
}

/// `45 s`, `10 min`, `2 h 10 min`, `3 d 4 h`.
pub(crate) fn age(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

/// `12.3 MB`: three figures, decimal units, as Heroku and DevTools print them.
pub(crate) fn bytes(bytes: u64) -> String {
    let (value, unit) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (bytes as f64 / 1e3, "kB"),
        1_000_000..1_000_000_000 => (bytes as f64 / 1e6, "MB"),
        _ => (bytes as f64 / 1e9, "GB"),
    };
    if value < 100.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

/// `+12.3 MB`, `-512 B`, `0 B`.
pub(crate) fn signed_bytes(size: i64) -> String {
    let sign = match size.signum() {
        1 => "+",
        0 => "",
        _ => "-",
    };
    format!("{sign}{}", bytes(size.unsigned_abs()))
}

/// `0.4 s`, `12 s`, `3 min 20 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else {
        match (duration.as_secs() / 60, duration.as_secs() % 60) {
            (minutes, 0) => format!("{minutes} min"),
            (minutes, seconds) => format!("{minutes} min {seconds} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_said_in_one_line() {
        assert_eq!(
            process(42, "node a.js", "/srv", "app", Some(7_800)),
            "process 42: node a.js, in /srv, user app, up for 2 h 10 min"
        );
        assert_eq!(process(42, "node", "", "", None), "process 42: node");
        assert_eq!([59, 60, 3_599, 90_000].map(age), ["59 s", "1 min", "59 min", "1 d 1 h"]);
    }

    #[track_caller]
    fn check_size(text: &str, expected: Option<u64>) {
        assert_eq!(parse_size(text).ok(), expected, "{text}");
    }

    #[test]
    fn sizes() {
        check_size("2.5MB", Some(2_500_000));
        check_size("2.5 mb", Some(2_500_000));
        check_size("512KiB", Some(524_288));
        check_size("1000B", Some(1000));
        check_size("1000", None);
        check_size("", None);
        check_size("0", None);
        check_size("-1MB", None);
        check_size("MB", None);
        check_size("2.5MX", None);
        check_size("1e9", None);
        check_size("99999999GB", None);
    }

    #[track_caller]
    fn check_duration(text: &str, expected: Option<u64>) {
        assert_eq!(parse_duration(text).ok(), expected.map(Duration::from_millis), "{text}");
    }

    #[test]
    fn durations() {
        check_duration("10m", Some(600_000));
        check_duration("1m30s", Some(90_000));
        check_duration("1h 5m", Some(3_900_000));
        check_duration("250ms", Some(250));
        check_duration("0.5s", Some(500));
        check_duration("10", None);
        check_duration("0s", None);
        check_duration("-5s", None);
        check_duration("5d", None);
        check_duration("", None);
        check_duration("1..5s", None);
    }

    #[test]
    fn sizes_are_printed_with_three_figures() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(12_345), "12.3 kB");
        assert_eq!(bytes(123_456_789), "123 MB");
    }

    #[test]
    fn durations_are_printed_short() {
        assert_eq!(duration(Duration::from_millis(412)), "0.4 s");
        assert_eq!(duration(Duration::from_secs(200)), "3 min 20 s");
        assert_eq!(duration(Duration::from_secs(600)), "10 min");
    }
}
