//! The snapshots: wait for growth, check the id space, take one, keep it whole.

use leakhunt_inspector::{Memory, Session};

use super::allocations::{self, Allocations};
use super::enough;
use super::id_space::IdSpace;
use super::memory::{grown, settled, used};
use super::numbers;
use super::snapshot::{Taking, take};
use crate::attach::{self, Attached};
use crate::data::{Error, Step};
use crate::evidence::Evidence;
use crate::hunt::Hunt;
use crate::record::disk;
use crate::threads;
use crate::weigh;

/// Snapshots that are taken beyond what was asked for, where a reset left the last one alone: each costs the app its pause.
const MOST_EXTRA: u32 = 2;

/// How the sampling ended, with the session that is still there.
pub(crate) enum Sampled<'h> {
    /// All that was asked for is there.
    Whole(Attached<'h>),
    /// The next snapshot was refused, for this reason.
    Refused(Attached<'h>, Error),
}

/// Takes them. A connection that is lost between two is made again, once.
pub(crate) async fn sample<'h>(
    hunt: &mut Hunt<'_>,
    mut attached: Attached<'h>,
    evidence: &mut Evidence,
) -> Result<Sampled<'h>, Error> {
    let since = hunt.record.begin(Step::Sample);
    let (mut number, mut reattached) = (1, false);
    loop {
        let mut allocations = None;
        let taken = series(hunt, &attached, evidence, &mut number, &mut allocations).await;
        if let (Ok(()) | Err(Error::Refused { .. }), Some(allocations)) = (&taken, allocations) {
            allocations.end(hunt, &attached.session, evidence).await;
        }
        match taken {
            Ok(()) => break,
            Err(refused @ Error::Refused { .. }) => return Ok(Sampled::Refused(attached, refused)),
            Err(error) => {
                let lost = threads::blamed(&attached.session, error).await;
                if reattached || !attach::is_due(&attached, evidence, &lost) {
                    return Err(lost);
                }
                reattached = true;
                attached = attach::reattach(hunt, attached, evidence, lost).await?;
                threads::again(hunt, &attached.session, evidence).await?;
            }
        }
        number += 1;
    }
    hunt.record.done(since, format!("{} snapshots", evidence.snapshots.len()));
    Ok(Sampled::Whole(attached))
}

/// The snapshots that are still to be taken, on one connection. A second series begins with a snapshot at once, and has at
/// least two: one alone could be compared with nothing. So has one that begins because the object ids were reset.
async fn series(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &mut Evidence,
    number: &mut u32,
    allocations: &mut Option<Allocations>,
) -> Result<(), Error> {
    let session = &attached.session;
    let mut base = settled(session, evidence).await?;
    if evidence.snapshots.is_empty() {
        weigh::count(hunt, attached, evidence, &base).await?;
        weigh::ahead(hunt, &attached.subject, evidence, &base)?;
    }
    let mut space = IdSpace::open(session, *number).await?;
    let first = evidence.snapshots.len() as u32 + 1;
    let mut last = if first == 1 { hunt.plan.samples } else { hunt.plan.samples.max(first + 1) };
    let mut extra = MOST_EXTRA;
    let mut sample = first;
    while sample <= last {
        if sample > first {
            let Some(grown) = due(hunt, session, evidence, sample, &base).await? else { break };
            base = grown;
        }
        let kind = weigh::wanted(hunt.plan.route);
        let prediction = weigh::weigh(hunt, &attached.subject, evidence, (kind, sample), &base)?;
        let most = disk::room_for(&evidence.folder, base.used_size, used(&base))?;
        let mut lost = space.is_lost(session).await?;
        let taking = Taking { sample, of: last, id_space: space.number(), prediction, most };
        let (nodes, done) = take(hunt, session, evidence, taking, &base).await?;
        lost |= space.was_lost_within(session, nodes).await?;
        if let Some(taken) = evidence.snapshots.last_mut() {
            taken.id_space = space.number();
        }
        if lost {
            // The snapshot is the first of a new series, and alone in it if it was to be the last one.
            let more = sample == last && extra > 0;
            (last, extra) = (last + u32::from(more), extra - u32::from(more));
            warn_of_reset(hunt, sample, more);
        }
        sample += 1;
        *number = space.number();
        evidence.save(hunt)?;
        hunt.record.tell(done);
        // What the snapshot itself left behind must not count as the next one's growth.
        let before = base;
        base = settled(session, evidence).await?;
        weigh::remember(evidence, &before, &base);
        if sample <= last && allocations.is_none() {
            *allocations = allocations::begin(hunt, attached, evidence, &base).await;
        }
    }
    if sample <= last {
        enough::tell(hunt, evidence);
    }
    Ok(())
}

/// Waits until the next snapshot is due; nothing where the answer is certain without it.
async fn due(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    sample: u32,
    base: &Memory,
) -> Result<Option<Memory>, Error> {
    let judge = hunt.judge.clone();
    let grown = tokio::select! {
        biased;
        () = enough::certain(judge.clone()) => return Ok(None),
        grown = grown(hunt, session, evidence, sample, base) => grown?,
    };
    let is_certain = enough::is_certain(judge, evidence).await;
    numbers::read(hunt, session, evidence).await?;
    Ok((!is_certain).then_some(grown))
}

fn warn_of_reset(hunt: &mut Hunt<'_>, sample: u32, more: bool) {
    let more = if more { ", and one snapshot more is taken" } else { "" };
    hunt.record.warn(format!(
        "the object ids were reset before snapshot {sample} (another debugger came or went): snapshots before it cannot \
         be compared with it object by object; a new series begins{more}"
    ));
}
