//! Which thread's heap is hunted.
//!
//! Each worker thread has a heap of its own, which the main thread's readings and snapshots do not show. Where the process has
//! none, nothing is asked further. Where it has, and no thread was named, all heaps are read twice after garbage collections,
//! some seconds apart: the worker's that grows is hunted, unless the main thread's grows as much. A leak too slow to be seen
//! in that time leaves the main thread, as before; what the other heaps do is read beside each snapshot, and told.
//!
//! A CPU profile and an allocation timeline are the main thread's: in a worker nothing could stop them where the connection is lost
//! (`inspector/src/workers.rs`).
//!
//! Entering one (`Session::enter`) makes its heap the one that all that follows is about. A connection that is made again
//! has to enter it again.

mod grow;

use leakhunt_inspector::Session;
use tokio::time::sleep;

use self::grow::{Heaps, most_grown, the_growing};
use crate::attach::Attached;
use crate::data::{Error, Event, Profile, WhichThread, WorkerHeap, WorkerThread};
use crate::evidence::Evidence;
use crate::hunt::Hunt;

/// Chooses, and enters a worker thread if one is to be hunted.
pub(crate) async fn choose(
    hunt: &mut Hunt<'_>,
    attached: &Attached<'_>,
    evidence: &mut Evidence,
) -> Result<(), Error> {
    let session = &attached.session;
    let of_main = hunt.plan.takes(Profile::Cpu) || hunt.plan.takes(Profile::Timeline);
    if hunt.plan.worker == Some(WhichThread::Main) || of_main {
        return Ok(());
    }
    let heaps = workers(session).await?;
    let Some(WhichThread::Worker(asked)) = &hunt.plan.worker else {
        let Some((worker, why)) = growing(hunt, session, heaps).await? else { return Ok(()) };
        return match enter(hunt, session, evidence, worker, why).await {
            Err(Error::ThreadSilent { .. }) => Ok(()),
            entered => entered,
        };
    };
    let named: Vec<WorkerHeap> = heaps.iter().filter(|heap| heap.is_called(asked)).cloned().collect();
    if named.is_empty() {
        return Err(Error::NoThread {
            target: hunt.target.clone(),
            pid: attached.subject.process.pid,
            asked: asked.clone(),
            threads: heaps.iter().map(Into::into).collect(),
        });
    }
    let (worker, why) = one_of(hunt, session, named).await?;
    enter(hunt, session, evidence, worker, why).await
}

/// Enters the same one on a connection that was made again.
pub(crate) async fn again(hunt: &Hunt<'_>, session: &Session, evidence: &Evidence) -> Result<(), Error> {
    let Some(worker) = &evidence.worker else { return Ok(()) };
    let entered = session.enter(worker.thread, &hunt.name).await;
    entered.map_err(|error| Error::lost("entering it again", &error))
}

/// A worker thread that is not heard of may be one of a process that is not: then it is the connection that was lost.
pub(crate) async fn blamed(session: &Session, error: Error) -> Error {
    match error {
        Error::ThreadSilent { doing, why, .. } if session.clients().await.is_err() => {
            Error::incomplete(format!("{doing}: {why}"))
        }
        error => error,
    }
}

async fn enter(
    hunt: &mut Hunt<'_>,
    session: &Session,
    evidence: &mut Evidence,
    worker: WorkerThread,
    why: String,
) -> Result<(), Error> {
    if let Err(error) = session.enter(worker.thread, &hunt.name).await {
        if matches!(error, leakhunt_inspector::Error::ThreadSilent { .. }) && hunt.plan.worker.is_none() {
            hunt.record.warn(format!(
                "{worker} {why}, but does not come back to its event loop, without which nothing can be taken of it: the main \
                 thread is hunted"
            ));
        }
        return Err(Error::lost("entering it", &error));
    }
    let WorkerThread { thread, name, script } = worker.clone();
    hunt.record.tell(Event::Entered { thread, name, script, why });
    evidence.worker = Some(worker);
    evidence.save(hunt)
}

/// The worker thread whose heap grows more than the main thread's, and by how much.
async fn growing(
    hunt: &mut Hunt<'_>,
    session: &Session,
    workers: Vec<WorkerHeap>,
) -> Result<Option<(WorkerThread, String)>, Error> {
    if workers.is_empty() {
        return Ok(None);
    }
    let before = Heaps { main: of_main(session).await?, workers };
    look(hunt, &before.workers).await;
    let after = Heaps { main: of_main(session).await?, workers: self::workers(session).await? };
    let grown = the_growing(&before, &after);
    Ok(grown.map(|grown| (grown.worker, format!("grew by {}", in_time(hunt, grown.by)))))
}

/// Of several that have one name, as the workers of a pool, the one whose heap grows most, or the largest.
async fn one_of(
    hunt: &mut Hunt<'_>,
    session: &Session,
    named: Vec<WorkerHeap>,
) -> Result<(WorkerThread, String), Error> {
    if let [only] = named.as_slice() {
        return Ok((only.into(), "was asked for".to_owned()));
    }
    look(hunt, &named).await;
    let after = workers(session).await?;
    if let Some(grown) = most_grown(&named, &after) {
        return Ok((grown.worker, format!("grew most of those of its name, by {}", in_time(hunt, grown.by))));
    }
    let largest = named.iter().max_by_key(|heap| heap.used).expect("there are several");
    Ok((largest.into(), "is the largest of those of its name".to_owned()))
}

async fn look(hunt: &mut Hunt<'_>, workers: &[WorkerHeap]) {
    let threads = workers.iter().map(|heap| heap.thread).collect();
    hunt.record.tell(Event::Threads { threads, look: hunt.plan.look_for });
    sleep(hunt.plan.look_for).await;
}

fn in_time(hunt: &Hunt<'_>, bytes: u64) -> String {
    format!("{:.1} MB in {:.0} s", bytes as f64 / 1e6, hunt.plan.look_for.as_secs_f64())
}

/// The worker threads that answer.
async fn workers(session: &Session) -> Result<Vec<WorkerHeap>, Error> {
    let heaps = session
        .workers()
        .await
        .map_err(|error| Error::lost("reading the heaps of worker threads", &error))?;
    Ok(heaps.unwrap_or_default().into_iter().map(Into::into).collect())
}

/// The main thread's used heap, after a garbage collection.
async fn of_main(session: &Session) -> Result<u64, Error> {
    let lost = |error| Error::lost("reading the main thread's heap", &error);
    session.collect_garbage().await.map_err(lost)?;
    Ok(session.memory().await.map_err(lost)?.used_size)
}
