//! What leakhunt puts into the process: small JavaScript objects, held by this session and by the dead-man's timer.
//!
//! Theory of operation. Three pieces, planted one after the other, so that what fails later finds what came before:
//!
//! 1. The *dead-man* ([`plant()`], `dead_man.js`), before anything is asked: it needs nothing of the application's world, so
//!    there is hardly an application in which it cannot be planted. It arms itself only in the very process that is meant
//!    ([`Identity`]), by a comparison in the same call. From then on the inspector closes when our connection is gone.
//! 2. *Facts* (`facts.js`): who the process is. Each may be missing.
//! 3. The *agent* ([`Agent::evidence`], `agent.js`), when the first reading is asked for: it uses Node's public modules, which an
//!    application may have changed beyond use. Then there is no evidence, and the dead-man closes all the same.
//!
//! Afterwards every reading is one tiny call on such an object ([`Agent::ask`]).

mod clock;
mod count;
mod descriptors;
mod event_loop;
mod mappings;
mod resources;

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::cut;
use crate::error::Error;
use crate::wire::{CallId, Waiting, Wire, protocol};

mod plant;

pub(crate) use clock::{Clock, clocked, collect_garbage};
pub use count::Count;
pub(crate) use count::count;
pub use descriptors::Descriptors;
pub(crate) use descriptors::descriptors;
pub use event_loop::EventLoop;
pub(crate) use event_loop::{event_loop, watch_event_loop};
pub use mappings::Mappings;
pub(crate) use mappings::mappings;
pub(crate) use plant::plant;
pub(crate) use resources::resources;

const AGENT: &str = include_str!("agent.js");
const FACTS: &str = include_str!("facts.js");

/// Which process is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Its process id.
    pub pid: u32,
    /// When it started, in clock ticks since boot (field 22 of `/proc/PID/stat`).
    pub start: Option<u64>,
}

/// What the dead-man does about the inspector when the last client has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenGone {
    /// Closes it: we opened it.
    CloseInspector,
    /// Leaves it as it was found, open; only the snapshot file is dropped.
    KeepInspector,
}

/// What [`Session::plant`](crate::Session::plant) armed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// Which process it is; the start time is `None` where /proc cannot be read.
    pub identity: Identity,
    /// Clients of the inspector's port, us included; `None` where the process cannot see them.
    pub clients: Option<u32>,
    /// Why no dead-man watches, where none does: without /proc, or without the permission to read it, the process
    /// cannot tell whether its clients live.
    pub unwatched: Option<String>,
    /// What it does when the last client has gone. It closes what was to be kept if a hunt that was killed had opened it.
    pub when_gone: WhenGone,
    /// Another hunt is under way in this process: nothing was armed, and nothing may be done there.
    pub rival: bool,
}

impl fmt::Display for Planted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.unwatched, self.when_gone) {
            (Some(why), _) => write!(f, "no dead man's switch: {why}"),
            (None, WhenGone::CloseInspector) => f.write_str("dead man's switch armed"),
            (None, WhenGone::KeepInspector) => f.write_str("dead man's switch armed for the file only"),
        }?;
        match self.clients {
            Some(clients @ 2..) => write!(f, "; {} more connected to the inspector", clients - 1),
            _ => Ok(()),
        }
    }
}

/// One raw reading. `used_size` contains garbage: force a collection before it is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// V8's used heap, in bytes; what `Runtime.getHeapUsage` calls `usedSize`.
    pub used_size: u64,
    /// V8's committed heap, in bytes.
    pub total_size: u64,
    /// Memory outside the heap that objects in it keep, in bytes; `array_buffers` included.
    pub external: u64,
    /// `ArrayBuffer`s and Node's `Buffer`s, in bytes.
    pub array_buffers: u64,
    /// Resident set, in bytes.
    pub rss: u64,
    /// The largest that the resident set has been in the process's life, in bytes; 0 where the system does not tell.
    pub peak_rss: u64,
    /// V8's `heap_size_limit`: beyond it the process dies of a fatal error.
    pub heap_limit: u64,
    /// The container's limit (`process.constrainedMemory`), where there is one and Node tells it.
    pub constrained: Option<u64>,
    /// The process's uptime at the reading.
    pub taken_at_uptime: Duration,
    /// Time that our evaluated code has taken from the application's event loop so far, snapshots excepted.
    pub spent: Duration,
}

/// Where the process could write a snapshot, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Directories that it may write to.
    pub directories: Vec<Directory>,
}

impl Disk {
    /// The first directory on a real disk with at least `needed` bytes free.
    pub fn room_for(&self, needed: u64) -> Option<&Directory> {
        self.directories.iter().find(|directory| {
            directory.medium == Medium::Disk && directory.free.is_some_and(|free| free >= needed)
        })
    }

    /// The first directory in memory with at least `needed` bytes free. What is written there counts as memory.
    pub fn memory_for(&self, needed: u64) -> Option<&Directory> {
        let has_room = |directory: &&Directory| directory.free.is_some_and(|free| free >= needed);
        self.directories.iter().filter(has_room).find(|directory| directory.medium == Medium::Memory)
    }

    /// Whether there is one of which Node cannot tell how much is free.
    pub fn is_partly_unknown(&self) -> bool {
        self.directories.iter().any(|directory| directory.free.is_none())
    }
}

/// One directory there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Its path.
    pub path: String,
    /// Free bytes for this process; `None` where Node cannot tell (before 18.15).
    pub free: Option<u64>,
    /// What it is made of.
    pub medium: Medium,
}

/// What a directory is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// A disk, or what the container has for one.
    Disk,
    /// tmpfs or ramfs: a file there counts as memory.
    Memory,
    /// Node cannot tell.
    Unknown,
}

/// A planted object: its handle in this session.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    object: String,
}

/// Everything of ours in the session is released by this name.
pub(crate) const OBJECT_GROUP: &str = "leakhunt";

/// What `Runtime.evaluate` and `Runtime.callFunctionOn` answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Evaluated {
    result: RemoteObject,
    exception_details: Option<Exception>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RemoteObject {
    object_id: Option<String>,
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
struct Exception {
    text: String,
    exception: Option<Thrown>,
}

#[derive(Deserialize)]
struct Thrown {
    description: Option<String>,
}

/// What the agent answers: itself, or what went wrong.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Answer<T> {
    Failed { error: Failure },
    Done(T),
}

#[derive(Debug, Deserialize)]
pub(crate) struct Failure {
    #[serde(deserialize_with = "cut::a_reason")]
    pub(crate) code: String,
    #[serde(deserialize_with = "cut::a_reason")]
    pub(crate) message: String,
}

/// Evaluates an expression and keeps the resulting object; returns its handle. The command line API stays out of it: V8
/// defines its names on the global object for that time, which an application that froze it does not allow.
pub(crate) async fn hold(wire: &mut Wire, expression: &str, within: Duration) -> Result<String, Error> {
    let params = json!({ "expression": expression, "objectGroup": OBJECT_GROUP, "silent": true });
    let evaluated: Evaluated = wire.call("Runtime.evaluate", params, within).await?;
    let object = evaluated.thrown("evaluating")?;
    object.object_id.ok_or_else(|| protocol("evaluating", "no object"))
}

impl Agent {
    /// Plants the agent on the dead-man.
    pub(crate) async fn evidence(&self, wire: &mut Wire, within: Duration) -> Result<Self, Error> {
        let params = json!({
            "objectId": self.object, "functionDeclaration": AGENT, "objectGroup": OBJECT_GROUP, "silent": true,
        });
        let evaluated: Evaluated = wire.call("Runtime.callFunctionOn", params, within).await?;
        let object = evaluated.thrown("planting the agent").map_err(no_agent)?;
        let object =
            object.object_id.ok_or_else(|| protocol("planting the agent", "no object".to_owned()))?;
        Ok(Self { object })
    }

    /// Asks the dead-man who the process is.
    pub(crate) async fn facts<R: DeserializeOwned>(
        &self,
        wire: &mut Wire,
        within: Duration,
    ) -> Result<R, Error> {
        let params = json!({
            "objectId": self.object, "functionDeclaration": FACTS, "returnByValue": true, "silent": true,
        });
        let evaluated: Evaluated = wire.call("Runtime.callFunctionOn", params, within).await?;
        let object = evaluated.thrown("facts")?;
        serde_json::from_value(object.value).map_err(|error| protocol("facts", error.to_string()))
    }

    /// Calls one of its methods and waits for the answer.
    pub(crate) async fn ask<R: DeserializeOwned>(
        &self,
        wire: &mut Wire,
        method: &'static str,
        arguments: &[Value],
        within: Duration,
    ) -> Result<R, Error> {
        match self.try_ask(wire, method, arguments, within).await? {
            Answer::Done(done) => Ok(done),
            Answer::Failed { error } => Err(Error::Refused { what: method, why: error.message }),
        }
    }

    /// As [`Self::ask`], where the caller knows what a failure of the system means.
    pub(crate) async fn try_ask<R: DeserializeOwned>(
        &self,
        wire: &mut Wire,
        method: &'static str,
        arguments: &[Value],
        within: Duration,
    ) -> Result<Answer<R>, Error> {
        let params = self.params(method, arguments);
        let raw = wire.call_raw("Runtime.callFunctionOn", params, within).await?;
        read_answer(method, raw.get())
    }

    /// Sends a call without waiting: its answer is read by [`read_answer`].
    pub(crate) async fn send(
        &self,
        wire: &mut Wire,
        method: &'static str,
        arguments: &[Value],
        limit: &Waiting,
    ) -> Result<CallId, Error> {
        wire.send("Runtime.callFunctionOn", self.params(method, arguments), limit).await
    }

    /// As [`Self::send`], with the next call that is sent.
    pub(crate) async fn queue(
        &self,
        wire: &mut Wire,
        method: &'static str,
        limit: &Waiting,
    ) -> Result<CallId, Error> {
        wire.queue("Runtime.callFunctionOn", self.params(method, &[]), limit).await
    }

    fn params(&self, method: &str, arguments: &[Value]) -> Value {
        let arguments: Vec<Value> = arguments.iter().map(|value| json!({ "value": value })).collect();
        json!({
            "objectId": self.object,
            "functionDeclaration": format!("function leakhuntAsk(one,two){{return this.{method}(one,two)}}"),
            "arguments": arguments,
            "returnByValue": true,
            "awaitPromise": matches!(method, "block" | "sources" | "packages"),
            "silent": true,
        })
    }
}

/// Reads the result of a call on the agent.
pub(crate) fn read_answer<R: DeserializeOwned>(
    method: &'static str,
    result: &str,
) -> Result<Answer<R>, Error> {
    let evaluated: Evaluated =
        serde_json::from_str(result).map_err(|error| protocol(method, error.to_string()))?;
    let object = evaluated.thrown(method)?;
    serde_json::from_value(object.value).map_err(|error| protocol(method, error.to_string()))
}

/// The process has lost what the agent needs.
fn no_agent(error: Error) -> Error {
    match error {
        Error::Refused { why, .. } => Error::NoAgent { why },
        other => other,
    }
}

impl Evaluated {
    fn thrown(self, what: &'static str) -> Result<RemoteObject, Error> {
        let Some(details) = self.exception_details else { return Ok(self.result) };
        let why = details.exception.and_then(|thrown| thrown.description).unwrap_or(details.text);
        let first = why.lines().next().unwrap_or_default();
        Err(Error::Refused { what, why: first.chars().take(200).collect() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MemoryReading {
    used: f64,
    total: f64,
    external: f64,
    buffers: f64,
    rss: f64,
    peak: f64,
    heap_limit: f64,
    constrained: Option<f64>,
    uptime: f64,
    spent: f64,
}

pub(crate) async fn memory(agent: &Agent, wire: &mut Wire, within: Duration) -> Result<Memory, Error> {
    let reading: MemoryReading = agent.ask(wire, "memory", &[], within).await?;
    Ok(Memory {
        used_size: reading.used as u64,
        total_size: reading.total as u64,
        external: reading.external as u64,
        array_buffers: reading.buffers as u64,
        rss: reading.rss as u64,
        peak_rss: reading.peak as u64,
        heap_limit: reading.heap_limit as u64,
        constrained: reading.constrained.map(|bytes| bytes as u64),
        taken_at_uptime: seconds(reading.uptime),
        spent: milliseconds(reading.spent),
    })
}

#[derive(Deserialize)]
struct DiskReading {
    directories: Vec<DirectoryReading>,
}

#[derive(Deserialize)]
struct DirectoryReading {
    #[serde(deserialize_with = "cut::a_name")]
    path: String,
    free: Option<f64>,
    memory: Option<bool>,
}

pub(crate) async fn disk(agent: &Agent, wire: &mut Wire, within: Duration) -> Result<Disk, Error> {
    let reading: DiskReading = agent.ask(wire, "disk", &[], within).await?;
    let directory = |reading: DirectoryReading| Directory {
        path: reading.path,
        free: reading.free.map(|bytes| bytes as u64),
        medium: match reading.memory {
            Some(true) => Medium::Memory,
            Some(false) => Medium::Disk,
            None => Medium::Unknown,
        },
    };
    Ok(Disk { directories: reading.directories.into_iter().map(directory).collect() })
}

#[derive(Deserialize)]
struct ClientCount {
    clients: Option<u32>,
}

pub(crate) async fn clients(agent: &Agent, wire: &mut Wire, within: Duration) -> Result<Option<u32>, Error> {
    Ok(agent.ask::<ClientCount>(wire, "clients", &[], within).await?.clients)
}

/// A number of seconds that the other side named; nonsense becomes zero.
pub(crate) fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value).unwrap_or_default()
}

/// A number of milliseconds that the other side named; nonsense becomes zero.
pub(crate) fn milliseconds(value: f64) -> Duration {
    seconds(value / 1000.0)
}
