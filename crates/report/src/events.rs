//! What happened in a hunt, from its log, for the timeline.

use jiff::Timestamp;
use leakhunt_diagnosis::size;
use serde::Deserialize;

/// One thing that happened, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What kind of event, such as `command`.
    pub kind: &'static str,
    /// The rest, from the hunt's log.
    pub detail: String,
}

/// A line of `events.ndjson`.
#[derive(Deserialize)]
struct Logged {
    at: Timestamp,
    #[serde(flatten)]
    what: What,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum What {
    Started {
        target: String,
    },
    StepDone {
        step: String,
        ms: u64,
        detail: String,
    },
    Command {
        argv: Vec<String>,
    },
    Order {
        order: String,
        answer: String,
    },
    SnapshotDone {
        file: String,
        bytes: u64,
        pause_ms: u64,
        ms: u64,
    },
    Enough {
        snapshots: u64,
        of: u64,
    },
    ProfileDone {
        file: String,
        bytes: u64,
        ms: u64,
    },
    Warning {
        text: String,
    },
    Undone {
        what: String,
        seen: String,
        how: String,
    },
    #[serde(other)]
    Other,
}

/// What a line tells; nothing where it is no one's to read.
pub(crate) fn read(line: &str) -> Option<Event> {
    let Logged { at, what } = serde_json::from_str(line).ok()?;
    let (kind, detail) = match what {
        What::Started { target } => ("started", target),
        What::StepDone { step, ms, detail } => ("done", format!("{step}, {ms} ms: {detail}")),
        What::Command { argv } => ("command", argv.join(" ")),
        What::Order { order, answer } => ("order", format!("{order} → {answer}")),
        What::SnapshotDone { file, bytes, pause_ms, ms } => {
            let size = size(bytes);
            ("snapshot", format!("{file}, {size} in {ms} ms, of which the app stood still for {pause_ms} ms"))
        }
        What::Enough { snapshots, of } => {
            let after = match snapshots {
                0 => "without a snapshot".to_owned(),
                _ => format!("after {snapshots} of {of} snapshots"),
            };
            ("enough", format!("the answer is certain {after}"))
        }
        What::ProfileDone { file, bytes, ms } => ("profile", format!("{file}, {} in {ms} ms", size(bytes))),
        What::Warning { text } => ("warning", text),
        What::Undone { what, seen, how } => ("undone", format!("{what}, {seen}: {how}")),
        What::Other => return None,
    };
    Some(Event { at, kind, detail })
}
