//! A saved log, read with its own clock: what would have been done. Nothing is started.

use std::io::{self, BufRead, Read as _};

use jiff::Timestamp;
use serde::Serialize;

use super::policy::{Decision, Policy};
use super::watcher::{Counted, Orders, Watcher};

/// What a replay came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The time of the first line that has one.
    pub from: Option<Timestamp>,
    /// And of the last.
    pub to: Option<Timestamp>,
    /// What was read.
    #[serde(flatten)]
    pub counted: Counted,
    /// How many hunts there would have been.
    pub hunts: u64,
    /// Whether a condition waits for samples of memory and there was none.
    pub lacks_samples: bool,
}

/// The platform cuts a message at 10,000 bytes.
const LONGEST: u64 = 64 << 10;

/// Reads the log to its end and tells each decision. A hunt takes no time here: its cool-down begins when it does.
///
/// # Errors
/// The log cannot be read any further, or what was decided cannot be told.
pub fn replay(
    log: &mut dyn BufRead,
    orders: Orders,
    tell: &mut dyn FnMut(&Decision) -> io::Result<()>,
) -> io::Result<Replayed> {
    let mut watcher = Watcher::new(orders.conditions, Policy::new(orders.rules, Vec::new()));
    let mut replayed = Replayed::default();
    let mut line = Vec::new();
    while read_line(log, &mut line)? {
        let (_, decision) = watcher.take(&line, None);
        replayed.from = replayed.from.or(watcher.latest());
        let Some(decision) = decision else { continue };
        if let (Decision::Hunt { trigger, .. }, Some(now)) = (&decision, watcher.latest()) {
            replayed.hunts += 1;
            watcher.policy.begin(&trigger.dyno, now);
            watcher.hunted(&trigger.dyno, now);
        }
        tell(&decision)?;
    }
    replayed.to = watcher.latest();
    replayed.lacks_samples = watcher.lacks_samples();
    replayed.counted = watcher.counted;
    Ok(replayed)
}

/// The next line without its end, cut where it is longer than any should be; false at the end of the log.
fn read_line(log: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if log.take(LONGEST).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        line.pop_if(|last| *last == b'\r');
    } else if line.len() as u64 == LONGEST {
        log.skip_until(b'\n')?;
    }
    Ok(true)
}
