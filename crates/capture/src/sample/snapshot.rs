//! One snapshot, from the request to the verified file.

use leakhunt_inspector::{FileRoute, Memory, Progress, Session, Taken};
use tokio::time::Instant;

use super::beside::beside;
use super::memory::used;
use super::route::route;
use crate::data::{Error, Event, Prediction, Route, Snapshot, millis};
use crate::evidence::Evidence;
use crate::hunt::Hunt;
use crate::record::{Incoming, Record};

/// Which snapshot, and what is expected of it.
pub(super) struct Taking {
    pub(super) sample: u32,
    pub(super) of: u32,
    pub(super) id_space: u32,
    pub(super) prediction: Prediction,
    /// Its file is no larger.
    pub(super) most: u64,
}

/// Takes it and keeps it; gives the number of its objects, and what is to be told when the session knows of it.
pub(super) async fn take(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    taking: Taking,
    base: &Memory,
) -> Result<(u64, Event), Error> {
    let Taking { sample, of, id_space, prediction, most } = taking;
    let beside = beside(session).await?;
    hunt.record.tell(Event::SnapshotStarted { sample, of, used: used(base) });
    evidence.app_time.snapshot_begins();
    let taken_at = evidence.now();
    let since = Instant::now();
    let incoming = evidence.folder.incoming(&format!("{sample}.heapsnapshot"), most);
    let mut incoming = incoming.map_err(|error| evidence.folder.failed(error))?;
    let route = route(hunt, session, evidence, base, &prediction).await?;
    let patience = prediction.patience();
    let route = route.map(|directory| FileRoute { most, patience, ..FileRoute::new(directory) });
    let taken = bring_home(session, sample, route, &mut incoming, &mut hunt.record)
        .await
        .map_err(|error| Error::lost(&format!("snapshot {sample}"), &error))?;
    let bytes = incoming.bytes();
    let kept = incoming.keep().map_err(|error| {
        Error::incomplete(format!("snapshot {sample} is incomplete after {bytes} bytes: {error}"))
    })?;
    let took = since.elapsed();
    let route = gone_by(&taken);
    evidence.app_time.snapshot_by(route, taken.pause);
    evidence.snapshots.push(Snapshot {
        file: kept.file.clone(),
        sha256: kept.sha256,
        bytes: kept.bytes,
        nodes: kept.whole.nodes,
        edges: kept.whole.edges,
        taken_at,
        used_size: used(base),
        rss: base.rss,
        rss_after: None,
        predicted: prediction,
        pause_ms: millis::whole(taken.pause),
        wall_ms: millis::whole(took),
        wire_bytes: taken.wire_bytes,
        route,
        beside,
        id_space,
    });
    let done = Event::SnapshotDone {
        sample,
        of,
        file: kept.file,
        bytes: kept.bytes,
        wire_bytes: taken.wire_bytes,
        pause: taken.pause,
        took,
    };
    Ok((kept.whole.nodes, done))
}

/// The route that it has really gone by.
fn gone_by(taken: &Taken) -> Route {
    match taken.route {
        leakhunt_inspector::Route::Stream => Route::Stream,
        leakhunt_inspector::Route::File { .. } => Route::File,
    }
}

async fn bring_home(
    session: &Session,
    sample: u32,
    route: Option<FileRoute>,
    incoming: &mut Incoming,
    record: &mut Record<'_>,
) -> Result<Taken, leakhunt_inspector::Error> {
    let mut percent = None;
    let mut arriving = false;
    let progress = |progress| match progress {
        Progress::Taking { done, total } => {
            let now = (done.saturating_mul(100) / total.max(1)).min(100) as u8;
            if percent != Some(now) {
                percent = Some(now);
                record.tell(Event::SnapshotProgress { percent: now });
            }
        }
        Progress::Receiving { bytes, total } => {
            if !std::mem::replace(&mut arriving, true) {
                record.tell(Event::SnapshotArriving { sample });
            }
            record.tell(Event::Download { bytes, of: total });
        }
    };
    match route {
        Some(route) => session.snapshot_file(incoming, route, progress).await,
        None => session.snapshot_stream(incoming, progress).await,
    }
}
