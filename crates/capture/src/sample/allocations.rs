//! The allocation profile: V8's sampling heap profiler, coarse, while the snapshots of a series are waited for.
//!
//! A snapshot says what is held, and by whom; the profile says by whose call it was made, for what was made since the first
//! snapshot and lives at the last. It begins after the first snapshot of a session and is read after the last, with one garbage
//! collection; a session that ends earlier ends it (V8 does), and the teardown switches it off where the session lives.
//! The hunt goes on without it where it cannot be had.

use leakhunt_inspector::{Memory, Session};
use tokio::time::Instant;

use super::profile::Taking;
use super::sampling_profile::check;
use crate::attach::Attached;
use crate::data::{Profile, Profiled};
use crate::evidence::Evidence;
use crate::hunt::Hunt;
use crate::weigh;

/// Its name in the session folder.
const FILE: &str = "allocations.heapprofile";

/// Of a step of growth, some eight samples: a cause with a quarter of it is seen in two steps.
const SAMPLES_A_STEP: u64 = 8;
/// Bytes a sample, at the most and at the least: at 64 KiB a busy web service took 5 to 9 % more of the processor for each
/// request, at 128 KiB up to 6 % (13 % on Node 26), at 312,500 bytes, the usual, no more than the measurement can tell
/// (`cargo xtask bench evidence`).
const COARSEST: u64 = 512 << 10;
const FINEST: u64 = 256 << 10;

/// A profile that is under way.
pub(super) struct Allocations(Taking);

/// Begins it, unless it is not wanted, there is no room for it, or somebody else's runs.
pub(super) async fn begin(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &Evidence,
    base: &Memory,
) -> Option<Allocations> {
    if !hunt.plan.allocations || !weigh::has_room_to_sample(hunt, &attached.subject, evidence, base) {
        return None;
    }
    let interval = interval(hunt.plan.growth);
    let (began, since) = (evidence.now(), Instant::now());
    match attached.session.sampling_start(interval).await {
        Ok(()) => Some(Allocations(Taking { profile: Profile::Sampling, interval, began, since })),
        Err(error) => {
            hunt.record.warn(format!("no allocation profile between the snapshots: {error}"));
            None
        }
    }
}

impl Allocations {
    /// Ends it, and keeps what it tells.
    pub(super) async fn end(self, hunt: &mut Hunt<'_>, session: &Session, evidence: &mut Evidence) {
        match self.kept(session, evidence).await {
            Ok(profiled) => evidence.allocations = Some(profiled),
            Err(why) => {
                hunt.record.warn(format!("the allocation profile between the snapshots is lost: {why}"));
            }
        }
    }

    async fn kept(self, session: &Session, evidence: &mut Evidence) -> Result<Profiled, String> {
        let Self(taking) = self;
        let lasted = taking.since.elapsed();
        let (text, pause) = session.sampling_stop().await.map_err(|error| error.to_string())?;
        evidence.app_time.collected(pause);
        check(&text).map_err(|error| error.to_string())?;
        taking.keep(evidence, FILE, &text, lasted).map_err(|error| error.to_string())
    }
}

fn interval(growth: u64) -> u32 {
    (growth / SAMPLES_A_STEP).clamp(FINEST, COARSEST) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_steps_are_sampled_finely_and_large_ones_not_too_coarsely() {
        for (growth, expected) in [(100_000, 262_144), (2_500_000, 312_500), (100_000_000, 524_288)] {
            assert_eq!(interval(growth), expected);
        }
    }
}
