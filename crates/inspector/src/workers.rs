//! The heaps of worker threads, each an isolate of its own that the main thread's readings do not show.
//!
//! Theory of operation. `NodeWorker.enable` gives each worker a session in ours, and says so before it answers. Through these
//! every worker is asked for a garbage collection and for its heap, and `NodeWorker.disable` ends all of them. V8 does both when
//! it is next interrupted, so that a worker in a busy loop answers, and one that sleeps in `Atomics.wait`; one that is inside of
//! native code answers when it is out of there, to nobody perhaps. No code is evaluated in a worker.
//!
//! Measured on Node 18.0 to 26 with workers that idle, loop, sleep in `Atomics.wait`, run `execSync`, grow, and are terminated 40
//! times a second: 60 to 100 times in a row, the same with the connection dropped in between and the inspector closed then. All
//! programs went on, their workers could be terminated, and the main thread's object ids stayed what they were.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::error::Error;
use crate::message::{FromWorker, Incoming, WorkerInfo};
use crate::wire::{Verdict, Waiting, Wire};

/// For so long the answers of workers are waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Of no more the heap is asked for.
const MOST_WORKERS: usize = 64;
/// The number of the call that asks for it, in each worker's session.
const USAGE: u64 = 2;

/// A worker thread, and what it has in its heap.
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

/// None where Node does not know the domain.
pub(crate) async fn heaps(wire: &mut Wire, within: Duration) -> Result<Option<Vec<WorkerHeap>>, Error> {
    let mut asked = match attach(wire, within).await {
        Ok(attached) => attached,
        Err(Error::Refused { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
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
    detach(wire, within).await?;
    heaps.sort_by_key(|heap| heap.thread);
    Ok(Some(heaps))
}

/// Gives the workers that run a session each; what they are by its id.
async fn attach(wire: &mut Wire, within: Duration) -> Result<HashMap<String, WorkerInfo>, Error> {
    let limit = Waiting::new("NodeWorker.enable", within, within);
    let params = json!({ "waitForDebuggerOnStart": false });
    let call = wire.send("NodeWorker.enable", params, &limit).await?;
    let mut attached = HashMap::new();
    wire.read(&limit, |id, incoming| {
        match incoming {
            Incoming::Reply { outcome, .. } if id == Some(call) => {
                return outcome
                    .map(|_| Verdict::Done(()))
                    .map_err(|why| Error::Refused { what: "NodeWorker.enable", why });
            }
            Incoming::Worker(FromWorker::Attached { session_id, worker_info })
                if attached.len() < MOST_WORKERS =>
            {
                attached.insert(session_id, worker_info);
            }
            _ => {}
        }
        Ok(Verdict::Continue)
    })
    .await?;
    Ok(attached)
}

/// Ends all sessions of workers.
pub(crate) async fn detach(wire: &mut Wire, within: Duration) -> Result<(), Error> {
    wire.call::<Value>("NodeWorker.disable", json!({}), within).await.map(drop)
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
