//! The lightest evidence that may answer: memory, observed while it grows, and what allocates meanwhile.
//!
//! An observation is a reading after a garbage collection, with what no snapshot shows: open files, worker threads' heaps, what is
//! mapped. Several of them tell whether anything grows, and whether it is the JavaScript heap at all; a sampling profile that runs
//! beside them tells who allocates what does. Where that answers, the app is spared the snapshots.

use leakhunt_inspector::{Memory, Session};
use tokio::time::Instant;

use super::beside::beside;
use super::enough;
use super::growth_trigger::GrowthTrigger;
use super::memory::{settled, until_grown, used};
use super::profile::Taking;
use super::sampling_profile::{FILES, begin, cut};
use crate::attach::Attached;
use crate::data::{Error, Event, Profile, Step};
use crate::evidence::Evidence;
use crate::hunt::Hunt;

/// So many observations: the first step may be the warm-up of what is measured, and of fewer than three others nobody can tell
/// growth from a tide.
const OBSERVATIONS: u32 = 5;
/// After these the profile is cut; with the last one it ends.
const CUTS: [u32; 2] = [3, OBSERVATIONS];

/// Observes; whether snapshots are needed for the answer.
pub(crate) async fn observe(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &mut Evidence,
) -> Result<bool, Error> {
    let session = &attached.session;
    let begun = hunt.record.begin(Step::Profile);
    let mut memory = settled(session, evidence).await?;
    let taking = begin(hunt, attached, evidence, &memory).await?;
    for number in 1..=OBSERVATIONS {
        if number > 1 {
            memory = next(hunt, session, evidence, &memory, taking.since).await?;
        }
        evidence.observe(beside(session).await?);
        note(hunt, session, evidence, (number, &memory), taking).await?;
    }
    let is_certain = enough::is_certain_without(hunt.judge.clone()).await;
    hunt.record.done(begun, "memory observed, and a sampling profile in two cuts");
    if is_certain {
        enough::tell(hunt, evidence);
    }
    Ok(!is_certain)
}

/// The next observation is due when memory has grown, or after its share of the time.
async fn next(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    before: &Memory,
    since: Instant,
) -> Result<Memory, Error> {
    let of = hunt.plan.duration;
    let told = |memory: &Memory, _: &GrowthTrigger, _: bool| Event::Sampling {
        profile: Profile::Auto,
        elapsed: since.elapsed().min(of),
        of,
        used: used(memory),
        rss: memory.rss,
    };
    let longest = of / (OBSERVATIONS - 1);
    let (memory, _) = until_grown(hunt, session, evidence, before, longest, told).await?;
    Ok(memory)
}

/// Keeps the observation, and the cut of the profile that is due with it, before it is told.
async fn note(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    (number, memory): (u32, &Memory),
    taking: Taking,
) -> Result<(), Error> {
    match CUTS.iter().position(|at| *at == number) {
        Some(at) => cut(hunt, session, evidence, taking, FILES[at]).await?,
        None => evidence.save(hunt)?,
    }
    hunt.record.tell(Event::Observed { number, of: OBSERVATIONS, used: used(memory), rss: memory.rss });
    Ok(())
}
