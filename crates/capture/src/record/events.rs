//! Where events go: to whoever watches, and, once the folder exists, to `events.ndjson`.

use std::time::Instant;

use super::session_folder::EventLog;
use crate::data::{Event, Step};

/// Tells the watcher and the audit log.
pub(crate) struct Record<'a> {
    watch: &'a (dyn Fn(&Event) + Send + Sync),
    log: Option<EventLog>,
    early: Vec<Event>,
    warnings: Vec<String>,
    step: Step,
}

impl<'a> Record<'a> {
    pub(crate) fn new(watch: &'a (dyn Fn(&Event) + Send + Sync)) -> Self {
        Self { watch, log: None, early: Vec::new(), warnings: Vec::new(), step: Step::Preflight }
    }

    /// From now on events are kept; those from before are written first.
    pub(crate) fn keep_in(&mut self, log: EventLog) {
        self.log = Some(log);
        for event in std::mem::take(&mut self.early) {
            self.write(event);
        }
    }

    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The step under way, in words that read after "interrupted".
    pub(crate) fn when(&self) -> &'static str {
        match self.step {
            Step::Preflight => "before anything was done there",
            Step::Reach => "while the process was being reached",
            Step::Attach => "while attaching",
            Step::Sample => "while sampling",
            Step::Profile => "while profiling",
            Step::Sources => "while source maps were being fetched",
            Step::Hold => "while the inspector was held",
            Step::Leave => "while leaving",
        }
    }

    pub(crate) fn tell(&mut self, event: Event) {
        if self.step == Step::Leave {
            // On the way out a watcher's defect must not keep anything from being undone.
            let watched = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (self.watch)(&event)));
            if watched.is_err() {
                tracing::warn!("an event could not be shown");
            }
        } else {
            (self.watch)(&event);
        }
        if event.is_kept() {
            self.write(event);
        }
    }

    /// A command that was started here, as it goes into the audit.
    pub(crate) fn command(&mut self, command: &leakhunt_host::CommandLine) {
        let program = command.program.display().to_string();
        self.tell(Event::Command {
            argv: std::iter::once(program).chain(command.args.iter().cloned()).collect(),
        });
    }

    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.warnings.push(text.clone());
        self.tell(Event::Warning { text });
    }

    pub(crate) fn begin(&mut self, step: Step) -> Instant {
        self.step = step;
        self.tell(Event::StepStarted { step });
        Instant::now()
    }

    pub(crate) fn done(&mut self, since: Instant, detail: impl Into<String>) {
        self.tell(Event::StepDone { step: self.step, took: since.elapsed(), detail: detail.into() });
    }

    fn write(&mut self, event: Event) {
        match &mut self.log {
            // A full disk must not end a hunt whose snapshots may lie on another one; it shows in session.json's absence.
            Some(log) => {
                if let Err(error) = log.append(&event) {
                    tracing::warn!("events.ndjson: {error}");
                }
            }
            None => self.early.push(event),
        }
    }
}
