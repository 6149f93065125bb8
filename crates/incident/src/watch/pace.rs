//! When the log is connected to again, when the watch gives up, and when it says that it is still there. All by times that are passed in.
//!
//! Two clocks: the one on the wall, and one that is never set and stands still while the machine sleeps. Where they go apart this machine
//! slept: the connection is dead without knowing, and is made again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use leakhunt_host::Error;
use tokio::time::Instant;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A machine that is busy is late by seconds.
const SLEPT: Duration = Duration::from_secs(60);
/// A connection that is silent for so long may be dead; a new one costs one call of the API.
const SILENT: Duration = Duration::from_secs(15 * 60);
const HEARTBEAT: Duration = Duration::from_secs(3_600);
/// A connection that lasts for so long is good, whether there is anything to read or not.
const GOOD: Duration = Duration::from_secs(60);

/// Both clocks, read together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clocks {
    wall: Timestamp,
    time: Instant,
}

impl Clocks {
    pub(super) fn now() -> Self {
        Self { wall: Timestamp::now(), time: Instant::now() }
    }

    /// By how much the clock on the wall went further than the other since then, where that is much.
    fn slept_since(self, before: Self) -> Option<Duration> {
        let time = SignedDuration::try_from(self.time - before.time).ok()?;
        let by = Duration::try_from(self.wall.duration_since(before.wall) - time).ok();
        by.filter(|by| *by >= SLEPT)
    }
}

#[derive(Debug)]
pub(super) struct Pace {
    looked: Clocks,
    /// When there was a line, or a new connection.
    heard: Instant,
    beat: Instant,
    tries: u32,
    /// Since when there was no good connection.
    since: Option<Instant>,
    connected: Option<Instant>,
    /// There was a line once: so the app, the login and the CLI are there.
    proven: bool,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    /// To say that it is still there.
    pub(super) beat: bool,
    /// To say that the machine slept, for so long.
    pub(super) slept: Option<Duration>,
    /// Another connection.
    pub(super) connect: bool,
}

impl Pace {
    pub(super) fn new(now: Clocks) -> Self {
        let beat = now.time + HEARTBEAT;
        let (tries, since, connected, proven) = (0, None, None, false);
        Self { looked: now, heard: now.time, beat, tries, since, connected, proven }
    }

    pub(super) fn connected(&mut self, now: Instant) {
        self.heard = now;
        self.connected = Some(now);
    }

    /// There was a line.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.is_well();
    }

    /// To be asked now and then.
    pub(super) fn look(&mut self, now: Clocks, is_up: bool) -> Due {
        let beat = self.beat <= now.time;
        if beat {
            self.beat += HEARTBEAT;
        }
        let slept = now.slept_since(std::mem::replace(&mut self.looked, now));
        if slept.is_some() {
            self.is_well();
        }
        let silent = now.time - self.heard > SILENT;
        Due { beat, slept, connect: is_up && (slept.is_some() || silent) }
    }

    /// Which try it was, and after how long there is another; nothing where it is to be given up.
    pub(super) fn again(&mut self, why: &Error, give_up: Duration, now: Instant) -> Option<(u32, Duration)> {
        if self.connected.take().is_some_and(|since| now - since >= GOOD) {
            self.is_well();
        }
        let hopeless = matches!(
            why,
            Error::NotLoggedIn { .. }
                | Error::TwoFactor { .. }
                | Error::NoSuchApp { .. }
                | Error::ToolMissing { .. }
        );
        let since = *self.since.get_or_insert(now);
        if now - since >= give_up || (hopeless && !self.proven) {
            return None;
        }
        self.tries += 1;
        let again = match why {
            // Each call that comes too early is counted as well. The limit makes room for 75 calls a minute.
            Error::Busy { status: 429, retry_after, .. } => retry_after.unwrap_or(LONGEST_WAIT),
            _ => FIRST_WAIT.saturating_mul(1 << (self.tries - 1).min(6)).min(LONGEST_WAIT),
        };
        Some((self.tries, again))
    }

    fn is_well(&mut self) {
        (self.tries, self.since, self.proven) = (0, None, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60;

    /// So many seconds later; and those that the machine slept besides.
    fn later(then: Clocks, seconds: u64, slept: u64) -> Clocks {
        let wall = then.wall + SignedDuration::from_secs((seconds + slept) as i64);
        Clocks { wall, time: then.time + Duration::from_secs(seconds) }
    }

    fn nothing() -> Due {
        Due { beat: false, slept: None, connect: false }
    }

    #[test]
    fn a_machine_that_slept_connects_again() {
        for (is_up, slept, expected) in
            [(true, 7_200, Some(7_200)), (false, 7_200, Some(7_200)), (true, 59, None)]
        {
            let begun = Clocks::now();
            let mut pace = Pace::new(begun);
            assert_eq!(pace.look(later(begun, 10, 0), is_up), nothing());
            let due = pace.look(later(begun, 20, slept), is_up);
            let slept = expected.map(Duration::from_secs);
            assert_eq!(due, Due { slept, connect: is_up && slept.is_some(), ..nothing() });
            assert_eq!(
                pace.look(later(begun, 30, expected.unwrap_or(0)), is_up),
                nothing(),
                "it is said once"
            );
        }
        // A clock that is set back is no sleep.
        let begun = later(Clocks::now(), 0, 7_200);
        let back = Clocks { wall: begun.wall - SignedDuration::from_hours(1), ..later(begun, 10, 0) };
        assert_eq!(Pace::new(begun).look(back, true), nothing());
    }

    #[test]
    fn a_connection_that_is_silent_for_15_minutes_is_made_again() {
        let begun = Clocks::now();
        let mut pace = Pace::new(begun);
        pace.heard(later(begun, MINUTE, 0).time);
        assert_eq!(pace.look(later(begun, 16 * MINUTE, 0), true), nothing());
        let silent = later(begun, 16 * MINUTE + 10, 0);
        assert_eq!(pace.look(silent, false), nothing(), "one is being made");
        assert_eq!(pace.look(silent, true), Due { connect: true, ..nothing() });
        pace.connected(silent.time);
        assert_eq!(pace.look(later(silent, 15 * MINUTE, 0), true), nothing());
    }

    #[test]
    fn each_hour_it_says_that_it_is_there() {
        let begun = Clocks::now();
        let mut pace = Pace::new(begun);
        let mut beats = Vec::new();
        for second in (0..=4 * 3_600).step_by(10) {
            let now = later(begun, second, 0);
            pace.heard(now.time);
            if pace.look(now, true).beat {
                beats.push(second);
            }
        }
        assert_eq!(beats, [3_600, 7_200, 10_800, 14_400]);
    }

    fn broken() -> Error {
        Error::Tunnel { what: "was cut".into(), last_lines: leakhunt_host::LastLines::default() }
    }

    #[test]
    fn tries_come_slower_and_end() {
        let begun = Clocks::now();
        let mut pace = Pace::new(begun);
        let (mut at, mut waits) = (0, Vec::new());
        while let Some((_, wait)) =
            pace.again(&broken(), Duration::from_secs(30 * MINUTE), later(begun, at, 0).time)
        {
            waits.push(wait.as_secs());
            at += wait.as_secs();
        }
        assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!((30 * MINUTE..32 * MINUTE).contains(&at), "{at}");
    }

    #[test]
    fn an_account_whose_calls_are_limited_waits_as_long_as_it_is_asked_to() {
        let begun = Clocks::now();
        let limited = |status, retry_after: Option<u64>| {
            let retry_after = retry_after.map(Duration::from_secs);
            let why = Error::Busy { request: "the log".into(), status, tries: 0, retry_after };
            let again = Pace::new(begun).again(&why, Duration::from_secs(30 * MINUTE), begun.time);
            again.unwrap().1.as_secs()
        };
        assert_eq!([limited(429, Some(97)), limited(429, None), limited(503, None)], [97, 60, 1]);
    }

    #[test]
    fn a_line_or_a_minute_of_connection_ends_the_trouble() {
        let begun = Clocks::now();
        let at = |seconds| later(begun, seconds, 0).time;
        let long = Duration::from_secs(30 * MINUTE);
        let mut pace = Pace::new(begun);
        let tries = |pace: &mut Pace, seconds| pace.again(&broken(), long, at(seconds)).unwrap().0;
        assert_eq!([tries(&mut pace, 0), tries(&mut pace, 1)], [1, 2]);
        // What is made and cut at once is no connection.
        pace.connected(at(2));
        assert_eq!(tries(&mut pace, 3), 3);
        pace.connected(at(4));
        assert_eq!(tries(&mut pace, 64), 1);
        pace.heard(at(65));
        assert_eq!(tries(&mut pace, 66), 1);
    }

    #[test]
    fn what_cannot_mend_itself_is_given_up_at_once_unless_it_worked_before() {
        let begun = Clocks::now();
        let refused = Error::NotLoggedIn { detail: "expired".into() };
        let long = Duration::from_secs(30 * MINUTE);
        let mut pace = Pace::new(begun);
        assert_eq!(pace.again(&refused, long, begun.time), None);
        let mut pace = Pace::new(begun);
        pace.heard(begun.time);
        assert_eq!(pace.again(&refused, long, begun.time), Some((1, FIRST_WAIT)));
    }
}
