//! What profiles have in common: each lasts for a while, and is kept as it came.

use std::ops::Range;
use std::time::Duration;

use leakhunt_inspector::Session;
use tokio::time::Instant;

use super::memory::{read, used};
use crate::data::{Error, Event, Profile, Profiled, millis};
use crate::evidence::Evidence;
use crate::hunt::Hunt;

/// Between two readings of memory.
const POLL: Duration = Duration::from_secs(1);

/// Waits through a part of the plan's duration, and reads memory meanwhile.
pub(super) async fn wait(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    profile: Profile,
    part: Range<Duration>,
) -> Result<(), Error> {
    let since = Instant::now();
    let (of, span) = (hunt.plan.duration, part.end.saturating_sub(part.start));
    while let Some(left) = span.checked_sub(since.elapsed()).filter(|left| !left.is_zero()) {
        tokio::time::sleep(left.min(POLL)).await;
        let memory = read(session, evidence).await?;
        let elapsed = part.start + since.elapsed().min(span);
        hunt.record.tell(Event::Sampling { profile, elapsed, of, used: used(&memory), rss: memory.rss });
    }
    Ok(())
}

/// A profile that is being taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taking {
    pub(super) profile: Profile,
    /// As [`Profiled::interval`].
    pub(super) interval: u32,
    pub(super) began: jiff::Timestamp,
    pub(super) since: Instant,
}

impl Taking {
    /// Keeps what has come of it; `lasted` is for how long it ran.
    pub(super) fn keep(
        self,
        evidence: &Evidence,
        file: &str,
        text: &str,
        lasted: Duration,
    ) -> std::io::Result<Profiled> {
        let sha256 = evidence.folder.text(file, text.as_bytes())?;
        Ok(self.kept(evidence, (file.to_owned(), sha256, text.len() as u64), lasted))
    }

    /// The same of a file that is kept already: its name, its SHA-256 and its size.
    pub(super) fn kept(
        self,
        evidence: &Evidence,
        (file, sha256, bytes): (String, String, u64),
        lasted: Duration,
    ) -> Profiled {
        let (used_size, rss) = evidence.last_reading();
        Profiled {
            profile: self.profile,
            file,
            sha256,
            bytes,
            taken_at: self.began,
            duration_ms: millis::whole(lasted),
            interval: self.interval,
            used_size,
            rss,
            event_loop: None,
        }
    }
}

/// Adds a profile to the session.
pub(super) fn add(
    hunt: &mut Hunt<'_>,
    evidence: &mut Evidence,
    profiled: Profiled,
    since: Instant,
) -> Result<(), Error> {
    let (file, bytes) = (profiled.file.clone(), profiled.bytes);
    evidence.profiles.push(profiled);
    evidence.save(hunt)?;
    hunt.record.tell(Event::ProfileDone { file, bytes, took: since.elapsed() });
    Ok(())
}
