//! How the dead-man gets into a process, whatever the application has made of its world.
//!
//! An application can freeze, pollute, replace or delete everything that evaluated code would use, `process` and `require`
//! included. What it cannot touch are the closures of Node's own functions, and V8's inspector shows them: the internal
//! property `[[Scopes]]` of a function (on Node 18 to 26 without `Debugger.enable`). In that of any function of Node's
//! JavaScript is Node's own `require`, which loads what no program can have changed.
//!
//! 1. The properties of the global object are listed; that runs no code. Functions and getters among them are candidates,
//!    those first that Node itself puts there.
//! 2. Of a batch of candidates the scopes are asked for, all at once.
//! 3. `dead_man.js` is called with these. It answers `null` where no scope is Node's, and the next batch is tried; last of
//!    all the command line API's own `require`, for which V8 runs some code of Node's that an application can disturb.
//!
//! The same call compares the process id and the start time with those that are meant, and only then arms the dead-man:
//! nothing is done to another process, and there is no moment between the look and the act.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Agent, Evaluated, Identity, OBJECT_GROUP, Planted, WhenGone};
use crate::cut;
use crate::error::Error;
use crate::route::Isolate;
use crate::wire::Wire;

const DEAD_MAN: &str = include_str!("dead_man.js");

/// What is looked through for a way in, released when there is one.
const SEARCH_GROUP: &str = "leakhunt-search";
/// Node's own functions that are there on 18 to 26 and made of JavaScript.
const NODES_OWN: [&str; 8] = [
    "setTimeout",
    "setImmediate",
    "clearTimeout",
    "Buffer",
    "URL",
    "structuredClone",
    "AbortController",
    "fetch",
];
/// Candidates at once, and in all: an application may have thousands of globals.
const BATCH: usize = 48;
const MOST_CANDIDATES: usize = 960;

#[derive(Deserialize)]
struct Described {
    pid: f64,
    start: Option<f64>,
    stranger: bool,
    watching: bool,
    #[serde(deserialize_with = "cut::a_reason")]
    why: String,
    clients: Option<u32>,
    port: u32,
    closes: bool,
    rival: bool,
}

/// What the dead-man is told when it is planted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arming<'a> {
    pub(crate) when_gone: WhenGone,
    /// Those of one hunt take each other's place.
    pub(crate) hunt: &'a str,
    /// The process in which it may arm itself.
    pub(crate) meant: Option<Identity>,
    /// The inspector's port, for a worker thread, which does not know it.
    pub(crate) port: Option<u16>,
}

impl Arming<'_> {
    /// Of a session that only closes an inspector.
    pub(crate) fn to_close(meant: Option<Identity>) -> Self {
        Self { when_gone: WhenGone::CloseInspector, hunt: "", meant, port: None }
    }
}

/// Plants the dead-man in an isolate and asks what it could arm.
pub(crate) async fn plant(
    wire: &mut Wire,
    isolate: Isolate,
    Arming { when_gone, hunt, meant, port }: Arming<'_>,
    within: Duration,
) -> Result<(Agent, Planted), Error> {
    wire.go(isolate);
    let closes = when_gone == WhenGone::CloseInspector;
    let (pid, start) = (meant.map(|meant| meant.pid), meant.and_then(|meant| meant.start));
    let arguments = [closes.into(), hunt.into(), pid.into(), start.into(), port.into()];
    let found = search(wire, &arguments, within).await;
    // What was looked through is V8's again, whatever came of it.
    let released = json!({ "objectGroup": SEARCH_GROUP });
    let released = wire.call_raw("Runtime.releaseObjectGroup", released, within).await;
    let agent = Agent { object: found?, isolate };
    released?;
    let described: Described = agent.ask(wire, "describe", &[], within).await?;
    if described.stranger {
        return Err(Error::OtherProcess { pid: described.pid as u32 });
    }
    let when_gone = if described.closes { WhenGone::CloseInspector } else { WhenGone::KeepInspector };
    let planted = Planted {
        identity: Identity { pid: described.pid as u32, start: described.start.map(|ticks| ticks as u64) },
        clients: described.clients,
        port: u16::try_from(described.port).ok().filter(|port| *port > 0),
        unwatched: (!described.watching).then_some(described.why),
        when_gone,
        rival: described.rival,
    };
    Ok((agent, planted))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    result: Option<Vec<Property>>,
    internal_properties: Option<Vec<Property>>,
}

#[derive(Deserialize)]
struct Property {
    name: String,
    value: Option<Held>,
    get: Option<Held>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Held {
    r#type: String,
    object_id: Option<String>,
}

/// The handle of the dead-man.
async fn search(wire: &mut Wire, arguments: &[Value], within: Duration) -> Result<String, Error> {
    let params = json!({ "expression": "this", "objectGroup": SEARCH_GROUP, "silent": true });
    let evaluated: Evaluated = wire.call("Runtime.evaluate", params, within).await?;
    let global = evaluated.thrown("evaluating")?.object_id.ok_or_else(no_way_in)?;
    let candidates = candidates(wire, &global, within).await?;
    for batch in candidates.chunks(BATCH) {
        if let Some(object) = try_scopes(wire, batch, &global, arguments, within).await? {
            return Ok(object);
        }
    }
    let params = json!({
        "expression": "require", "objectGroup": SEARCH_GROUP, "includeCommandLineAPI": true, "silent": true,
    });
    let evaluated: Evaluated = wire.call("Runtime.evaluate", params, within).await?;
    let require = evaluated.thrown("evaluating").ok().and_then(|require| require.object_id);
    let found = try_scopes(wire, require.as_slice(), &global, arguments, within).await?;
    found.ok_or_else(no_way_in)
}

fn no_way_in() -> Error {
    Error::Refused { what: "planting", why: "none of its functions leads to Node's own code".to_owned() }
}

/// Functions that the global object has, Node's own first.
async fn candidates(wire: &mut Wire, global: &str, within: Duration) -> Result<Vec<String>, Error> {
    let params = json!({ "objectId": global, "ownProperties": true });
    let properties: Properties = wire.call("Runtime.getProperties", params, within).await?;
    let mut first = Vec::new();
    let mut others = Vec::new();
    for Property { name, value, get } in properties.result.unwrap_or_default() {
        let functions = [value, get].into_iter().flatten().filter(|held| held.r#type == "function");
        let known = NODES_OWN.contains(&name.as_str());
        let list = if known { &mut first } else { &mut others };
        list.extend(functions.filter_map(|held| held.object_id));
    }
    first.append(&mut others);
    first.truncate(MOST_CANDIDATES);
    Ok(first)
}

/// Calls the dead-man with the scopes of some functions: its handle, if they led to Node's own code.
async fn try_scopes(
    wire: &mut Wire,
    functions: &[String],
    global: &str,
    arguments: &[Value],
    within: Duration,
) -> Result<Option<String>, Error> {
    let params = |id: &String| json!({ "objectId": id, "ownProperties": true });
    let properties: Vec<Option<Properties>> =
        wire.call_all("Runtime.getProperties", functions.iter().map(params), within).await?;
    let internal = properties.into_iter().flatten().filter_map(|properties| properties.internal_properties);
    let scopes: Vec<Value> = internal
        .flatten()
        .filter(|property| property.name == "[[Scopes]]")
        .filter_map(|property| Some(json!({ "objectId": property.value?.object_id? })))
        .collect();
    if scopes.is_empty() {
        return Ok(None);
    }
    let arguments = arguments.iter().map(|value| json!({ "value": value })).chain(scopes);
    let params = json!({
        "objectId": global,
        "functionDeclaration": DEAD_MAN,
        "arguments": arguments.collect::<Vec<_>>(),
        "objectGroup": OBJECT_GROUP,
        "silent": true,
    });
    let evaluated: Evaluated = wire.call("Runtime.callFunctionOn", params, within).await?;
    Ok(evaluated.thrown("planting")?.object_id)
}
