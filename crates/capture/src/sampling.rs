//! The lightest evidence: V8's sampling heap profiler, for a while.
//!
//! It notes where every so many allocated bytes come from, and forgets what is collected. What was there before it began
//! is not in it; what a leak adds while it lasts is, by function and line. Nothing pauses the app but one garbage
//! collection at the end, without which garbage would pass for alive.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::time::Instant;

use crate::afford::weigh;
use crate::data::{Error, Event, EvidenceKind, Profiled, Step};
use crate::hunt::Hunt;
use crate::sample::{collect, note, session, used};
use crate::weigh::major;

/// Between two readings of memory.
const POLL: Duration = Duration::from_secs(1);

/// Takes one profile.
pub(crate) async fn sampling(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    let since = hunt.record.begin(Step::Profile);
    let before = session(hunt).memory().await.map_err(|error| Error::lost("reading memory", &error))?;
    note(hunt, &before, false);
    weigh(hunt, EvidenceKind::Sampling, 1, &before)?;
    let interval = interval(hunt.process.as_ref().map_or(0, |facts| major(&facts.node_version)));
    let taken_at = hunt.clock.now();
    let started = session(hunt).sampling_start(interval).await;
    started.map_err(|error| Error::lost("starting the sampling profiler", &error))?;
    wait(hunt).await?;
    let lasted = since.elapsed();
    let (after, _) = collect(hunt).await?;
    let text =
        session(hunt).sampling_stop().await.map_err(|error| Error::lost("the sampling profile", &error))?;
    check(&text).map_err(|why| Error::incomplete(format!("the sampling profile is incomplete: {why}")))?;

    let file = "1.heapprofile";
    let store = hunt.record.store().expect("the folder was made before");
    let sha256 = store
        .text(file, text.as_bytes())
        .map_err(|source| Error::Store { path: store.folder().to_owned(), source })?;
    let bytes = text.len() as u64;
    hunt.profiles.push(Profiled {
        file: file.to_owned(),
        sha256,
        bytes,
        taken_at,
        duration_ms: u64::try_from(lasted.as_millis()).unwrap_or(u64::MAX),
        interval,
        used_size: used(&after),
        rss: after.rss,
    });
    hunt.save()?;
    hunt.record.tell(Event::ProfileDone { file: file.to_owned(), bytes, took: since.elapsed() });
    hunt.record.done(since, "one sampling profile");
    Ok(())
}

/// Takes one instead of a snapshot that was refused.
pub(crate) async fn instead(hunt: &mut Hunt<'_>, refused: &Error) -> Result<(), Error> {
    hunt.record.warn(format!("{refused}; a sampling profile is taken instead, as agreed to by --fallback"));
    sampling(hunt).await
}

async fn wait(hunt: &mut Hunt<'_>) -> Result<(), Error> {
    let since = Instant::now();
    let duration = hunt.plan.duration;
    while let Some(left) = duration.checked_sub(since.elapsed()).filter(|left| !left.is_zero()) {
        tokio::time::sleep(left.min(POLL)).await;
        let memory = session(hunt).memory().await.map_err(|error| Error::lost("reading memory", &error))?;
        note(hunt, &memory, false);
        let elapsed = since.elapsed().min(duration);
        hunt.record.tell(Event::Sampling { elapsed, of: duration, used: used(&memory), rss: memory.rss });
    }
    Ok(())
}

/// Bytes a sample, so that it costs an app that does nothing but allocate less than a tenth of its speed: at 32 KiB that
/// was 32 % on Node 18, 26 % on 20 and 22, 14 % on 24 and 4 % on 26; at 128 KiB 7 % on 18 and 5 % on 22; at 64 KiB 9 % on 24.
fn interval(node_major: u32) -> u32 {
    match node_major {
        ..=23 => 128 << 10,
        24..=25 => 64 << 10,
        _ => 32 << 10,
    }
}

/// Is it what DevTools opens? It came in one message, so it is whole if it is JSON with both of its parts.
fn check(text: &str) -> Result<(), serde_json::Error> {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only whether they are there matters")]
    struct Profile {
        head: IgnoredAny,
        samples: Vec<IgnoredAny>,
    }
    serde_json::from_str::<Profile>(text).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_profile_is_none() {
        let whole = r#"{"head":{"callFrame":{},"selfSize":0,"id":1,"children":[]},"samples":[]}"#;
        assert!(check(whole).is_ok());
        for cut in 0..whole.len() {
            assert!(check(&whole[..cut]).is_err(), "{}", &whole[..cut]);
        }
        assert!(check(r#"{"head":{}}"#).is_err());
    }

    #[test]
    fn a_profile_as_deep_as_stacks_are_is_read() {
        let deep = format!("{}{{}}{}", r#"{"children":["#.repeat(400), "]}".repeat(400));
        assert!(check(&format!(r#"{{"head":{deep},"samples":[]}}"#)).is_ok());
    }
}
