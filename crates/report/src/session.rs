//! What is known of the hunt: `session.json` and `events.ndjson`, as the capture writes them.
//!
//! Read leniently: a folder may come from another version or from a hunt that was killed. What cannot be read is left
//! out, so that it costs a chart or a line of the timeline and never the answer.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use crate::events::{self, Event};
use crate::readings::{Beside, Observation, Reading};

/// No more events than these are shown.
const MOST_EVENTS: usize = 2_000;

/// A hunt.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct Session {
    /// The target in words, such as `web.1 of myapp`.
    pub target: String,
    /// The process under study.
    pub process: Option<Process>,
    /// The worker thread whose heap was hunted; none where it was the main thread's.
    pub worker: Option<WorkerThread>,
    /// The packages that it had loaded.
    pub packages: Vec<Package>,
    /// What was read before snapshots, oldest first.
    pub observations: Vec<Observation>,
    /// The complete snapshots, oldest first.
    pub snapshots: Vec<Taken>,
    /// The complete profiles.
    pub profiles: Vec<Profiled>,
    /// What the hunt took of the app's time.
    pub app_time: Option<AppTime>,
    /// Numbers that snapshots leave out, where the process was asked for them.
    pub numbers: Vec<Numbers>,
    /// Memory over time.
    pub readings: Vec<Reading>,
    /// What the hunt wants its reader to know.
    pub warnings: Vec<String>,
    /// What was undone; none if the hunt was killed.
    pub teardown: Option<Receipt>,
    /// What happened, oldest first.
    #[serde(skip)]
    pub events: Vec<Event>,
}

/// The process under study.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct Process {
    /// Its id, there.
    pub pid: u32,
    /// The version of Node.js.
    pub node_version: String,
    /// Its working directory.
    pub cwd: Option<String>,
    /// How old it was when the hunt attached to it, in seconds.
    pub uptime_seconds: Option<u64>,
}

/// A worker thread.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct WorkerThread {
    /// Its `threadId`.
    pub thread: u64,
    /// The name that the program gave it.
    pub name: Option<String>,
    /// The URL of its script.
    pub script: Option<String>,
}

/// Numbers in the fields of an object.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct Numbers {
    /// The object, by its number in the snapshots.
    pub object: u32,
    /// By field.
    pub fields: BTreeMap<String, f64>,
}

/// A package that the process had loaded.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it lay there.
    pub folder: String,
}

/// One complete snapshot.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Taken {
    /// File name in the folder.
    pub file: String,
    /// When it was asked for.
    pub taken_at: Timestamp,
    /// How long the app stood still, milliseconds.
    #[serde(default)]
    pub pause_ms: u64,
    /// Snapshots of one number share their object ids.
    #[serde(default)]
    pub id_space: u32,
    /// What it does not show.
    #[serde(flatten)]
    pub beside: Beside,
    /// Resident set before it, bytes.
    #[serde(default)]
    pub rss: u64,
    /// Resident set after it, bytes.
    #[serde(default)]
    pub rss_after: Option<u64>,
}

/// One complete profile.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct Profiled {
    /// File name in the folder.
    pub file: String,
    /// When its profiler was started. Two of one start are two cuts of one run.
    #[serde(default)]
    pub taken_at: Option<Timestamp>,
    /// How long it lasted, milliseconds.
    #[serde(default)]
    pub duration_ms: u64,
    /// What the event loop did while a CPU profile was taken.
    #[serde(default)]
    pub event_loop: Option<EventLoop>,
}

/// How late the event loop was, milliseconds, and how busy.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct EventLoop {
    /// How late its timers were on average.
    pub mean_delay_ms: f64,
    /// Of the latest hundredth, the least late.
    pub p99_delay_ms: f64,
    /// The latest one.
    pub max_delay_ms: f64,
    /// The share of the time in which it had something to do, from 0 to 1.
    pub utilization: f64,
}

/// Time in which the app's event loop did not serve the app, milliseconds, by what took it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct AppTime {
    /// Snapshots.
    pub snapshots_ms: f64,
    /// Garbage collections that were forced.
    pub collections_ms: f64,
    /// How many those were.
    pub collections: u32,
    /// The start and the end of CPU profiles.
    pub profiles_ms: f64,
    /// Code that was evaluated in the process.
    pub evaluated_ms: f64,
    /// At most, in a snapshot that was not finished.
    pub unfinished_ms: f64,
}

/// What was undone when the hunt ended.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct Receipt {
    /// In the order in which it was done.
    pub undone: Vec<Undone>,
    /// What a person should run where something was not verified.
    pub by_hand: Option<String>,
}

/// One line of the receipt.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default)]
pub struct Undone {
    /// What.
    pub what: String,
    /// `verified` or `unverified`.
    pub seen: String,
    /// How that was seen, or why not.
    pub how: String,
}

impl Session {
    /// Reads the two files of a session folder; none if the first is not one of ours.
    #[must_use]
    pub fn parse(session_json: &[u8], events_ndjson: &str) -> Option<Self> {
        let mut session: Self = serde_json::from_slice(session_json).ok()?;
        session.events = events_ndjson.lines().filter_map(events::read).take(MOST_EVENTS).collect();
        Some(session)
    }
}

impl Session {
    /// Are these two profiles of the session cuts of one run of the profiler?
    #[must_use]
    pub fn are_of_one_run(&self, one: &Path, other: &Path) -> bool {
        let began =
            |name: &Path| self.profiles.iter().find(|profile| Path::new(&profile.file) == name)?.taken_at;
        began(one).is_some() && began(one) == began(other)
    }
}

impl Undone {
    /// Was the effect looked at afterwards?
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.seen == "verified"
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;

    /// `session.json` as a hunt writes it, every field with a value. Its writer is held against the same file.
    const CONTRACT: &str = include_str!("../../../tests/contracts/session.json");

    /// `events.ndjson` as a hunt writes it, a line for each kind. Its writer is held against the same file.
    const EVENTS: &str = include_str!("../../../tests/contracts/events.ndjson");

    /// What a report has no use for.
    const NOT_READ: &[&str] = &[
        "allocations.bytes",
        "allocations.duration_ms",
        "allocations.event_loop",
        "allocations.file",
        "allocations.interval",
        "allocations.profile",
        "allocations.rss",
        "allocations.sha256",
        "allocations.taken_at",
        "allocations.used_size",
        "options.accept",
        "options.all_samples",
        "options.allocations",
        "options.duration_ms",
        "options.fallback",
        "options.fetch_source_maps",
        "options.growth",
        "options.hold.longest_ms",
        "options.hold.when",
        "options.look_for_ms",
        "options.max_pause.nanos",
        "options.max_pause.secs",
        "options.max_wait.nanos",
        "options.max_wait.secs",
        "options.name",
        "options.named",
        "options.out",
        "options.own_only",
        "options.pid",
        "options.profile",
        "options.route",
        "options.samples",
        "options.tool_version",
        "options.unproven_too",
        "options.worker",
        "outcome",
        "process.arch",
        "process.dyno",
        "process.main_script",
        "process.platform",
        "process.start_time",
        "process.title",
        "process.v8_version",
        "profiles.bytes",
        "profiles.interval",
        "profiles.profile",
        "profiles.rss",
        "profiles.sha256",
        "profiles.used_size",
        "resident.after",
        "resident.before",
        "resident.peak",
        "schema_version",
        "snapshots.bytes",
        "snapshots.edges",
        "snapshots.nodes",
        "snapshots.predicted.left",
        "snapshots.predicted.limit",
        "snapshots.predicted.limit_of",
        "snapshots.predicted.pause_ms",
        "snapshots.predicted.peak",
        "snapshots.route",
        "snapshots.sha256",
        "snapshots.used_size",
        "snapshots.wall_ms",
        "snapshots.wire_bytes",
        "teardown.undone.ms",
        "tool_version",
    ];

    /// Each value by the names on the way to it; of lists all members are one.
    fn leaves(value: &Value, path: &str, found: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    leaves(member, &format!("{path}.{name}"), found);
                }
            }
            Value::Array(members) if members.iter().any(Value::is_object) => {
                members.iter().for_each(|member| leaves(member, path, found));
            }
            leaf => drop(found.insert(path.trim_start_matches('.').to_owned(), leaf.clone())),
        }
    }

    #[test]
    fn of_what_a_hunt_logs_the_timeline_reads_these() {
        let read: Vec<Event> = EVENTS.lines().filter_map(events::read).collect();
        let read: Vec<(&str, &str)> = read.iter().map(|event| (event.kind, event.detail.as_str())).collect();
        let expected = [
            ("started", "web.1 of shop"),
            ("done", "reach, 1000 ms: process 42"),
            ("command", "heroku ps:exec"),
            ("order", "state 42 1234 → gone"),
            ("snapshot", "1.heapsnapshot, 30 B in 2000 ms, of which the app stood still for 1000 ms"),
            ("enough", "the answer is certain after 1 of 2 snapshots"),
            ("profile", "1.heapprofile, 30 B in 1000 ms"),
            ("warning", "another debugger is attached"),
            ("undone", "remote shell, verified: process group 7 exited"),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn what_a_hunt_writes_is_read_or_said_not_to_be() {
        let session = Session::parse(CONTRACT.as_bytes(), "").unwrap();
        let (mut written, mut read) = (BTreeMap::new(), BTreeMap::new());
        leaves(&serde_json::from_str(CONTRACT).unwrap(), "", &mut written);
        leaves(&serde_json::to_value(&session).unwrap(), "", &mut read);
        for (path, value) in &read {
            assert_eq!(written.get(path), Some(value), "{path} is read, and is not what is written");
        }
        let not_read: Vec<&str> =
            written.keys().filter(|path| !read.contains_key(*path)).map(String::as_str).collect();
        assert_eq!(not_read, NOT_READ);
    }

    #[test]
    fn a_log_of_another_version_costs_only_the_lines_that_are_new() {
        let log = concat!(
            r#"{"at":"2026-11-22T18:58:29.4Z","event":"command","argv":["heroku","ps:exec"]}"#,
            "\n",
            r#"{"at":"2026-11-22T18:58:30Z","event":"reading","sample":2}"#,
            "\n{half a li\n",
            r#"{"at":"2026-11-22T18:58:31Z","event":"undone","what":"tunnel","seen":"verified","how":"left","ms":3}"#,
        );
        let session = Session::parse(br#"{"target":"web.1 of shop","new":[]}"#, log).unwrap();
        let events: Vec<_> = session.events.iter().map(|event| (event.kind, event.detail.as_str())).collect();
        assert_eq!(events, [("command", "heroku ps:exec"), ("undone", "tunnel, verified: left")]);
        assert_eq!(session.target, "web.1 of shop");
    }

    #[test]
    fn what_is_no_session_is_none() {
        assert!(Session::parse(b"[1, 2", "").is_none());
        assert!(Session::parse(b"\xff\xfe", "").is_none());
    }
}
