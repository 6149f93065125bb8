//! Worker threads, each an isolate of its own that the main thread's readings and snapshots do not show.
//!
//! Theory of operation. `NodeWorker.enable` gives each worker a session in ours, and says so before it answers; one that is
//! started later gets one as well. Two things are done through these:
//!
//! - The heaps of all are read ([`heaps`]): a garbage collection, and how much is used. V8 does both when it is next
//!   interrupted, so that a worker in a busy loop answers, and one that sleeps in `Atomics.wait` (though these collect nothing:
//!   V8 leaves that to the event loop); one that is inside of native code answers when it is out of there, to nobody perhaps. No
//!   code is evaluated in a worker, and `NodeWorker.disable` ends all sessions.
//! - One is entered ([`enter`]), and its heap is studied as the main thread's is: by the same calls, which go to its session
//!   (`route.rs`), and the same pieces planted in it (`agent`). Its session stays, and so do those of the others, by which
//!   their heaps are read meanwhile.
//!
//! What a worker that is entered must do is come back to its event loop: V8 leaves collections to it, and from Node 22 on
//! snapshots as well. One that waits for its tasks in `Atomics.wait`, as some thread pools have it, never does; it is not
//! entered.
//!
//! Who does what. The main thread's dead-man is there first and closes the inspector. The snapshot file is the main thread's,
//! which is the one that pulls it and drops it; the worker writes into it, and makes no file. What the process has (clients,
//! descriptors, mappings, packages, sources) is asked of the main thread.
//!
//! Ends. A worker that has ended says so (`NodeWorker.detachedFromWorker`): each call to it fails from then on, at once, and
//! the session goes on ([`Error::ThreadEnded`]). One that is terminated while V8 builds a snapshot of its heap first ends that.
//!
//! A session of a worker outlives ours: Node 18 to 26 keep it, and its profilers with it, when the domain is disabled or the
//! connection is gone. So each is ended by name (`NodeWorker.detach`), and where nobody can do that any more, the dead-man in
//! the worker stops the sampling profiler, which is one for all sessions. A CPU profile and an allocation timeline it cannot stop:
//! whoever may lose the connection takes none in a worker. What is planted there stays in its heap then, until the worker ends.
//!
//! Measured, of reading the heaps, on Node 18.0 to 26 with workers that idle, loop, sleep in `Atomics.wait`, run `execSync`, grow, and
//! are terminated 40 times a second: 60 to 100 times in a row, the same with the connection dropped in between and the inspector
//! closed then. All programs went on, their workers could be terminated, and the main thread's object ids stayed what they were.
//!
//! Measured, of a worker that is entered, on Node 18.20, 20.20, 22.23, 24.21 and 26.10, while it allocates and the main thread is
//! busy three quarters of the time:
//!
//! - 20 snapshots by the stream and 20 by a file, one after the other: all whole, the object ids stable over both.
//! - Terminated within a snapshot, 16 times each: the snapshot came whole, then the worker ended. The connection dropped within
//!   one, 16 times each, then the worker terminated: all programs went on.
//! - Terminated while the connection is dropped or just was, of a heap of 150,000 objects. Of 20 to 26 all programs went on (20
//!   rounds each). Node 18 went on after 18 of 18 streams, and after 25 of 30 snapshots that were written within a call of the inspector's:
//!   the others ended it by a SIGSEGV. Where the worker's event loop writes it, which is what `agent.js` does, it went on after
//!   12 of 12.
//! - Small calls, one after the other, and the worker terminated among them: 17 to 25 times each, with calls that take no time and
//!   calls of 30 ms. All programs went on.
//! - The domain enabled for 25 s while workers come and go (130 to 440 of them), and 12 to 20 snapshots of one that stays: all of them
//!   ended when they should, and none was left with a session.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::agent::{self, Arming, WhenGone};
use crate::error::Error;
use crate::message::{FromWorker, Incoming, WorkerInfo};
use crate::route::Isolate;
use crate::state::{InWorker, State};
use crate::wire::{Verdict, Waiting, Wire};

/// For so long the answers of workers are waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Of no more the heap is asked for.
const MOST_WORKERS: usize = 64;
/// The number of the call that asks for it, in each worker's session.
const USAGE: u64 = 2;
/// Node's `threadId` of the main thread.
const MAIN: u64 = 0;

/// The heap of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerHeap {
    /// Its `threadId`.
    pub thread: u64,
    /// The name that the program gave it.
    pub name: Option<String>,
    /// The URL of its script; none where its code was evaluated.
    pub script: Option<String>,
    /// V8's used heap after a garbage collection, in bytes.
    pub used_size: u64,
}

/// Those of all worker threads; where one was entered, of all threads but that. None where Node does not know the domain.
pub(crate) async fn heaps(state: &mut State, within: Duration) -> Result<Option<Vec<WorkerHeap>>, Error> {
    let wire = state.wire.go(Isolate::Main);
    if state.worker.is_some() {
        let mut heaps = of_workers(wire).await?;
        heaps.insert(0, of_main(wire, within).await?);
        return Ok(Some(heaps));
    }
    // They may have sessions even where no answer came.
    state.running.workers = true;
    let heaps = match attach(wire, within).await {
        Ok(()) => Some(of_workers(wire).await?),
        Err(Error::Refused { .. }) => None,
        Err(error) => return Err(error),
    };
    if heaps.is_some() {
        detach(wire, within).await?;
    }
    state.running.workers = false;
    Ok(heaps)
}

/// Enters a worker thread and plants in it what studies its heap.
pub(crate) async fn enter(state: &mut State, thread: u64, hunt: &str, within: Duration) -> Result<(), Error> {
    // The main thread's comes first.
    let (_, _, planted) = state.dead_man("entering a worker thread")?;
    let arming = Arming {
        when_gone: WhenGone::KeepInspector,
        hunt,
        meant: Some(planted.identity),
        port: planted.port,
    };
    state.running.workers = true;
    let entered = plant(&mut state.wire, thread, arming, within).await;
    if entered.as_ref().is_err_and(|error| !error.ends_session()) {
        detach(&mut state.wire, within).await?;
        state.running.workers = false;
    }
    state.worker = Some(entered?);
    Ok(())
}

async fn plant(
    wire: &mut Wire,
    thread: u64,
    arming: Arming<'_>,
    within: Duration,
) -> Result<InWorker, Error> {
    attach(wire.go(Isolate::Main), within).await?;
    let is_it = |info: &WorkerInfo| titled(&info.title).is_some_and(|(of, _)| of == thread);
    let session = wire.route().others().find(|(_, info)| is_it(info)).map(|(session, _)| session.clone());
    let session = session.ok_or(Error::ThreadEnded { thread, doing: "entering it" })?;
    wire.route().enter(session, thread);
    let (dead_man, _) = agent::plant(wire, Isolate::Worker, arming, within).await?;
    let agent = dead_man.evidence(wire, within).await?;
    agent.ask::<Value>(wire, "turn", &[], within).await?;
    Ok(InWorker { dead_man, agent })
}

/// Gives the workers that run a session each.
async fn attach(wire: &mut Wire, within: Duration) -> Result<(), Error> {
    let params = json!({ "waitForDebuggerOnStart": false });
    wire.call::<Value>("NodeWorker.enable", params, within).await.map(drop)
}

/// Ends all sessions of workers, one by one: to disable the domain leaves them, with what runs in them.
pub(crate) async fn detach(wire: &mut Wire, within: Duration) -> Result<(), Error> {
    let sessions = wire.route().forget();
    let each: Vec<Value> = sessions.into_iter().map(|session| json!({ "sessionId": session })).collect();
    wire.call_all::<Value>("NodeWorker.detach", each, within).await?;
    wire.call::<Value>("NodeWorker.disable", json!({}), within).await.map(drop)
}

/// The heaps of those that have a session, but for one that was entered.
async fn of_workers(wire: &mut Wire) -> Result<Vec<WorkerHeap>, Error> {
    let others = wire.route().others().take(MOST_WORKERS);
    let mut asked: HashMap<String, WorkerInfo> =
        others.map(|(session, info)| (session.clone(), info.clone())).collect();
    let limit = Waiting {
        doing: "workers' heaps",
        idle: PATIENCE,
        until: Instant::now() + PATIENCE,
        total: PATIENCE,
    };
    for session in asked.keys() {
        say(wire, session, 1, "HeapProfiler.collectGarbage", &limit).await?;
        say(wire, session, USAGE, "Runtime.getHeapUsage", &limit).await?;
    }
    let mut heaps = Vec::new();
    while !asked.is_empty() {
        match answer(wire, &limit).await {
            Ok((session, used)) => {
                heaps.extend(asked.remove(&session).zip(used).and_then(|(info, used)| heap(&info, used)));
            }
            Err(Error::Stalled { .. } | Error::Overdue { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    heaps.sort_by_key(|heap| heap.thread);
    Ok(heaps)
}

/// That of the main thread.
async fn of_main(wire: &mut Wire, within: Duration) -> Result<WorkerHeap, Error> {
    wire.call_raw("HeapProfiler.collectGarbage", json!({}), within).await?;
    let usage: Usage = wire.call("Runtime.getHeapUsage", json!({}), within).await?;
    let used_size = usage.used_size.unwrap_or(0.0) as u64;
    Ok(WorkerHeap { thread: MAIN, name: None, script: None, used_size })
}

/// Says something in a worker's session; that it is gone already, its own event says.
async fn say(wire: &mut Wire, session: &str, id: u64, method: &str, limit: &Waiting) -> Result<(), Error> {
    let message = json!({ "id": id, "method": method }).to_string();
    let params = json!({ "sessionId": session, "message": message });
    wire.send("NodeWorker.sendMessageToWorker", params, limit).await.map(drop)
}

#[derive(Deserialize)]
struct Answer {
    id: Option<u64>,
    result: Option<Usage>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Usage {
    used_size: Option<f64>,
}

/// The next worker that has answered, with its used heap, or has gone.
async fn answer(wire: &mut Wire, limit: &Waiting) -> Result<(String, Option<u64>), Error> {
    wire.read(limit, |_, incoming| {
        Ok(match incoming {
            Incoming::Worker(FromWorker::Gone { session_id }) => Verdict::Done((session_id, None)),
            Incoming::Worker(FromWorker::Says { session_id, message }) => {
                match serde_json::from_str::<Answer>(&message) {
                    Ok(Answer { id: Some(USAGE), result }) => {
                        let used = result.and_then(|usage| usage.used_size).map(|bytes| bytes as u64);
                        Verdict::Done((session_id, used))
                    }
                    _ => Verdict::Continue,
                }
            }
            _ => Verdict::Continue,
        })
    })
    .await
}

/// None where its title does not tell the thread's id.
fn heap(info: &WorkerInfo, used_size: u64) -> Option<WorkerHeap> {
    let (thread, name) = titled(&info.title)?;
    let script = Some(&info.url).filter(|url| !url.is_empty()).cloned();
    Some(WorkerHeap { thread, name, script, used_size })
}

/// The thread's id and its name in `[worker 3] resize`; Node before 18.13 says `Worker 3`. `WorkerThread` is what Node 24 calls one
/// that has no name.
fn titled(title: &str) -> Option<(u64, Option<String>)> {
    let (thread, name) = match title.strip_prefix("[worker ") {
        Some(rest) => rest.split_once(']')?,
        None => (title.strip_prefix("Worker ")?, ""),
    };
    let name = Some(name.trim()).filter(|name| !matches!(*name, "" | "WorkerThread"));
    Some((thread.parse().ok()?, name.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_tells_the_thread_and_its_name() {
        let named = |name: &str| Some(name.to_owned());
        assert_eq!(titled("[worker 3] resize"), Some((3, named("resize"))));
        assert_eq!(titled("[worker 12] a] b"), Some((12, named("a] b"))));
        assert_eq!(titled("[worker 1]"), Some((1, None)));
        assert_eq!(titled("[worker 1] WorkerThread"), Some((1, None)));
        assert_eq!(titled("Worker 4"), Some((4, None)));
        assert_eq!(titled("[worker x] resize"), None);
        assert_eq!(titled("resize"), None);
    }
}
