//! A platform that is busy or limits its callers is asked again, for a while, and that is told.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Before the first try after a refusal that names no time; it doubles from try to try.
const FIRST: Duration = Duration::from_secs(1);
/// All waiting for one question together. A person at an incident waits no longer for a preflight.
const PATIENCE: Duration = Duration::from_secs(60);
/// Without a time from the platform: 1 + 2 + 4 + 8 s.
const MOST_TRIES: u32 = 4;

/// One question that was put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PutOff {
    /// 429, or 500 to 504.
    pub(super) status: u16,
    /// What the platform asked for in `Retry-After`.
    pub(super) retry_after: Option<Duration>,
}

/// How long one question has waited, how often.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) tries: u32,
    waited: Duration,
}

impl PutOff {
    /// Is this status one that another try may mend? `reads`: a question that changes something is repeated only where the
    /// platform says that it has not been looked at (429).
    pub(super) fn of(status: u16, retry_after: Option<&str>, reads: bool) -> Option<Self> {
        let again = status == 429 || (reads && matches!(status, 500 | 502 | 503 | 504));
        // The other form, a date, would need the platform's clock; it counts as no time named.
        let retry_after = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        again.then_some(Self { status, retry_after })
    }
}

impl Waiting {
    /// How long to wait now; `None` when enough was waited, or more would be asked for than is left.
    pub(super) fn next(&mut self, put_off: PutOff) -> Option<Duration> {
        if self.tries == MOST_TRIES {
            return None;
        }
        let wait = put_off.retry_after.unwrap_or(FIRST * 2_u32.pow(self.tries)).max(FIRST);
        if self.waited + wait > PATIENCE {
            return None;
        }
        self.tries += 1;
        self.waited += wait;
        Some(wait)
    }
}

/// What there is to tell of it, over all questions.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<Option<(u32, u16)>>);

impl Told {
    pub(super) fn note(&self, put_off: PutOff) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (times, _) = told.unwrap_or_default();
        *told = Some((times + 1, put_off.status));
    }

    pub(super) fn warning(&self) -> Option<String> {
        let told = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (times, status) = told?;
        let times = if times == 1 { "a question".to_owned() } else { format!("{times} questions") };
        Some(format!("the Platform API put off {times} (HTTP {status}); it was asked again after a wait"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, retry_after: Option<&str>, reads: bool, expected: Option<&[u64]>) {
        let mut waiting = Waiting::default();
        let put_off = PutOff::of(status, retry_after, reads);
        let waits = put_off.map(|put_off| {
            std::iter::from_fn(|| waiting.next(put_off)).map(|wait| wait.as_secs()).collect::<Vec<_>>()
        });
        assert_eq!(waits.as_deref(), expected, "{status} {retry_after:?}");
    }

    #[test]
    fn a_busy_platform_is_asked_again_for_a_while() {
        check(429, None, true, Some(&[1, 2, 4, 8]));
        check(503, None, true, Some(&[1, 2, 4, 8]));
        check(404, None, true, None);
        check(501, None, true, None);
    }

    #[test]
    fn what_changes_something_is_repeated_only_where_it_was_not_looked_at() {
        check(429, Some("5"), false, Some(&[5, 5, 5, 5]));
        check(503, None, false, None);
    }

    #[test]
    fn a_time_that_is_named_is_kept_within_bounds() {
        check(429, Some("20"), true, Some(&[20, 20, 20]));
        check(429, Some("61"), true, Some(&[]));
        check(429, Some("0"), true, Some(&[1, 1, 1, 1]));
        check(429, Some("99999999999999999999"), true, Some(&[1, 2, 4, 8]));
        check(429, Some("Wed, 21 Oct 2026 07:28:00 GMT"), true, Some(&[1, 2, 4, 8]));
    }

    #[test]
    fn it_is_told_once() {
        let told = Told::default();
        assert_eq!(told.warning(), None);
        told.note(PutOff { status: 429, retry_after: None });
        assert!(told.warning().unwrap().contains("a question (HTTP 429)"));
        told.note(PutOff { status: 503, retry_after: None });
        assert!(told.warning().unwrap().contains("2 questions (HTTP 503)"));
    }
}
