//! The heaviest evidence: an allocation timeline, which knows of each object by which stack it was allocated.
//!
//! While it lasts V8 notes every allocation: a busy service answered a seventh of what it answers else on Node 22 to 26, and a
//! twentieth on 18 and 20 (`cargo xtask bench evidence`), and where it begins, V8 numbers all objects that live. So it is taken by
//! consent, and weighed twice: before it, and before the snapshot at its end.

use std::time::Duration;

use leakhunt_inspector::{Memory, Progress, Session};
use tokio::time::Instant;

use super::memory::{read, settled, used};
use super::profile::{Taking, add, wait};
use crate::attach::Attached;
use crate::data::{Error, Event, EvidenceKind, Plan, Prediction, Profile, Risk, Route, Step};
use crate::evidence::Evidence;
use crate::hunt::Hunt;
use crate::record::{Kept, Record, disk};
use crate::weigh;

const FILE: &str = "1.heaptimeline";

/// Is it agreed to? Asked before anything is done.
pub(crate) fn is_admitted(plan: &Plan) -> Result<(), Error> {
    if !plan.takes(Profile::Timeline) || plan.accepts(Risk::Timeline) {
        return Ok(());
    }
    let what = format!(
        "an allocation timeline notes every allocation for {} s: a busy app answers about a tenth of its requests meanwhile, and \
         stands still for a heap snapshot at its end",
        plan.duration.as_secs_f64()
    );
    Err(Error::Consent { risk: Risk::Timeline, what })
}

/// Takes one.
pub(crate) async fn timeline(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &mut Evidence,
) -> Result<(), Error> {
    let session = &attached.session;
    let begun = hunt.record.begin(Step::Profile);
    let before = settled(session, evidence).await?;
    if evidence.count.is_none() && evidence.snapshots.is_empty() {
        weigh::count(hunt, attached, evidence, &before).await?;
    }
    weigh::weigh(hunt, &attached.subject, evidence, (EvidenceKind::Timeline, 1), &before)?;
    let taking =
        Taking { profile: Profile::Timeline, interval: 1, began: evidence.now(), since: Instant::now() };
    session
        .timeline_start()
        .await
        .map_err(|error| Error::lost("starting the allocation timeline", &error))?;
    wait(hunt, session, evidence, Profile::Timeline, Duration::ZERO..hunt.plan.duration).await?;
    let lasted = taking.since.elapsed();
    let base = read(session, evidence).await?;
    // What tracking took is in the resident set by now.
    let snapshot = (EvidenceKind::SnapshotByStream, 1);
    let weighed = weigh::weigh(hunt, &attached.subject, evidence, snapshot, &base);
    let prediction = match weighed {
        Ok(prediction) => prediction,
        Err(refused) => {
            // What was noted is lost: V8 gives it with a snapshot or not at all.
            let off = session.timeline_off().await;
            off.map_err(|error| Error::lost("ending the allocation timeline", &error))?;
            return Err(refused);
        }
    };
    let kept = end(hunt, session, evidence, &base, prediction).await?;
    let profiled = taking.kept(evidence, (kept.file, kept.sha256, kept.bytes), lasted);
    add(hunt, evidence, profiled, taking.since)?;
    hunt.record.done(begun, "an allocation timeline");
    Ok(())
}

/// Its end: a snapshot that has the stacks.
async fn end(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    base: &Memory,
    prediction: Prediction,
) -> Result<Kept, Error> {
    let most = disk::room_for(&evidence.folder, base.used_size, used(base))?;
    hunt.record.tell(Event::TimelineEnds { used: used(base), pause: prediction.pause });
    let incoming = evidence.folder.incoming(FILE, most);
    let mut incoming = incoming.map_err(|error| evidence.folder.failed(error))?;
    evidence.app_time.snapshot_begins();
    let taken = session.timeline_stop(&mut incoming, |progress| tell(&mut hunt.record, progress)).await;
    let taken = taken.map_err(|error| Error::lost("the allocation timeline", &error))?;
    evidence.app_time.snapshot_by(Route::Stream, taken.pause);
    let bytes = incoming.bytes();
    incoming.keep().map_err(|error| {
        Error::incomplete(format!("the allocation timeline is incomplete after {bytes} bytes: {error}"))
    })
}

/// V8 builds the snapshot without a word; what is told is how it arrives.
fn tell(record: &mut Record<'_>, progress: Progress) {
    if let Progress::Receiving { bytes, total } = progress {
        record.tell(Event::Download { bytes, of: total });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_one_who_has_not_agreed_to_it() {
        let wanted = Plan { profile: vec![Profile::Heap, Profile::Timeline], ..Plan::default() };
        let refused = is_admitted(&wanted).unwrap_err();
        assert!(matches!(refused, Error::Consent { risk: Risk::Timeline, .. }), "{refused}");
        assert!(refused.to_string().contains("for 60 s"), "{refused}");
        is_admitted(&Plan { accept: vec![Risk::Timeline], ..wanted }).unwrap();
        is_admitted(&Plan::default()).unwrap();
    }
}
