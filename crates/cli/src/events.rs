//! `--events`: all that happens, a line of JSON each, to whoever reads along.
//!
//! A reader must not be able to hold up a hunt, nor a teardown: lines go to a thread of their own. One that is slow misses
//! progress and nothing else, and is told how many lines; one that has gone is said once, and the hunt goes on.
//!
//! The lines are schema 1 (`schemas/events.schema.json`). Later versions may add events and fields to it, and change none.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use leakhunt_capture as capture;
use leakhunt_diagnosis::Verdict;
use leakhunt_incident as incident;
use leakhunt_text::{Line, json};
use schemars::JsonSchema;
use serde::Serialize;

use crate::acts::ActLine;
use crate::failure::Failure;
use crate::{exit, terminal};

/// The version of the lines.
const SCHEMA: u32 = 1;

/// Progress is told no more often.
const BETWEEN_PROGRESS: Duration = Duration::from_millis(100);

/// With so many lines unread, progress is left out.
const MOST_UNREAD: usize = 1_000;

/// What a reader gets at the end to take what it has not read.
const TO_READ_ON: Duration = Duration::from_secs(2);

/// Where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    Stdout,
    Socket(PathBuf),
    File(PathBuf),
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("unix:")) {
            ("", _) | (_, Some("")) => Err("give a FILE, unix:PATH, or - for stdout".to_owned()),
            ("-", _) => Ok(Self::Stdout),
            (_, Some(path)) => Ok(Self::Socket(path.into())),
            (path, None) => Ok(Self::File(path.into())),
        }
    }
}

/// A line of `--events`: schema 1. Later versions may add events and fields, and change none. Those of what a run, a watch or a hunt of
/// several has started have `in_step`: the id of the step, or the dyno, whichever is nearer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Events")]
struct Told<'e> {
    /// When, in UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: String,
    #[serde(flatten)]
    event: AnyEvent<'e>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum AnyEvent<'e> {
    Own(&'e Own<'e>),
    Hunt(&'e capture::Event),
    Run(&'e incident::Event),
    Fleet(&'e incident::FleetEvent),
    Watch(OfAWatch<'e>),
}

/// What a watch does, in the words of its `--json`.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
enum OfAWatch<'e> {
    /// One act.
    Watch(ActLine<'e>),
}

/// What is said of the lines themselves, and of the end of a hunt.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OfTheLines")]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Own<'e> {
    /// The first line.
    Opened {
        /// The version of this schema.
        schema_version: u32,
        /// The version of leakhunt.
        tool_version: &'static str,
    },
    /// Lines of progress were left out here, since nobody had read those before them.
    Skipped {
        /// How many.
        lines: u64,
    },
    /// The last line of a hunt.
    HuntEnded {
        /// The exit code.
        exit_code: u8,
        /// What ended it, `done` where nothing did.
        outcome: &'e str,
        /// The session folder.
        session: Option<&'e Path>,
        /// The verdict of its analysis.
        verdict: Option<Verdict>,
        /// The analysis in a sentence.
        sentence: Option<&'e str>,
    },
}

/// The schema of the lines.
#[cfg(test)]
pub(crate) fn schema() -> schemars::Schema {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    settings
        .with(|settings| settings.contract = schemars::generate::Contract::Serialize)
        .into_generator()
        .into_root_schema_for::<Told<'static>>()
}

/// Lines on their way.
pub(crate) struct Events {
    lines: mpsc::Sender<Vec<u8>>,
    unread: Arc<AtomicUsize>,
    skipped: AtomicU64,
    progress: Mutex<Option<Instant>>,
    written: Mutex<mpsc::Receiver<()>>,
    to: Destination,
}

impl Events {
    /// Begins; nothing was started yet where that fails.
    pub(crate) fn open(to: &Destination) -> Result<Self, Failure> {
        let out = open(to).map_err(|error| {
            let failure = Failure::new(exit::USAGE, format!("--events {to} cannot be written: {error}"));
            match (to, error.raw_os_error()) {
                (Destination::File(_), Some(libc::ENXIO)) => {
                    failure.hint("it is a FIFO that nobody reads: start the reader first")
                }
                (Destination::Socket(_), _) => failure.hint("start what listens on this socket first"),
                _ => failure,
            }
        })?;
        let events = Self::start(out, to.clone());
        events.own(&Own::Opened { schema_version: SCHEMA, tool_version: env!("CARGO_PKG_VERSION") });
        Ok(events)
    }

    fn start(out: impl Write + Send + 'static, to: Destination) -> Self {
        let (lines, queue) = mpsc::channel();
        let (done, written) = mpsc::channel();
        let unread = Arc::new(AtomicUsize::new(0));
        let (left, name) = (Arc::clone(&unread), to.to_string());
        std::thread::spawn(move || {
            write(out, &queue, &left, &name);
            let _ = done.send(());
        });
        let (skipped, progress) = (AtomicU64::new(0), Mutex::new(None));
        Self { lines, unread, skipped, progress, written: Mutex::new(written), to }
    }

    /// An event of a hunt.
    pub(crate) fn hunt(&self, event: &capture::Event) {
        if event.is_kept() || self.progress_is_due() {
            self.tell(AnyEvent::Hunt(event));
        }
    }

    /// An event of a run.
    pub(crate) fn run(&self, event: &incident::Event) {
        self.tell(AnyEvent::Run(event));
    }

    /// An event of several hunts.
    pub(crate) fn fleet(&self, event: &incident::FleetEvent) {
        self.tell(AnyEvent::Fleet(event));
    }

    /// An act of a watch.
    pub(crate) fn watch(&self, event: &incident::WatchEvent) {
        self.tell(AnyEvent::Watch(OfAWatch::Watch(event.into())));
    }

    /// An event of what was started in a step or on a dyno, as its command wrote it.
    pub(crate) fn of_step(&self, step: &str, line: &str) {
        let Ok(mut event) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) else {
            return;
        };
        if event.get("event").is_some_and(|name| name != "opened") {
            event.entry("in_step").or_insert_with(|| step.into());
            self.send(&event);
        }
    }

    /// What is said of the hunt.
    pub(crate) fn own(&self, event: &Own<'_>) {
        self.tell(AnyEvent::Own(event));
    }

    /// Waits for the reader, but not long.
    pub(crate) fn close(self) {
        drop(self.lines);
        let written = self.written.into_inner().expect("nothing panics while it is held");
        if written.recv_timeout(TO_READ_ON) == Err(mpsc::RecvTimeoutError::Timeout) {
            warn(&self.to.to_string(), "not all of it was read");
        }
    }

    fn progress_is_due(&self) -> bool {
        let mut last = self.progress.lock().expect("nothing panics while it is held");
        let due = last.is_none_or(|last| last.elapsed() >= BETWEEN_PROGRESS);
        let room = self.unread.load(Ordering::Relaxed) < MOST_UNREAD;
        if due && room {
            *last = Some(Instant::now());
        } else if due {
            self.skipped.fetch_add(1, Ordering::Relaxed);
        }
        due && room
    }

    fn tell(&self, event: AnyEvent<'_>) {
        let lines = self.skipped.swap(0, Ordering::Relaxed);
        if lines > 0 {
            self.tell(AnyEvent::Own(&Own::Skipped { lines }));
        }
        self.send(&Told { at: jiff::Timestamp::now().to_string(), event });
    }

    fn send(&self, line: &impl Serialize) {
        let mut text = Vec::new();
        if json::told_line(&mut text, line).is_ok() {
            self.unread.fetch_add(1, Ordering::Relaxed);
            let _ = self.lines.send(text);
        }
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stdout => f.write_str("-"),
            Self::Socket(path) => write!(f, "unix:{}", path.display()),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

fn open(to: &Destination) -> io::Result<Box<dyn Write + Send>> {
    Ok(match to {
        Destination::Stdout => Box::new(terminal::lines()),
        Destination::Socket(path) => Box::new(UnixStream::connect(path)?),
        Destination::File(path) => {
            // A FIFO without a reader is an error at once, instead of a wait for one.
            let how = libc::O_NONBLOCK | libc::O_NOCTTY;
            let file =
                OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(how).open(path)?;
            let flags = rustix::fs::fcntl_getfl(&file)?;
            rustix::fs::fcntl_setfl(&file, flags - rustix::fs::OFlags::NONBLOCK)?;
            Box::new(file)
        }
    })
}

/// Writes what comes until nothing does.
fn write(mut out: impl Write, queue: &mpsc::Receiver<Vec<u8>>, unread: &AtomicUsize, to: &str) {
    for line in queue {
        unread.fetch_sub(1, Ordering::Relaxed);
        if let Err(error) = out.write_all(&line).and_then(|()| out.flush()) {
            warn(to, &error.to_string());
            return;
        }
    }
}

fn warn(to: &str, why: &str) {
    terminal::say(&[Line::own("  ! --events ")
        .text(to)
        .and(": ")
        .text(why)
        .and("; all else goes on without it")]);
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    const CONTRACT: &str = include_str!("../../../tests/contracts/events.ndjson");

    fn kept() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/events.schema.json")
    }

    /// `INSTA_UPDATE=always` writes it anew.
    #[test]
    fn the_schema_in_the_tree_is_current() {
        let current = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
        if std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always") {
            std::fs::write(kept(), &current).unwrap();
        }
        let schema = std::fs::read_to_string(kept()).unwrap();
        assert!(schema == current, "INSTA_UPDATE=always cargo test -p leakhunt events::");
    }

    #[test]
    fn what_is_told_keeps_to_the_schema() {
        let validator = jsonschema::validator_for(&schema().to_value()).unwrap();
        for line in CONTRACT.lines() {
            assert!(validator.is_valid(&serde_json::from_str(line).unwrap()), "{line}");
        }
        let folder = tempfile::tempdir().unwrap();
        let to = Destination::File(folder.path().join("events"));
        let events = Events::open(&to).ok().unwrap();
        events.of_step("hunt", r#"{"at":"2026-01-31T12:00:00Z","event":"opened","schema_version":1}"#);
        events.of_step("hunt", CONTRACT.lines().next().unwrap());
        events.of_step("web.1", r#"{"at":"2026-01-31T12:00:00Z","event":"run_ended","outcome":"success","exit_code":0,"in_step":"hunt"}"#);
        events.watch(&incident::WatchEvent::StateNotKept { error: "full".into() });
        events.run(&incident::Event::RunEnded { outcome: incident::Outcome::Success, exit_code: 0 });
        events.own(&Own::HuntEnded {
            exit_code: 0,
            outcome: "done",
            session: None,
            verdict: Some(Verdict::Leak),
            sentence: Some("x"),
        });
        events.close();
        let told = std::fs::read_to_string(folder.path().join("events")).unwrap();
        let told: Vec<serde_json::Value> =
            told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let names: Vec<&str> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
        assert_eq!(names, ["opened", "started", "run_ended", "watch", "run_ended", "hunt_ended"]);
        assert!(told[1..3].iter().all(|line| line["in_step"] == "hunt"), "the nearer: {told:?}");
        assert_eq!(told[3]["act"], "state_not_kept");
        for line in &told {
            assert!(validator.is_valid(line), "{line}");
        }
        let wrong =
            serde_json::json!({ "at": "2026-01-31T12:00:00Z", "event": "run_ended", "outcome": "well" });
        assert!(!validator.is_valid(&wrong));
    }

    /// A reader that reads nothing holds nothing up, and learns what it has missed.
    #[test]
    fn a_slow_reader_misses_progress_only() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let events = Events::start(ours, Destination::Stdout);
        // More than a socket takes, and than may be unread.
        let text = "x".repeat(1_000);
        for _ in 0..3 * MOST_UNREAD {
            events.hunt(&capture::Event::Warning { text: text.clone() });
        }
        events.hunt(&capture::Event::Download { bytes: 1, of: None });
        events.hunt(&capture::Event::Warning { text });
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            theirs.read_to_string(&mut text).unwrap();
            text
        });
        events.close();
        let read = reader.join().unwrap();
        assert_eq!(read.matches("\"event\":\"warning\"").count(), 3 * MOST_UNREAD + 1);
        assert_eq!(read.matches("\"event\":\"skipped\",\"lines\":1").count(), 1);
        assert!(!read.contains("download"));
    }

    #[test]
    fn what_cannot_be_written_is_told_before_anything_is_started() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
            .unwrap();
        for (to, says) in [
            (fifo.display().to_string(), "nobody reads"),
            (format!("unix:{}", folder.path().join("no").display()), "listens"),
        ] {
            let failure = Events::open(&to.parse().unwrap()).err().unwrap();
            assert!(failure.advice().unwrap().contains(says), "{to}");
        }
        assert!("unix:".parse::<Destination>().is_err());
    }
}
