//! One message of the protocol, read without copying.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cut;

/// How V8 writes every chunk event on Node 18 to 26: known by its first bytes, a megabyte of JSON need not be parsed
/// before it is unescaped.
const CHUNK_OPENS: &str = r#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{"chunk":""#;
const CHUNK_CLOSES: &str = r#""}}"#;

/// What came from the other side.
#[derive(Debug)]
pub(crate) enum Incoming<'a> {
    /// The answer to the call with this number.
    Reply { id: u64, outcome: Result<&'a RawValue, String> },
    /// A piece of a snapshot: the inside of a JSON string, not yet looked at.
    Chunk { escaped: &'a str },
    /// How far V8 is with a snapshot.
    Progress { done: u64, total: u64 },
    /// What is told of a worker thread.
    Worker(FromWorker),
    /// Anything else that was announced.
    Event,
}

/// What `NodeWorker` tells of worker threads.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(crate) enum FromWorker {
    /// It has a session of this id now.
    Attached { session_id: String, worker_info: WorkerInfo },
    /// It says something in its session.
    Says { session_id: String, message: String },
    /// It has none any more.
    Gone { session_id: String },
}

/// What a worker is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct WorkerInfo {
    #[serde(deserialize_with = "cut::a_name")]
    pub(crate) title: String,
    #[serde(deserialize_with = "cut::a_name")]
    pub(crate) url: String,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<Refusal<'a>>,
}

#[derive(Deserialize)]
struct Refusal<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    chunk: &'a RawValue,
}

#[derive(Deserialize)]
struct Progress {
    done: f64,
    total: f64,
}

/// Reads one text frame; the error says what is wrong with it.
pub(crate) fn read(text: &str) -> Result<Incoming<'_>, String> {
    if let Some(escaped) = text.strip_prefix(CHUNK_OPENS).and_then(|rest| rest.strip_suffix(CHUNK_CLOSES)) {
        return Ok(Incoming::Chunk { escaped });
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match envelope {
        Envelope { id: Some(id), error: Some(refusal), .. } => {
            Ok(Incoming::Reply { id, outcome: Err(cut::reason(&refusal.message)) })
        }
        Envelope { id: Some(id), result: Some(result), .. } => {
            Ok(Incoming::Reply { id, outcome: Ok(result) })
        }
        Envelope { id: None, method: Some(method), params, .. } => event(&method, params),
        _ => Err("neither an answer nor an event".to_owned()),
    }
}

fn event<'a>(method: &str, params: Option<&'a RawValue>) -> Result<Incoming<'a>, String> {
    let params = params.map_or("{}", RawValue::get);
    match method {
        "HeapProfiler.addHeapSnapshotChunk" => {
            let chunk: Chunk<'_> = serde_json::from_str(params).map_err(|error| error.to_string())?;
            let quoted = chunk.chunk.get();
            let escaped = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            escaped
                .map(|escaped| Incoming::Chunk { escaped })
                .ok_or_else(|| "a chunk that is no string".to_owned())
        }
        "HeapProfiler.reportHeapSnapshotProgress" => {
            let progress: Progress = serde_json::from_str(params).map_err(|error| error.to_string())?;
            Ok(Incoming::Progress { done: progress.done as u64, total: progress.total as u64 })
        }
        // A worker that cannot be read is none: a hunt can do without.
        "NodeWorker.attachedToWorker"
        | "NodeWorker.receivedMessageFromWorker"
        | "NodeWorker.detachedFromWorker" => {
            Ok(serde_json::from_str(params).map_or(Incoming::Event, Incoming::Worker))
        }
        _ => Ok(Incoming::Event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let got = match read(text) {
            Ok(Incoming::Reply { id, outcome: Ok(result) }) => format!("{id} = {}", result.get()),
            Ok(Incoming::Reply { id, outcome: Err(why) }) => format!("{id} refused: {why}"),
            Ok(Incoming::Chunk { escaped }) => format!("chunk {escaped}"),
            Ok(Incoming::Progress { done, total }) => format!("{done}/{total}"),
            Ok(Incoming::Worker(FromWorker::Attached { session_id, worker_info })) => {
                format!("{session_id} is {} of {}", worker_info.title, worker_info.url)
            }
            Ok(Incoming::Worker(FromWorker::Says { session_id, message })) => {
                format!("{session_id} says {message}")
            }
            Ok(Incoming::Worker(FromWorker::Gone { session_id })) => format!("{session_id} is gone"),
            Ok(Incoming::Event) => "event".to_owned(),
            Err(_) => "malformed".to_owned(),
        };
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn messages_of_v8() {
        check(
            r#"{"id":4,"result":{"heapSnapshotObjectId":"5815"}}"#,
            r#"4 = {"heapSnapshotObjectId":"5815"}"#,
        );
        // Node 20 puts the error first, Node 22 the id.
        check(
            r#"{"error":{"code":-32601,"message":"'Foo.bar' wasn't found"},"id":7}"#,
            "7 refused: 'Foo.bar' wasn't found",
        );
        check(r#"{"id":7,"error":{"code":-32601,"message":"a \"b\""}}"#, "7 refused: a \"b\"");
        check(r#"{"method":"HeapProfiler.reportHeapSnapshotProgress","params":{"done":5,"total":9}}"#, "5/9");
        check(r#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{"chunk":"a\n"}}"#, r"chunk a\n");
        check(r#"{"method":"Runtime.consoleAPICalled","params":{}}"#, "event");
        check(r#"{"method":"HeapProfiler.resetProfiles"}"#, "event");
    }

    #[test]
    fn messages_of_worker_threads() {
        check(
            r#"{"method":"NodeWorker.attachedToWorker","params":{"sessionId":"7","workerInfo":{"workerId":"7","type":"worker",
               "title":"[worker 2] resize","url":"file:///app/worker.js"},"waitingForDebugger":false}}"#,
            "7 is [worker 2] resize of file:///app/worker.js",
        );
        check(
            r#"{"method":"NodeWorker.receivedMessageFromWorker","params":{"sessionId":"7","message":"{}"}}"#,
            "7 says {}",
        );
        check(r#"{"method":"NodeWorker.detachedFromWorker","params":{"sessionId":"7"}}"#, "7 is gone");
        check(r#"{"method":"NodeWorker.attachedToWorker","params":{"sessionId":7}}"#, "event");
    }

    #[test]
    fn a_chunk_is_known_however_it_is_spelt() {
        check(
            r#"{ "params": {"chunk": "a\"" }, "method": "HeapProfiler.addHeapSnapshotChunk" }"#,
            r#"chunk a\""#,
        );
    }

    #[test]
    fn anything_else_is_malformed() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"id":1}"#,
            r#"{"id":-1,"result":{}}"#,
            r#"{"id":"1","result":{}}"#,
            r#"{"id":1,"result":{}"#,
            r#"{"method":7}"#,
            r#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{"chunk":7}}"#,
            r#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{}}"#,
            r#"{"method":"HeapProfiler.reportHeapSnapshotProgress","params":{"done":"x"}}"#,
        ] {
            check(text, "malformed");
        }
    }
}
