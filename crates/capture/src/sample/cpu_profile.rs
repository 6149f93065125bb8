//! Where the app's time goes: V8's CPU profiler, for a while, and how late the event loop is meanwhile.
//!
//! A leak is often felt there first: garbage is collected more and more often, for less and less.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::time::Instant;

use super::memory::read;
use super::profile::{Taking, add, wait};
use crate::attach::Attached;
use crate::data::{Error, EvidenceKind, Profile, Profiled, Step};
use crate::evidence::Evidence;
use crate::hunt::Hunt;
use crate::weigh;

const FILE: &str = "1.cpuprofile";
/// From one sample to the next: V8's own default.
const INTERVAL: Duration = Duration::from_millis(1);

/// Takes one profile.
pub(crate) async fn cpu(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &mut Evidence,
) -> Result<(), Error> {
    let session = &attached.session;
    let begun = hunt.record.begin(Step::Profile);
    let before = read(session, evidence).await?;
    weigh::weigh(hunt, &attached.subject, evidence, (EvidenceKind::Cpu, 1), &before)?;
    let began = evidence.now();
    let started = session.cpu_start(INTERVAL).await;
    let pause = started.map_err(|error| Error::lost("starting the CPU profiler", &error))?;
    evidence.app_time.profiled(pause);
    let since = Instant::now();
    let taking = Taking { profile: Profile::Cpu, interval: INTERVAL.as_micros() as u32, began, since };
    wait(hunt, session, evidence, Profile::Cpu, Duration::ZERO..hunt.plan.duration).await?;
    let lasted = since.elapsed();
    read(session, evidence).await?;
    let stopped = session.cpu_stop().await;
    let (text, event_loop, pause) = stopped.map_err(|error| Error::lost("the CPU profile", &error))?;
    evidence.app_time.profiled(pause);
    check(&text).map_err(|why| Error::incomplete(format!("the CPU profile is incomplete: {why}")))?;
    let kept = taking.keep(evidence, FILE, &text, lasted);
    let kept = kept.map_err(|error| evidence.folder.failed(error))?;
    add(hunt, evidence, Profiled { event_loop: Some(event_loop.into()), ..kept }, since)?;
    hunt.record.done(begun, "a CPU profile");
    Ok(())
}

/// Is it what DevTools opens?
fn check(text: &str) -> Result<(), serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only whether they are there matters")]
    struct CpuProfile {
        nodes: Vec<IgnoredAny>,
        samples: Vec<IgnoredAny>,
        time_deltas: Vec<IgnoredAny>,
    }
    serde_json::from_str::<CpuProfile>(text).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_profile_is_none() {
        let whole = r#"{"nodes":[{"id":1}],"startTime":1,"endTime":2,"samples":[1],"timeDeltas":[0]}"#;
        assert!(check(whole).is_ok());
        for cut in 0..whole.len() {
            assert!(check(&whole[..cut]).is_err(), "{}", &whole[..cut]);
        }
    }
}
