//! What a run leaves: its folder, with `run.json`, `events.ndjson`, what each step printed, and the sessions of its hunts. Folder 0700,
//! files 0600.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use leakhunt_text::json;
use serde::Serialize;

use super::event::{Event, Watch};
use super::inputs::Inputs;
use super::outcome::StepResult;
use crate::child::{Outcome, new_file, new_folder};

/// A run that has ended: also the document of `leakhunt run --json`, and `run.json`.
#[derive(Debug, Serialize)]
pub struct Ran {
    schema_version: u32,
    tool_version: &'static str,
    /// The runbook's name.
    pub runbook: String,
    /// The file that it was read from.
    pub file: String,
    /// The run's folder.
    pub folder: PathBuf,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    inputs: Inputs,
    /// How it ended; nothing while it runs.
    pub outcome: Option<Outcome>,
    /// That of the first step that failed; 40 of any step outranks it.
    pub exit_code: Option<u8>,
    /// The steps that have ended, in their order.
    pub steps: Vec<StepResult>,
}

pub(super) struct Record<'a> {
    pub(super) ran: Ran,
    events: File,
    pub(super) watch: Watch<'a>,
}

impl<'a> Record<'a> {
    pub(super) fn create(
        out: &Path,
        (runbook, file): (&str, &str),
        inputs: Inputs,
        tool_version: &'static str,
        watch: Watch<'a>,
    ) -> io::Result<Self> {
        let started_at = Timestamp::now();
        let folder = new_folder(out, "run", runbook, started_at)?;
        let events = new_file(&folder.join("events.ndjson"))?;
        let ran = Ran {
            schema_version: 1,
            tool_version,
            runbook: runbook.to_owned(),
            file: file.to_owned(),
            folder,
            started_at,
            ended_at: None,
            inputs,
            outcome: None,
            exit_code: None,
            steps: Vec::new(),
        };
        Ok(Self { ran, events, watch })
    }

    /// Shows an event and keeps it. A full disk ends no run: it shows in what is missing.
    pub(super) fn tell(&self, event: &Event) {
        #[derive(Serialize)]
        struct Timed<'e> {
            at: Timestamp,
            #[serde(flatten)]
            event: &'e Event,
        }
        (self.watch.event)(event);
        let mut line = Vec::new();
        if json::told_line(&mut line, &Timed { at: Timestamp::now(), event }).is_ok() {
            let _ = (&self.events).write_all(&line);
        }
    }

    pub(super) fn step_ended(&mut self, result: StepResult) {
        let StepResult { id: step, name, outcome, exit_code, reason, answer, took, .. } = result.clone();
        self.ran.steps.push(result);
        let (reason, sentence) = (reason.or(answer.error), answer.sentence);
        self.tell(&Event::StepEnded { step, name, outcome, exit_code, reason, sentence, took });
        self.write();
    }

    pub(super) fn ended(mut self, outcome: Outcome, exit_code: u8) -> Ran {
        self.ran.ended_at = Some(Timestamp::now());
        self.ran.outcome = Some(outcome);
        self.ran.exit_code = Some(exit_code);
        self.tell(&Event::RunEnded { outcome, exit_code });
        self.write();
        self.ran
    }

    fn write(&self) {
        let partial = self.ran.folder.join("run.json.partial");
        let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial);
        let written = written.and_then(|mut file| json::told_document(&mut file, &self.ran));
        let _ = written.and_then(|()| fs::rename(&partial, self.ran.folder.join("run.json")));
    }
}
