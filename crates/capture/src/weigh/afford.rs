//! Can the app afford the next evidence? Asked before each piece of it, and refused where it cannot, unless that was accepted.

use std::time::Duration;

use leakhunt_inspector::Memory;

use super::model::{self, Known, Load};
use super::room::{self, Room};
use crate::attach::Attached;
use crate::data::{Error, Event, EvidenceKind, Prediction, Refusal, Risk, Route};
use crate::evidence::Evidence;
use crate::holdings::Subject;
use crate::hunt::Hunt;

/// A hundred million objects are not counted in this time, and nobody could take a snapshot of them.
const COUNTING: Duration = Duration::from_secs(60);

/// What the snapshot that was just taken has cost.
pub(crate) fn remember(evidence: &mut Evidence, before: &Memory, after: &Memory) {
    let Some(taken) = evidence.snapshots.last_mut() else { return };
    taken.rss_after = Some(after.rss);
    let pause = Duration::from_millis(taken.pause_ms);
    evidence.past.taken(before, after, taken.nodes, taken.predicted.memory, pause);
}

/// Counts the objects, once: a snapshot's cost goes by them.
pub(crate) async fn count(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &mut Evidence,
    base: &Memory,
) -> Result<(), Error> {
    let session = &attached.session;
    // V8's object ids are reset by it, which another debugger may be using.
    let clients = session.clients().await.map_err(|error| Error::lost("reading the clients", &error))?;
    if clients != Some(1) || !model::may_count(&load(hunt, &attached.subject, base)) {
        return Ok(());
    }
    match session.count(COUNTING).await {
        Ok(count) => {
            evidence.app_time.collected(count.pause);
            hunt.record.tell(Event::Counted {
                objects: count.objects,
                bytes: count.bytes,
                pause: count.pause,
            });
            evidence.count = Some(count);
        }
        Err(leakhunt_inspector::Error::Refused { why, .. }) => {
            hunt.record.warn(format!("the objects could not be counted ({why}): small ones are assumed"));
        }
        Err(error) => return Err(Error::lost("counting objects", &error)),
    }
    Ok(())
}

/// Where not all snapshots will fit, that is said before the first one. One alone could be compared with nothing, so it is not
/// taken for itself.
pub(crate) fn ahead(
    hunt: &mut Hunt<'_>,
    subject: &Subject,
    evidence: &Evidence,
    base: &Memory,
) -> Result<(), Error> {
    warn_of_its_end(hunt, evidence, base);
    let load = load(hunt, subject, base);
    let known = known(evidence);
    let fitting = model::fitting(&load, &known, hunt.plan);
    if fitting == 0 || fitting >= hunt.plan.samples || hunt.plan.accepts(Risk::Memory) {
        return Ok(());
    }
    if fitting == 1 {
        hunt.record.warn(
            "the first snapshot would fit the memory there is and the second would not, so neither is taken",
        );
        let prediction = model::second(&load, &known, hunt.plan);
        return Err(Error::refused(wanted(hunt.plan.route), prediction, Refusal::Memory));
    }
    hunt.record.warn(format!(
        "if the heap goes on to grow as it is made, {fitting} of {} snapshots fit the memory there is",
        hunt.plan.samples
    ));
    Ok(())
}

/// A worker thread's heap has a limit of its own (`resourceLimits`), at which the thread ends. Snapshots take nothing of it: V8 builds
/// them outside of its heap.
fn warn_of_its_end(hunt: &mut Hunt<'_>, evidence: &Evidence, base: &Memory) {
    let Some(worker) = &evidence.worker else { return };
    let grown = hunt.plan.growth.saturating_mul(u64::from(hunt.plan.samples - 1));
    if base.used_size.saturating_add(grown) > base.heap_limit {
        hunt.record.warn(format!(
            "{worker} ends when its heap has {:.0} MB, and it has {:.1} MB now: with {} snapshots after {:.1} MB of growth each \
             it may not live to the last one",
            base.heap_limit as f64 / 1e6,
            base.used_size as f64 / 1e6,
            hunt.plan.samples,
            hunt.plan.growth as f64 / 1e6
        ));
    }
}

pub(crate) fn wanted(route: Route) -> EvidenceKind {
    match route {
        Route::Stream => EvidenceKind::SnapshotByStream,
        Route::Auto | Route::File => EvidenceKind::SnapshotByFile,
    }
}

fn load(hunt: &Hunt<'_>, subject: &Subject, base: &Memory) -> Load {
    let quota = room::quota(hunt.platform.as_ref());
    let room = Room::of(&subject.process, &subject.machine, quota.as_ref(), base.constrained, base.rss);
    Load { used: base.used_size, rss: base.rss, room }
}

fn known(evidence: &Evidence) -> Known<'_> {
    Known { node_major: model::major(evidence.node_version()), count: evidence.count, past: &evidence.past }
}

/// Whether a sampling profile beside the snapshots fits the memory there is.
pub(crate) fn has_room_to_sample(
    hunt: &Hunt<'_>,
    subject: &Subject,
    evidence: &Evidence,
    base: &Memory,
) -> bool {
    let prediction = model::predict(EvidenceKind::Sampling, &load(hunt, subject, base), &known(evidence));
    prediction.refused(Duration::MAX).is_none()
}

/// Refuses evidence that would cost too much, unless that was accepted beforehand.
pub(crate) fn weigh(
    hunt: &mut Hunt<'_>,
    subject: &Subject,
    evidence: &Evidence,
    (kind, sample): (EvidenceKind, u32),
    base: &Memory,
) -> Result<Prediction, Error> {
    let prediction = model::predict(kind, &load(hunt, subject, base), &known(evidence));
    hunt.record.tell(Event::Weighed { evidence: kind, sample, prediction });
    match (prediction.refused_by(hunt.plan), prediction.refused(hunt.plan.max_pause)) {
        (None, None) => Ok(prediction),
        (None, Some(_)) => {
            hunt.record.warn(format!(
                "evidence {sample} is taken although {prediction} are predicted, as asked for"
            ));
            Ok(prediction)
        }
        (Some(refusal), _) => Err(Error::refused(kind, prediction, refusal)),
    }
}
