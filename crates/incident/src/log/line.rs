//! One line of a log: when, which dyno, and what the platform says of it.
//!
//! Only the platform's own lines count. What an app prints stands behind `app[web.1]: ` and may hold anything; the source is read from
//! the beginning of the line, so that no app can speak for the platform. Most lines are of no interest and cost nothing but their time.
//! The wording is that of <https://devcenter.heroku.com/articles/error-codes> and <https://devcenter.heroku.com/articles/logging>; memory is
//! read by [`Memory::logged`].

use jiff::Timestamp;
use leakhunt_host::heroku::Memory;

use super::stamp;

/// A line that has a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line<'l> {
    pub(crate) at: Timestamp,
    /// Which dyno is spoken of: `web.1`. Empty where it is none, or of no interest.
    pub(crate) dyno: &'l str,
    pub(crate) says: Says,
}

/// What the platform says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Says {
    /// An error of a kind that can be watched for.
    Error(Code),
    /// How much memory the dyno has.
    Memory(Memory),
    /// The dyno has entered a state.
    State(State),
    /// The dyno is about to be restarted.
    Restarting,
    /// A build has begun.
    BuildStarted,
    /// And ended without a release.
    BuildFailed,
    /// A release was made: the dynos restart.
    Release,
    /// Nothing of interest.
    Nothing,
}

/// An error code of the platform's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Code {
    R14,
    R15,
    H12,
}

impl Code {
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("R14", Self::R14), ("R15", Self::R15), ("H12", Self::H12)];

    fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().find_map(|(name, code)| text.starts_with(name).then_some(*code))
    }
}

/// Of a dyno.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Starting,
    Up,
    /// Crashed, down, complete.
    Over,
}

impl<'l> Line<'l> {
    /// Reads a line; `None` where it has no time at its beginning.
    pub(crate) fn read(bytes: &'l [u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"data: ").unwrap_or(bytes);
        let (at, rest) = stamp::read(bytes)?;
        let (dyno, says) = said(rest).unwrap_or(("", Says::Nothing));
        Some(Self { at, dyno, says })
    }
}

/// Which dyno the router sent a request to, where the line is of one. A log has more of these than of any others, so it is asked for by
/// itself.
pub(crate) fn requested(bytes: &[u8]) -> Option<&str> {
    let (_, rest) = stamp::read(bytes)?;
    routed_to(text(rest.strip_prefix(b" heroku[router]: at=")?))
}

/// What stands behind the time: ` heroku[web.1]: Error R14 (Memory quota exceeded)`.
fn said(rest: &[u8]) -> Option<(&str, Says)> {
    let of_platform = rest.strip_prefix(b" heroku[");
    let rest = of_platform.or_else(|| rest.strip_prefix(b" app["))?;
    // A name is short, so whatever follows is not searched.
    let end = rest.iter().take(MOST_NAME + 1).position(|byte| *byte == b']')?;
    let name = name(&rest[..end])?;
    let text = rest[end..].strip_prefix(b"]: ")?;
    match (name, of_platform.is_some()) {
        // No dyno is called so: a dyno's name has a number or an id behind its type.
        ("api", _) => Some(("", of_api(text)?)),
        ("router", true) => of_router(text),
        (dyno, true) => Some((dyno, of_dyno(text)?)),
        (_, false) => None,
    }
}

const MOST_NAME: usize = 80;

fn name(bytes: &[u8]) -> Option<&str> {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
    let named = (1..=MOST_NAME).contains(&bytes.len()) && bytes[0].is_ascii_alphanumeric();
    (named && bytes.iter().all(fits)).then(|| text(bytes))
}

/// As much of it as is text.
fn text(bytes: &[u8]) -> &str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

fn of_api(bytes: &[u8]) -> Option<Says> {
    let text = text(bytes);
    if text.starts_with("Build started") {
        Some(Says::BuildStarted)
    } else if text.starts_with("Build failed") {
        Some(Says::BuildFailed)
    } else if ["Release v", "Deploy ", "Rollback to "].iter().any(|start| text.starts_with(start)) {
        Some(Says::Release)
    } else {
        None
    }
}

/// `at=error code=H12 desc="Request timeout" method=GET path="/" … dyno=web.1 connect=1ms service=30000ms status=503`.
fn of_router(bytes: &[u8]) -> Option<(&str, Says)> {
    let text = text(bytes.strip_prefix(b"at=error ")?);
    let code = Code::read(text.strip_prefix("code=")?).filter(|code| *code == Code::H12)?;
    Some((routed_to(text)?, Says::Error(code)))
}

/// Where a request went: the dyno of `at=info method=GET path="/" host=… dyno=web.1 connect=0ms service=5ms status=200`, which the router logs
/// of each. What comes from the request stands in quotes.
fn routed_to(text: &str) -> Option<&str> {
    let mut outside = true;
    let mut words = text.split(' ').filter(|word| {
        let begins = outside;
        outside ^= word.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
        begins
    });
    name(words.find_map(|word| word.strip_prefix("dyno="))?.as_bytes())
}

fn of_dyno(bytes: &[u8]) -> Option<Says> {
    let text = text(bytes);
    let state = |text: &str| match text {
        "up" => State::Up,
        "starting" | "provisioning" | "pending" => State::Starting,
        _ => State::Over,
    };
    if let Some(error) = text.strip_prefix("Error ") {
        Code::read(error).map(Says::Error)
    } else if let Some(memory) = Memory::logged(text) {
        Some(Says::Memory(memory))
    } else if let Some((_, to)) =
        text.strip_prefix("State changed from ").and_then(|to| to.split_once(" to "))
    {
        Some(Says::State(state(to.trim())))
    } else if ["Restarting", "Cycling", "Idling", "Stopping all processes"]
        .iter()
        .any(|at| text.starts_with(at))
    {
        Some(Says::Restarting)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2026-01-31T12:00:00.123456+00:00";

    #[track_caller]
    fn check(said: &str, dyno: &str, says: Says) {
        let line = format!("{AT} {said}");
        let at = "2026-01-31T12:00:00.123456Z".parse().unwrap();
        assert_eq!(Line::read(line.as_bytes()), Some(Line { at, dyno, says }), "{line}");
        assert_eq!(Line::read(format!("data: {line}").as_bytes()), Some(Line { at, dyno, says }), "an event");
    }

    fn mb(used: f64, quota: impl Into<Option<f64>>) -> Says {
        let bytes = |mb: f64| (mb * f64::from(1 << 20)) as u64;
        Says::Memory(Memory { used: bytes(used), quota: quota.into().map(bytes) })
    }

    #[test]
    fn what_the_platform_says_of_a_dyno() {
        check("heroku[web.1]: Error R14 (Memory quota exceeded)", "web.1", Says::Error(Code::R14));
        check(
            "heroku[run.4859]: Error R15 (Memory quota vastly exceeded)",
            "run.4859",
            Says::Error(Code::R15),
        );
        check("heroku[web.1]: Process running mem=512M(100.0%)", "web.1", mb(512.0, 512.0));
        check("heroku[web.1]: State changed from starting to up", "web.1", Says::State(State::Up));
        check("heroku[web.1]: State changed from up to crashed", "web.1", Says::State(State::Over));
        check("heroku[web.1]: State changed from up to starting", "web.1", Says::State(State::Starting));
        check("heroku[web.1]: Cycling", "web.1", Says::Restarting);
        check("heroku[web.1]: Restarting", "web.1", Says::Restarting);
        let metrics = "heroku[web.1]: source=web.1 dyno=heroku.2808254.d97d0ea7 sample#memory_total=70.00MB \
                       sample#memory_rss=21.00MB sample#memory_cache=44.00MB sample#memory_swap=5.00MB \
                       sample#memory_pgpgin=348836pages sample#memory_quota=512.00MB";
        check(metrics, "web.1", mb(26.0, 512.0));
        check("heroku[web.1]: source=web.1 sample#memory_total=7.50MB", "web.1", mb(7.5, None));
        let router = "heroku[router]: at=error code=H12 desc=\"Request timeout\" method=GET \
                      path=\"/?dyno=web.9 dyno=web.8\" host=a.herokuapp.com dyno=web.2 connect=1ms status=503";
        check(router, "web.2", Says::Error(Code::H12));
        check("app[api]: Release v12 created by user a@example.com", "", Says::Release);
        check("app[api]: Deploy 5a8b2c by user a@example.com", "", Says::Release);
        check("app[api]: Build started by user a@example.com", "", Says::BuildStarted);
        check("app[api]: Build failed -- check your build logs", "", Says::BuildFailed);
    }

    #[test]
    fn what_is_of_no_interest_or_forged() {
        for said in [
            "app[web.1]: Error R14 (Memory quota exceeded)",
            "app[web.1]: heroku[web.1]: Error R15 (Memory quota vastly exceeded)",
            "app[heroku]: Error R14",
            "heroku[router]: at=info method=GET path=\"/\" dyno=web.1 code=H12",
            "heroku[router]: at=error code=H10 desc=\"App crashed\" dyno= status=503",
            "heroku[router]: at=error code=H12 desc=\"Request timeout\" path=\"/ dyno=web.8\"",
            "heroku[--dyno]: Error R14 (Memory quota exceeded)",
            "heroku[web 1]: Error R14 (Memory quota exceeded)",
            "heroku[web.1]: Error R10 (Boot timeout)",
            "heroku[web.1]: Process running mem=NaNM(NaN%)",
            "heroku[web.1]: source=web.1 sample#load_avg_1m=2.46",
            "heroku[web.1]",
            "",
        ] {
            check(said, "", Says::Nothing);
        }
        for line in ["", "Error R14", "2026-01-31 heroku[web.1]: Error R14 (Memory quota exceeded)"] {
            assert_eq!(Line::read(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_request_went_to_a_dyno() {
        #[track_caller]
        fn check(said: &str, dyno: Option<&str>) {
            assert_eq!(requested(format!("{AT} {said}").as_bytes()), dyno, "{said}");
        }
        let routed =
            "method=GET path=\"/?dyno=web.9 dyno=web.8\" host=a.herokuapp.com dyno=web.2 connect=1ms";
        for at in ["info", "warning code=H27", "error code=H12 desc=\"Request timeout\""] {
            check(&format!("heroku[router]: at={at} {routed} status=200"), Some("web.2"));
        }
        check(
            "heroku[router]: at=error code=H10 desc=\"App crashed\" path=\"/\" dyno= connect= status=503",
            None,
        );
        check(&format!("app[web.1]: heroku[router]: at=info {routed}"), None);
        check(&format!("app[router]: at=info {routed}"), None);
        check("heroku[web.1]: Cycling", None);
    }

    /// Whatever is changed in a line, it is read or it is not.
    #[test]
    fn no_bytes_make_it_panic() {
        let lines = [
            "heroku[web.1]: Process running mem=520M(101.6%)",
            "heroku[web.1]: source=web.1 sample#memory_rss=21.00MB sample#memory_quota=512.00MB",
            "heroku[router]: at=error code=H12 desc=\"a\" dyno=web.2 connect=1ms",
            "heroku[web.1]: State changed from starting to up",
            "app[api]: Release v12 created by user a@example.com",
        ];
        for line in lines.map(|line| format!("{AT} {line}").into_bytes()) {
            let read = |line: &[u8]| (Line::read(line).is_some(), requested(line).is_some());
            for at in 0..line.len() {
                let _ = read(&line[..at]);
                for other in b" \0[]:=(%.\"x9\xff\xc3".iter().copied() {
                    let mut changed = line.clone();
                    changed[at] = other;
                    let _ = read(&changed);
                    changed.insert(at, other);
                    let _ = read(&changed);
                }
            }
        }
    }
}
