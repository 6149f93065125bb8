//! What a run leaves: its folder, with `run.json`, `events.ndjson`, what each step printed, and the sessions of its hunts. Folder 0700,
//! files 0600.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use jiff::Timestamp;
use leakhunt_text::json;
use serde::Serialize;

use super::event::{Event, Watch};
use super::inputs::Inputs;
use super::outcome::StepResult;
use super::plan::Plan;
use crate::child::{Outcome, new_file, new_folder};
use crate::trigger::Triggered;

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
    trigger: Triggered,
    /// How it ended; nothing while it runs.
    pub outcome: Option<Outcome>,
    /// That of the first step that failed; 40 of any step outranks it.
    pub exit_code: Option<u8>,
    /// The verdict of the last step that came to one.
    verdict: Option<String>,
    /// And its sentence.
    sentence: Option<String>,
    /// What the step whose exit code it is says of its failure.
    error: Option<String>,
    /// The steps that have ended, in their order.
    pub steps: Vec<StepResult>,
}

pub(super) struct Record<'a> {
    pub(super) ran: Ran,
    events: File,
    pub(super) watch: Watch<'a>,
}

impl<'a> Record<'a> {
    pub(super) fn create(plan: &Plan<'_>, watch: Watch<'a>) -> io::Result<Self> {
        let started_at = Timestamp::now();
        let folder = new_folder(&plan.out, "run", &plan.runbook.name, started_at)?;
        let events = new_file(&folder.join("events.ndjson"))?;
        let ran = Ran {
            schema_version: 1,
            tool_version: plan.tool_version,
            runbook: plan.runbook.name.clone(),
            file: plan.source.name.clone(),
            folder,
            started_at,
            ended_at: None,
            inputs: plan.inputs.clone(),
            trigger: plan.trigger.clone(),
            outcome: None,
            exit_code: None,
            verdict: None,
            sentence: None,
            error: None,
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
        if answer.verdict.is_some() {
            (self.ran.verdict, self.ran.sentence) = (answer.verdict, sentence.clone());
        }
        self.tell(&Event::StepEnded { step, name, outcome, exit_code, reason, sentence, took });
        self.write();
    }

    /// The exit code of the run is that of this step.
    pub(super) fn failed_by(&mut self, step: &StepResult) {
        let why = step.reason.as_ref().or(step.answer.error.as_ref()).cloned();
        let why = why.unwrap_or_else(|| match (step.outcome, step.exit_code) {
            (Outcome::Timeout, _) => "it took longer than its timeout".to_owned(),
            (_, Some(code)) => format!("exit {code}"),
            (_, None) => "it did not run".to_owned(),
        });
        self.ran.error = Some(format!("step {}: {why}", step.id));
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
