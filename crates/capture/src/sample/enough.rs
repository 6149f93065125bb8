//! Is more evidence needed? Each snapshot costs the app its pause, and whoever analyses what comes as it comes may be certain before
//! all are taken.

use std::time::Duration;

use tokio::sync::watch::Receiver;
use tokio::time::timeout;

use crate::data::{Event, Judged};
use crate::evidence::Evidence;
use crate::hunt::Hunt;

/// So long the next snapshot waits for the analysis of those before it: the app runs on meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);

/// Comes back when the answer is certain, and else never.
pub(super) async fn certain(judge: Option<Receiver<Judged>>) {
    if let Some(mut judge) = judge
        && judge.wait_for(|judged| judged.enough).await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

/// Whether the answer is certain, once the snapshots that there are have been analysed.
pub(super) async fn is_certain(judge: Option<Receiver<Judged>>, evidence: &Evidence) -> bool {
    let Some(mut judge) = judge else { return false };
    let taken = evidence.snapshots.len();
    let judged = timeout(PATIENCE, judge.wait_for(|judged| judged.enough || judged.snapshots >= taken)).await;
    judged.is_ok_and(|judged| judged.is_ok_and(|judged| judged.enough))
}

/// Whether the answer is certain without a snapshot, once the observations have been analysed.
pub(super) async fn is_certain_without(judge: Option<Receiver<Judged>>) -> bool {
    let Some(mut judge) = judge else { return false };
    let judged = timeout(PATIENCE, judge.wait_for(|judged| judged.enough || judged.observations)).await;
    judged.is_ok_and(|judged| judged.is_ok_and(|judged| judged.enough))
}

/// Says that no more are taken.
pub(super) fn tell(hunt: &mut Hunt<'_>, evidence: &Evidence) {
    hunt.record.tell(Event::Enough { snapshots: evidence.snapshots.len(), of: hunt.plan.samples });
}
