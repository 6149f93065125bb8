//! What the last minutes of a log tell of each dyno: how much memory it has, and how many requests it gets.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::line::{Line, Says, State, requested};

/// The platform logs memory each 20 s: what is older is not of now.
const FRESH: SignedDuration = SignedDuration::from_mins(2);
/// A log of a shorter time says nothing of the traffic.
const SHORTEST: SignedDuration = SignedDuration::from_secs(30);

/// What a log tells, read at a moment.
#[derive(Debug, Default)]
pub struct Recent {
    /// The times of the first and the last line.
    span: Option<(Timestamp, Timestamp)>,
    now: Timestamp,
    /// Whether the router logs here.
    routed: bool,
    dynos: HashMap<String, Dyno>,
}

#[derive(Debug, Default)]
struct Dyno {
    logged: Option<Logged>,
    /// Since when it is up, where that was seen.
    up_since: Option<Timestamp>,
    /// Since then, or since the first line.
    requests: u64,
}

/// The memory of a dyno, all its processes together, as the platform logged it: by its runtime metrics, or beside an R14 or R15.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// When.
    pub at: Timestamp,
    /// Bytes.
    pub memory: u64,
    /// How many it may have.
    pub quota: Option<u64>,
}

impl Recent {
    /// Reads the lines of a log. `now` is the time by this machine's clock, which may be behind that of the log.
    #[must_use]
    pub fn read(log: &str, now: Timestamp) -> Self {
        let mut recent = Self { now, ..Self::default() };
        for line in log.lines().map(str::as_bytes) {
            if let Some(said) = Line::read(line) {
                recent.note(&said, requested(line));
            }
        }
        recent
    }

    /// How much memory a dyno has: nothing where that was not logged lately, or not since it was started.
    #[must_use]
    pub fn memory(&self, dyno: &str) -> Option<Logged> {
        let logged = self.dynos.get(dyno)?.logged?;
        (self.now.duration_since(logged.at) <= FRESH).then_some(logged)
    }

    /// How many requests a minute the router sent to a dyno of the type `web`, to two digits; nothing where the log covers too little.
    #[must_use]
    pub fn requests_per_minute(&self, dyno: &str) -> Option<u64> {
        let (first, last) = self.span.filter(|_| self.routed)?;
        let dyno = self.dynos.get(dyno);
        let since = dyno.and_then(|dyno| dyno.up_since).map_or(first, |since| since.max(first));
        let span = last.duration_since(since);
        let requests = dyno.map_or(0, |dyno| dyno.requests);
        (span >= SHORTEST).then(|| two_digits(requests as f64 * 60.0 / span.as_secs_f64()))
    }

    fn note(&mut self, line: &Line<'_>, requested: Option<&str>) {
        let at = line.at;
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
        self.now = self.now.max(at);
        if let Some(dyno) = requested {
            self.routed = true;
            self.of(dyno).requests += 1;
            return;
        }
        match line.says {
            Says::Memory(memory) => {
                self.of(line.dyno).logged = Some(Logged { at, memory: memory.used, quota: memory.quota });
            }
            Says::State(State::Up) => *self.of(line.dyno) = Dyno { up_since: Some(at), ..Dyno::default() },
            Says::State(State::Starting | State::Over) | Says::Restarting => self.of(line.dyno).logged = None,
            _ => {}
        }
    }

    fn of(&mut self, dyno: &str) -> &mut Dyno {
        self.dynos.entry(dyno.to_owned()).or_default()
    }
}

/// `1234.5` is 1200: more digits would say more than a few minutes of a log do.
fn two_digits(number: f64) -> u64 {
    let step = 10_f64.powi((number.max(1.0).log10().floor() as i32 - 1).max(0));
    ((number / step).round() * step) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_769_860_800 + second).unwrap()
    }

    /// A log of what is said at these seconds.
    fn log(lines: &[(i64, &str)]) -> String {
        let line = |(second, said): &(i64, &str)| {
            format!("{} {said}\n", at(*second).strftime("%Y-%m-%dT%H:%M:%S.000000+00:00"))
        };
        lines.iter().map(line).collect()
    }

    const METRICS: &str =
        "heroku[web.1]: source=web.1 sample#memory_rss=300.00MB sample#memory_quota=512.00MB";

    #[test]
    fn memory_is_the_latest_and_of_the_last_two_minutes() {
        let earlier = METRICS.replace("300", "200");
        let log =
            log(&[(0, &earlier), (20, METRICS), (21, "app[web.2]: source=web.2 sample#memory_rss=9.00MB")]);
        let logged = Logged { at: at(20), memory: 300 << 20, quota: Some(512 << 20) };
        for (now, expected) in [(21, Some(logged)), (140, Some(logged)), (141, None)] {
            assert_eq!(Recent::read(&log, at(now)).memory("web.1"), expected, "{now}");
        }
        assert_eq!(Recent::read(&log, at(21)).memory("web.2"), None);
        assert_eq!(Recent::read("no log", at(21)).memory("web.1"), None);
    }

    #[test]
    fn a_clock_that_is_behind_makes_nothing_fresh() {
        let log = log(&[(0, METRICS), (121, "heroku[router]: at=info dyno=web.2")]);
        assert_eq!(Recent::read(&log, at(-3600)).memory("web.1"), None);
    }

    #[test]
    fn memory_from_before_a_start_is_that_of_another_process() {
        for said in ["Restarting", "State changed from up to crashed", "State changed from starting to up"] {
            let said = format!("heroku[web.1]: {said}");
            let before = log(&[(0, METRICS), (1, &said)]);
            assert_eq!(Recent::read(&before, at(2)).memory("web.1"), None, "{said}");
            let after = log(&[(0, METRICS), (1, &said), (2, METRICS)]);
            assert!(Recent::read(&after, at(2)).memory("web.1").is_some(), "{said}");
        }
    }

    #[test]
    fn traffic_is_that_of_the_time_which_the_log_covers() {
        let request =
            |dyno: &str| format!("heroku[router]: at=info method=GET path=\"/\" dyno={dyno} status=200");
        let (one, two) = (request("web.1"), request("web.2"));
        let mut lines: Vec<(i64, &str)> = (0..=60).map(|second| (second, one.as_str())).collect();
        lines.extend([(0, two.as_str()), (30, "heroku[web.3]: State changed from starting to up")]);
        let traffic =
            |lines: &[(i64, &str)], dyno: &str| Recent::read(&log(lines), at(99)).requests_per_minute(dyno);
        assert_eq!(
            ["web.1", "web.2", "web.3", "web.4"].map(|dyno| traffic(&lines, dyno)),
            [Some(61), Some(1), Some(0), Some(0)]
        );
        // It is not up for long enough.
        lines.push((31, "heroku[web.2]: State changed from starting to up"));
        assert_eq!(traffic(&lines, "web.2"), None);
        // Too short a time, and an app without a router.
        assert_eq!(traffic(&[(0, &one), (29, &one)], "web.1"), None);
        assert_eq!(traffic(&[(0, METRICS), (90, METRICS)], "web.1"), None);
        assert_eq!(
            [0.0, 0.4, 7.6, 99.6, 123.0, 1_260.0, 98_765.0].map(two_digits),
            [0, 0, 8, 100, 120, 1_300, 99_000]
        );
    }
}
