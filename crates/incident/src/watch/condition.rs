//! What is watched for: `R14`, `mem>80%`, `growth>20MB/h for 30m`.

use std::fmt;
use std::time::Duration;

use crate::log::Code;

/// A condition, and how long it has to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    text: String,
    pub(super) what: What,
    pub(super) lasting: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    Code(Code),
    /// More memory than so many bytes.
    Memory(u64),
    /// More than this part of the quota, in percent.
    Share(f64),
    /// Memory that grows by more than so many bytes an hour.
    Growth(u64),
}

const UNDERSTOOD: &str =
    "R14, R15, H12, mem>400MB, mem>80% and growth>20MB/h are understood, each with \"for 5m\" behind it";

impl Condition {
    /// Reads one. Sizes and durations are read as the command line reads them.
    ///
    /// # Errors
    /// What is wrong, and what is understood.
    pub fn read(
        text: &str,
        size: fn(&str) -> Result<u64, String>,
        duration: fn(&str) -> Result<Duration, String>,
    ) -> Result<Self, String> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (what, lasting) = match text.split_once(" for ") {
            Some((what, lasting)) => (what, duration(lasting)?),
            None => (text.as_str(), Duration::ZERO),
        };
        Ok(Self { what: what_of(what, size)?, lasting, text })
    }

    /// Whether it asks for samples of memory, which only some apps log.
    #[must_use]
    pub fn needs_samples(&self) -> bool {
        !matches!(self.what, What::Code(_))
    }

    /// What comes first where several hold: the dyno that is nearest to its end.
    pub(super) fn urgency(&self) -> u8 {
        match self.what {
            What::Code(Code::R15) => 2,
            What::Code(Code::R14) => 1,
            _ => 0,
        }
    }
}

fn what_of(text: &str, size: fn(&str) -> Result<u64, String>) -> Result<What, String> {
    let known = Code::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    if let Some((_, code)) = known {
        return Ok(What::Code(*code));
    }
    let unknown = || Err(format!("it is not understood; {UNDERSTOOD}"));
    let Some((name, limit)) = text.split_once('>') else {
        return match text {
            "mem" | "growth" => Err(format!("a shell takes > for itself: write '{text}>…' in quotes")),
            _ => unknown(),
        };
    };
    let limit = limit.trim();
    match name.trim().to_ascii_lowercase().as_str() {
        "mem" => match limit.strip_suffix('%') {
            Some(share) => match share.trim().parse::<f64>() {
                Ok(share) if (1.0..=1_000.0).contains(&share) => Ok(What::Share(share)),
                _ => Err("a part of the quota is a number from 1 to 1000 and a %, as in mem>80%".into()),
            },
            None => Ok(What::Memory(size(limit)?)),
        },
        "growth" => match limit.strip_suffix("/h") {
            Some(limit) => Ok(What::Growth(size(limit.trim())?)),
            None => Err(format!("growth is that of an hour: write growth>{limit}/h")),
        },
        _ => unknown(),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Condition, String> {
        let size = |text: &str| {
            let number = text.strip_suffix("MB").and_then(|number| number.parse::<u64>().ok());
            number.map(|number| number * 1_000_000).ok_or_else(|| "no size".to_owned())
        };
        let duration = |text: &str| {
            let number = text.strip_suffix('m').and_then(|number| number.parse::<u64>().ok());
            number.map(|number| Duration::from_secs(60 * number)).ok_or_else(|| "no duration".to_owned())
        };
        Condition::read(text, size, duration)
    }

    #[track_caller]
    fn check(text: &str, what: What, minutes: u64) {
        let condition = read(text).unwrap();
        assert_eq!((condition.what, condition.lasting), (what, Duration::from_secs(60 * minutes)), "{text}");
    }

    #[test]
    fn what_is_understood() {
        check("R14", What::Code(Code::R14), 0);
        check("r15 for 2m", What::Code(Code::R15), 2);
        check("H12", What::Code(Code::H12), 0);
        check("mem>400MB", What::Memory(400_000_000), 0);
        check(" mem > 80% for  5m", What::Share(80.0), 5);
        check("growth>20MB/h for 30m", What::Growth(20_000_000), 30);
    }

    #[test]
    fn what_is_not() {
        for (text, said) in [
            ("", "R14, R15, H12, mem>400MB"),
            ("R16", "R14, R15, H12, mem>400MB"),
            ("mem<400MB", "R14, R15, H12, mem>400MB"),
            ("mem", "in quotes"),
            ("load>4", "R14, R15, H12, mem>400MB"),
            ("mem>0%", "from 1 to 1000"),
            ("mem>NaN%", "from 1 to 1000"),
            ("mem>400", "no size"),
            ("growth>20MB", "write growth>20MB/h"),
            ("R14 for ever", "no duration"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(said), "{text}: {message}");
        }
    }
}
