//! Numbers in the fields of an object that a snapshot has met: a snapshot leaves them out.
//!
//! V8 looks through its heap for the object, and hands on what its own fields have: no code of the program's runs for that.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use crate::error::Error;
use crate::wire::Wire;

/// By which what V8 has handed out is let go of again.
const GROUP: &str = "leakhunt numbers";

#[derive(Deserialize)]
struct Found {
    result: Remote,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remote {
    object_id: Option<String>,
    value: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    result: Vec<Field>,
    #[serde(default)]
    private_properties: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    /// None where a function would have to be called for it.
    value: Option<Remote>,
}

/// Those of the object with this id that are in one of `fields`, none where the object is gone; and for how long the app stood still
/// for that.
pub(crate) async fn numbers(
    wire: &mut Wire,
    object: u32,
    fields: &[String],
    within: Duration,
) -> Result<(BTreeMap<String, f64>, Duration), Error> {
    let since = Instant::now();
    let params = json!({ "objectId": object.to_string(), "objectGroup": GROUP });
    let found = match wire.call::<Found>("HeapProfiler.getObjectByHeapObjectId", params, within).await {
        Err(Error::Refused { .. }) => None,
        found => found?.result.object_id,
    };
    let pause = since.elapsed();
    let Some(id) = found else { return Ok((BTreeMap::new(), pause)) };
    let params = json!({ "objectId": id, "ownProperties": true });
    let all: Fields = wire.call("Runtime.getProperties", params, within).await?;
    wire.call_raw("Runtime.releaseObjectGroup", json!({ "objectGroup": GROUP }), within).await?;
    let all = all.result.into_iter().chain(all.private_properties);
    let asked = all.filter(|field| fields.contains(&field.name));
    let numbers = asked.filter_map(|field| Some((field.name, field.value?.value?.as_f64()?)));
    Ok((numbers.collect(), pause))
}
