//! What happens in a hunt, as it happens: drawn by whoever watches, kept in `events.ndjson`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::cost::{EvidenceKind, Prediction};
use super::hold::Attach;
use super::plan::Profile;
use super::receipt::Undone;

/// One thing that happened.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "OfAHunt")]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The hunt begins; its folder exists.
    Started {
        /// The target in words, such as `web.1 of myapp`.
        target: String,
        /// The session folder.
        folder: String,
    },
    /// A step begins.
    StepStarted {
        /// Which.
        step: Step,
    },
    /// A step is done.
    StepDone {
        /// Which.
        step: Step,
        /// How long it took.
        #[serde(rename = "ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        took: Duration,
        /// What it found, in words.
        detail: String,
    },
    /// Several may be the one: before anything is signalled it is looked at whose memory grows.
    Candidates {
        /// Their pids.
        pids: Vec<u32>,
        /// For how long.
        #[serde(rename = "look_ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        look: Duration,
    },
    /// The process is chosen. If its inspector is closed, it is signalled next.
    Chosen {
        /// Its pid.
        pid: u32,
        /// Its command line, without secrets.
        command: String,
        /// Its working directory.
        directory: String,
        /// Its user: a name, or a number that has none.
        user: String,
        /// For how long it has run, in seconds.
        age_s: Option<u64>,
        /// Why this one.
        why: String,
    },
    /// The dead-man was planted in the process.
    Planted {
        /// What it could arm.
        detail: String,
    },
    /// The process has worker threads, each with a heap of its own: it is looked at which heap grows.
    Threads {
        /// Their ids.
        threads: Vec<u64>,
        /// For how long.
        #[serde(rename = "look_ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        look: Duration,
    },
    /// The heap of a worker thread is hunted, and not the main thread's.
    Entered {
        /// Its id.
        thread: u64,
        /// The name that the program gave it.
        name: Option<String>,
        /// The URL of its script.
        script: Option<String>,
        /// Why this one.
        why: String,
    },
    /// A command was started here that acts on the far side.
    Command {
        /// Program and arguments, without secrets.
        argv: Vec<String>,
    },
    /// An order was given to the far end's shell.
    Order {
        /// The order, such as `signal 42 1234`.
        order: String,
        /// The answer.
        answer: String,
    },
    /// Memory was read while waiting for growth.
    Reading {
        /// The snapshot that is waited for, from 1.
        sample: u32,
        /// Used heap plus external memory, bytes.
        used: u64,
        /// The last post-GC value, bytes.
        settled: u64,
        /// The value at which the snapshot is due, bytes.
        due_at: u64,
        /// Was garbage collected for this reading?
        collected: bool,
        /// Resident set, bytes.
        rss: u64,
    },
    /// What the next evidence is expected to cost.
    Weighed {
        /// Its kind.
        evidence: EvidenceKind,
        /// From 1.
        sample: u32,
        /// The expectation.
        #[serde(flatten)]
        prediction: Prediction,
    },
    /// The objects of the heap were counted.
    Counted {
        /// How many there are.
        objects: u64,
        /// Their bytes.
        bytes: u64,
        /// How long the app stood still for it.
        #[serde(rename = "pause_ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        pause: Duration,
    },
    /// A snapshot begins.
    SnapshotStarted {
        /// From 1.
        sample: u32,
        /// Of how many.
        of: u32,
        /// Used heap plus external memory before it, bytes.
        used: u64,
    },
    /// The app is busy writing the snapshot.
    SnapshotProgress {
        /// Done, in per cent.
        percent: u8,
    },
    /// Bytes of a snapshot arrived. Drawn, not kept.
    Download {
        /// Bytes of the snapshot so far.
        bytes: u64,
        /// Its size, where known.
        of: Option<u64>,
    },
    /// The app has written the snapshot and goes on; its first bytes arrive.
    SnapshotArriving {
        /// From 1.
        sample: u32,
    },
    /// A snapshot is whole and renamed.
    SnapshotDone {
        /// From 1.
        sample: u32,
        /// Of how many.
        of: u32,
        /// File name in the folder.
        file: String,
        /// Its size.
        bytes: u64,
        /// Bytes that crossed the wire for it.
        wire_bytes: u64,
        /// How long the app stood still.
        #[serde(rename = "pause_ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        pause: Duration,
        /// From the request to the verified file.
        #[serde(rename = "ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        took: Duration,
    },
    /// Memory was read after a garbage collection, with what no snapshot shows.
    Observed {
        /// From 1.
        number: u32,
        /// Of how many.
        of: u32,
        /// Used heap plus external memory, bytes.
        used: u64,
        /// Resident set, bytes.
        rss: u64,
    },
    /// The answer is certain with the snapshots that there are: no more are taken.
    Enough {
        /// How many there are.
        snapshots: usize,
        /// Of how many that were to be taken.
        of: u32,
    },
    /// A profiler runs.
    Sampling {
        /// Which.
        profile: Profile,
        /// Since its start.
        #[serde(rename = "ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        elapsed: Duration,
        /// How long it is to run.
        #[serde(rename = "of_ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        of: Duration,
        /// Used heap plus external memory, garbage included, bytes.
        used: u64,
        /// Resident set, bytes.
        rss: u64,
    },
    /// The end of an allocation timeline: a snapshot, for which the app stands still.
    TimelineEnds {
        /// Used heap plus external memory, garbage included, bytes.
        used: u64,
        /// How long that is predicted to take.
        #[serde(rename = "pause_ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        pause: Duration,
    },
    /// A profile is whole and renamed.
    ProfileDone {
        /// File name in the folder.
        file: String,
        /// Its size.
        bytes: u64,
        /// From the start to the verified file.
        #[serde(rename = "ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        took: Duration,
    },
    /// The inspector is offered to DevTools, on this machine.
    Held {
        /// Where, such as `127.0.0.1:9229`: what chrome://inspect is told to look at.
        address: String,
        /// The address of DevTools, for the address bar of Chrome or Chromium.
        devtools: String,
        /// The configuration with which VS Code attaches.
        attach: Attach,
        /// For how long at most.
        #[serde(rename = "limit_ms", serialize_with = "super::millis::serialize")]
        #[schemars(with = "u64")]
        limit: Duration,
    },
    /// A debugger has connected there.
    HoldConnected {
        /// What it calls itself, where that can be seen.
        program: Option<String>,
        /// Its pid.
        pid: Option<u32>,
        /// How many are connected there now.
        connected: u32,
    },
    /// A debugger that was connected there has gone.
    HoldDisconnected {
        /// How many are left.
        connected: u32,
    },
    /// How many others are connected to the inspector, by another way, has changed.
    HoldElsewhere {
        /// How many there are now.
        connected: u32,
    },
    /// Something the reader of the evidence must know.
    Warning {
        /// A sentence.
        text: String,
    },
    /// Something was undone.
    Undone {
        /// What, and whether that was seen.
        #[serde(flatten)]
        undone: Undone,
    },
}

/// The steps of a hunt, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Read-only checks.
    Preflight,
    /// Probe, choice, SIGUSR1, confirmation.
    Reach,
    /// Tunnel, WebSocket, identity, dead-man.
    Attach,
    /// The snapshots.
    Sample,
    /// A profile.
    Profile,
    /// Source maps, if they were asked for.
    Sources,
    /// The inspector offered to DevTools, if that was asked for.
    Hold,
    /// Everything undone.
    Leave,
}

impl Event {
    /// Is it worth a line on disk? Progress is not.
    pub fn is_kept(&self) -> bool {
        !matches!(self, Self::Download { .. } | Self::SnapshotProgress { .. })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::cost::Bound;
    use super::super::hold::devtools_address;
    use super::super::receipt::{Seen, TeardownStep};
    use super::*;

    /// `events.ndjson` as it is written, a line for each kind. The report's reader is held against the same file.
    const CONTRACT: &str = include_str!("../../../../tests/contracts/events.ndjson");

    const SECOND: Duration = Duration::from_secs(1);

    fn before_the_evidence() -> Vec<Event> {
        vec![
            Event::Started { target: "web.1 of shop".into(), folder: "/tmp/leakhunt-shop".into() },
            Event::StepStarted { step: Step::Reach },
            Event::StepDone { step: Step::Reach, took: SECOND, detail: "process 42".into() },
            Event::Candidates { pids: vec![42, 43], look: SECOND },
            Event::Chosen {
                pid: 42,
                command: "node server.js".into(),
                directory: "/app".into(),
                user: "dyno".into(),
                age_s: Some(43),
                why: "listens on $PORT".into(),
            },
            Event::Planted { detail: "armed".into() },
            Event::Threads { threads: vec![1, 3], look: SECOND },
            Event::Entered {
                thread: 3,
                name: Some("resize".into()),
                script: Some("file:///app/resize.js".into()),
                why: "grew by 2.1 MB in 8 s".into(),
            },
            Event::Command { argv: vec!["heroku".into(), "ps:exec".into()] },
            Event::Order { order: "state 42 1234".into(), answer: "gone".into() },
            Event::Counted { objects: 300, bytes: 9000, pause: SECOND },
        ]
    }

    fn evidence() -> Vec<Event> {
        let (sample, of, file) = (1, 2, "1.heapsnapshot".to_owned());
        let prediction = Prediction {
            peak: 250,
            limit: Some(512),
            limit_of: Some(Bound::Container),
            memory: 150,
            left: 140,
            pause: SECOND,
        };
        let undone = Undone {
            what: TeardownStep::RemoteShell,
            seen: Seen::Verified,
            how: "process group 7 exited".into(),
            ms: 12,
        };
        vec![
            Event::Reading { sample, used: 15, settled: 14, due_at: 17, collected: false, rss: 80 },
            Event::Weighed { evidence: EvidenceKind::SnapshotByFile, sample, prediction },
            Event::SnapshotStarted { sample, of, used: 15 },
            Event::SnapshotProgress { percent: 50 },
            Event::Download { bytes: 10, of: Some(30) },
            Event::SnapshotArriving { sample },
            Event::SnapshotDone {
                sample,
                of,
                file,
                bytes: 30,
                wire_bytes: 4,
                pause: SECOND,
                took: 2 * SECOND,
            },
            Event::Observed { number: 1, of: 5, used: 15, rss: 80 },
            Event::Enough { snapshots: 1, of },
            Event::Sampling {
                profile: Profile::Sampling,
                elapsed: SECOND,
                of: 60 * SECOND,
                used: 15,
                rss: 80,
            },
            Event::ProfileDone { file: "1.heapprofile".into(), bytes: 30, took: SECOND },
            Event::TimelineEnds { used: 15, pause: SECOND },
            Event::Warning { text: "another debugger is attached".into() },
            Event::Undone { undone },
        ]
    }

    fn held() -> Vec<Event> {
        vec![
            Event::Held {
                address: "127.0.0.1:9229".into(),
                devtools: devtools_address(9229, "1f2e"),
                attach: Attach::to("web.1 of shop", 9229, Some("/app".into())),
                limit: SECOND,
            },
            Event::HoldConnected { program: Some("chrome".into()), pid: Some(7), connected: 1 },
            Event::HoldDisconnected { connected: 0 },
            Event::HoldElsewhere { connected: 1 },
        ]
    }

    #[test]
    fn what_is_written_is_the_contract() {
        let kept = before_the_evidence().into_iter().chain(evidence()).chain(held()).filter(Event::is_kept);
        let written: Vec<Value> = kept
            .map(|event| {
                let mut line = serde_json::to_value(event).expect("it is plain data");
                line["at"] = json!("2026-01-31T12:00:00Z");
                line
            })
            .collect();
        let contract: Vec<Value> =
            CONTRACT.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
        let lines: Vec<String> = written.iter().map(Value::to_string).collect();
        assert_eq!(
            written,
            contract,
            "tests/contracts/events.ndjson is not what is written:\n{}",
            lines.join("\n")
        );
    }
}
