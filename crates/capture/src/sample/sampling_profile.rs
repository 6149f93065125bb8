//! The lightest evidence: V8's sampling heap profiler, for a while.
//!
//! It notes where every so many allocated bytes come from, and forgets what is collected. What was there before it began
//! is not in it; what a leak adds while it lasts is, by function and line. It is read twice, at half time and at the end: what a
//! program needs for its work lives at both cuts alike, and a leak has twice as much at the second. Nothing pauses the app
//! but V8's own garbage collection at each, without which garbage would pass for alive. Memory is read right after it.

use std::time::Duration;

use leakhunt_inspector::{Memory, Session};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::time::Instant;

use super::memory::{collected, read};
use super::profile::{Taking, add, wait};
use crate::attach::Attached;
use crate::data::{Error, EvidenceKind, Profile, Step};
use crate::evidence::Evidence;
use crate::hunt::Hunt;
use crate::weigh::{self, major};

/// The files of the two cuts.
pub(super) const FILES: [&str; 2] = ["1.heapprofile", "2.heapprofile"];

/// Takes one profile, in two cuts.
pub(crate) async fn sampling(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &mut Evidence,
) -> Result<(), Error> {
    let session = &attached.session;
    let begun = hunt.record.begin(Step::Profile);
    let before = read(session, evidence).await?;
    let taking = begin(hunt, attached, evidence, &before).await?;
    let (half, whole) = (hunt.plan.duration / 2, hunt.plan.duration);
    for (file, part) in FILES.into_iter().zip([Duration::ZERO..half, half..whole]) {
        wait(hunt, session, evidence, Profile::Sampling, part).await?;
        cut(hunt, session, evidence, taking, file).await?;
    }
    hunt.record.done(begun, "a sampling profile, in two cuts");
    Ok(())
}

/// Starts the profiler, if there is room for it.
pub(super) async fn begin(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &Evidence,
    before: &Memory,
) -> Result<Taking, Error> {
    weigh::weigh(hunt, &attached.subject, evidence, (EvidenceKind::Sampling, 1), before)?;
    let interval = interval(major(evidence.node_version()));
    let began = evidence.now();
    let started = attached.session.sampling_start(interval).await;
    started.map_err(|error| Error::lost("starting the sampling profiler", &error))?;
    Ok(Taking { profile: Profile::Sampling, interval, began, since: Instant::now() })
}

/// Keeps what lives now of all that was allocated so far, garbage being collected; the last cut ends the profile.
pub(super) async fn cut(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    taking: Taking,
    file: &str,
) -> Result<(), Error> {
    let lasted = taking.since.elapsed();
    let told = if file == FILES[0] { session.sampling_cut().await } else { session.sampling_stop().await };
    let (text, pause) = told.map_err(|error| Error::lost("the sampling profile", &error))?;
    evidence.app_time.collected(pause);
    collected(session, evidence).await?;
    check(&text).map_err(|why| Error::incomplete(format!("the sampling profile is incomplete: {why}")))?;
    let kept = taking.keep(evidence, file, &text, lasted).map_err(|error| evidence.folder.failed(error))?;
    add(hunt, evidence, kept, taking.since)
}

/// Takes one instead of a snapshot that was refused.
pub(crate) async fn instead(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &mut Evidence,
    refused: Error,
) -> Result<(), Error> {
    let refused = refused.with_kept(evidence.snapshots.len());
    hunt.record.warn(format!("{refused}; a sampling profile is taken instead, as agreed to by --fallback"));
    sampling(hunt, attached, evidence).await
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
pub(super) fn check(text: &str) -> Result<(), serde_json::Error> {
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
