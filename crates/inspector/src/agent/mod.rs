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
//!
//! In a worker thread that is entered the same pieces are planted again, by the same way. There the dead-man has nothing to close:
//! the main thread's does, and tells it the inspector's port, which a worker does not know; it drops what the agent holds
//! in the worker when the last client has gone.

mod clock;
mod count;
mod descriptors;
mod disk;
mod event_loop;
mod mappings;
mod memory;
mod resources;

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::cut;
use crate::error::Error;
use crate::route::Isolate;
use crate::wire::{CallId, Waiting, Wire, protocol};

mod plant;

pub(crate) use clock::{Clock, clocked, collect_garbage};
pub use count::Count;
pub(crate) use count::count;
pub use descriptors::Descriptors;
pub(crate) use descriptors::descriptors;
pub(crate) use disk::disk;
pub use disk::{Directory, Disk, Medium};
pub use event_loop::EventLoop;
pub(crate) use event_loop::{event_loop, watch_event_loop};
pub use mappings::Mappings;
pub(crate) use mappings::mappings;
pub use memory::Memory;
pub(crate) use memory::memory;
pub(crate) use plant::{Arming, plant};
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
    /// The inspector's port, as the process knows it; none where it does not say.
    pub port: Option<u16>,
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

/// A planted object: its handle in this session, and in whose isolate it is.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    object: String,
    isolate: Isolate,
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

impl<T> Answer<T> {
    /// What was done, or the error that its failure is.
    pub(crate) fn done(self, failed: impl FnOnce(Failure) -> Error) -> Result<T, Error> {
        match self {
            Self::Done(done) => Ok(done),
            Self::Failed { error } => Err(failed(error)),
        }
    }
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
        let wire = wire.go(self.isolate);
        let evaluated: Evaluated = wire.call("Runtime.callFunctionOn", params, within).await?;
        let object = evaluated.thrown("planting the agent").map_err(no_agent)?;
        let object =
            object.object_id.ok_or_else(|| protocol("planting the agent", "no object".to_owned()))?;
        Ok(Self { object, isolate: self.isolate })
    }

    /// In whose isolate it is.
    pub(crate) fn isolate(&self) -> Isolate {
        self.isolate
    }

    /// Asks the dead-man who the process is.
    pub(crate) async fn facts<R: DeserializeOwned>(
        &self,
        wire: &mut Wire,
        within: Duration,
    ) -> Result<R, Error> {
        let raw = self.run(wire, FACTS, false, within).await?;
        let evaluated: Evaluated =
            serde_json::from_str(raw.get()).map_err(|error| protocol("facts", error.to_string()))?;
        let object = evaluated.thrown("facts")?;
        serde_json::from_value(object.value).map_err(|error| protocol("facts", error.to_string()))
    }

    /// Calls a function on it, and waits for what its promise comes to, if it `promises`.
    async fn run(
        &self,
        wire: &mut Wire,
        function: &str,
        promises: bool,
        within: Duration,
    ) -> Result<Box<RawValue>, Error> {
        let params = json!({
            "objectId": self.object,
            "functionDeclaration": function,
            "returnByValue": true,
            "awaitPromise": promises,
            "silent": true,
        });
        wire.go(self.isolate).call_raw("Runtime.callFunctionOn", params, within).await
    }

    /// Calls one of its methods and waits for the answer.
    pub(crate) async fn ask<R: DeserializeOwned>(
        &self,
        wire: &mut Wire,
        method: &'static str,
        arguments: &[Value],
        within: Duration,
    ) -> Result<R, Error> {
        let answer = self.try_ask(wire, method, arguments, within).await?;
        answer.done(|error| Error::Refused { what: method, why: error.message })
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
        let raw = wire.go(self.isolate).call_raw("Runtime.callFunctionOn", params, within).await?;
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
        wire.go(self.isolate).send("Runtime.callFunctionOn", self.params(method, arguments), limit).await
    }

    /// As [`Self::send`], with the next call that is sent.
    pub(crate) async fn queue(
        &self,
        wire: &mut Wire,
        method: &'static str,
        limit: &Waiting,
    ) -> Result<CallId, Error> {
        wire.go(self.isolate).queue("Runtime.callFunctionOn", self.params(method, &[]), limit).await
    }

    fn params(&self, method: &str, arguments: &[Value]) -> Value {
        let arguments: Vec<Value> = arguments.iter().map(|value| json!({ "value": value })).collect();
        json!({
            "objectId": self.object,
            "functionDeclaration": format!("function leakhuntAsk(one,two){{return this.{method}(one,two)}}"),
            "arguments": arguments,
            "returnByValue": true,
            "awaitPromise": matches!(method, "write" | "block" | "sources" | "packages" | "turn"),
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
