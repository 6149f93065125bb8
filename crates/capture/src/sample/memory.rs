//! Readings of the app's memory: after a collection, and while growth is waited for.

use std::time::Duration;

use leakhunt_inspector::{Memory, Session};
use tokio::time::Instant;

use super::growth_trigger::{GrowthTrigger, Next};
use crate::data::{Error, Event};
use crate::evidence::Evidence;
use crate::hunt::Hunt;

/// Between two raw readings: often enough for a live line, a thousandth of the app's time at the most.
const POLL: Duration = Duration::from_millis(500);

/// What growth is told by: the heap and what it holds outside. Array buffers are in V8's count of external memory only as long
/// as an object in the heap has them; what Node's own code keeps of them, as a `Blob` does, is in their own count alone.
pub(super) fn used(memory: &Memory) -> u64 {
    memory.used_size.saturating_add(memory.external.max(memory.array_buffers))
}

/// A raw reading, garbage included.
pub(super) async fn read(session: &Session, evidence: &mut Evidence) -> Result<Memory, Error> {
    let memory = session.memory().await.map_err(|error| Error::lost("reading memory", &error))?;
    evidence.note(&memory, false);
    Ok(memory)
}

/// A post-GC reading.
pub(super) async fn settled(session: &Session, evidence: &mut Evidence) -> Result<Memory, Error> {
    collect(session, evidence).await.map(|(memory, _)| memory)
}

/// The same where V8 has just collected garbage for something else.
pub(super) async fn collected(session: &Session, evidence: &mut Evidence) -> Result<Memory, Error> {
    let memory = session.memory().await.map_err(|error| Error::lost("reading memory", &error))?;
    evidence.note(&memory, true);
    Ok(memory)
}

async fn collect(session: &Session, evidence: &mut Evidence) -> Result<(Memory, Duration), Error> {
    let pause = session.collect_garbage().await.map_err(|error| Error::lost("collecting garbage", &error))?;
    evidence.app_time.collected(pause);
    Ok((collected(session, evidence).await?, pause))
}

/// Waits until post-GC memory has grown by the plan's step, or its time is up.
pub(super) async fn grown(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    sample: u32,
    base: &Memory,
) -> Result<Memory, Error> {
    let reading = |memory: &Memory, trigger: &GrowthTrigger, collected: bool| Event::Reading {
        sample,
        used: used(memory),
        settled: trigger.settled(),
        due_at: trigger.due_at(),
        collected,
        rss: memory.rss,
    };
    let longest = hunt.plan.max_wait;
    let (memory, trigger) = until_grown(hunt, session, evidence, base, longest, reading).await?;
    warn_of_time(hunt, &trigger, sample, used(base));
    Ok(memory)
}

/// Waits until post-GC memory has grown by the plan's step, or for so long, and tells of each reading. Gives the last, which is
/// after a garbage collection.
pub(super) async fn until_grown(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    base: &Memory,
    longest: Duration,
    told: impl Fn(&Memory, &GrowthTrigger, bool) -> Event,
) -> Result<(Memory, GrowthTrigger), Error> {
    let mut trigger = GrowthTrigger::new(used(base), hunt.plan.growth, longest);
    let since = Instant::now();
    loop {
        tokio::time::sleep(POLL).await;
        let mut memory = read(session, evidence).await?;
        let mut next = trigger.raw(used(&memory), since.elapsed());
        let collected = next != Next::Wait;
        if collected {
            let pause;
            (memory, pause) = collect(session, evidence).await?;
            let after = trigger.collected(used(&memory), pause, since.elapsed());
            next = if next == Next::TimeUp { next } else { after };
        }
        hunt.record.tell(told(&memory, &trigger, collected));
        if matches!(next, Next::Grown | Next::TimeUp) {
            return Ok((memory, trigger));
        }
    }
}

fn warn_of_time(hunt: &mut Hunt<'_>, trigger: &GrowthTrigger, sample: u32, base: u64) {
    if trigger.settled() < trigger.due_at() {
        hunt.record.warn(format!(
            "snapshot {sample} was due by time: memory grew by {:.1} MB, not by {:.1} MB, in {:.0} s",
            (trigger.settled() as f64 - base as f64) / 1e6,
            hunt.plan.growth as f64 / 1e6,
            hunt.plan.max_wait.as_secs_f64()
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn array_buffers_that_no_object_has_are_growth() {
        let memory = |external, array_buffers| Memory {
            used_size: 5,
            total_size: 9,
            external,
            array_buffers,
            rss: 50,
            peak_rss: 60,
            heap_limit: 100,
            constrained: None,
            taken_at_uptime: Duration::ZERO,
            spent: Duration::ZERO,
        };
        assert_eq!(used(&memory(3, 2)), 8);
        assert_eq!(used(&memory(3, 70)), 75);
    }
}
