//! What a watch starts, in the words that a person could type.

use std::path::Path;
use std::time::Duration;

use leakhunt_host::CommandLine;
use leakhunt_host::heroku::AppName;
use leakhunt_incident::{Commands, Runbook, Trigger};

use crate::exit;
use crate::failure::Failure;
use crate::runbooks::given;

/// What is done about an alarm.
#[derive(Clone, Copy)]
pub(crate) enum Act<'w> {
    /// A hunt, with these options.
    Hunt(&'w [String]),
    /// A run of this runbook.
    Run { file: &'w Path, inputs: &'w [(String, String)] },
}

/// The command line of it.
pub(crate) struct Words<'w> {
    app: &'w AppName,
    out: &'w Path,
    act: Act<'w>,
    /// Inputs of the runbook that the watch gives itself: `app` and `dyno`.
    own: Vec<&'static str>,
}

/// What has a dyno near its quota at night may be slow: it is observed for longer than a person would wait.
const OBSERVED: &str = "--duration=10m";

/// A dyno that every app could have.
const SOME_DYNO: &str = "web.1";

impl<'w> Words<'w> {
    /// What would be wrong with them at night is wrong with them now.
    pub(crate) fn checked(
        app: &'w AppName,
        out: &'w Path,
        act: Act<'w>,
        commands: &Commands,
    ) -> Result<Self, Failure> {
        let mut words = Self { app, out, act, own: Vec::new() };
        match act {
            Act::Hunt(options) => words.check_hunt(options, commands)?,
            Act::Run { file, inputs } => {
                let (source, runbook) = given::read(file, commands)?;
                let has =
                    |runbook: &Runbook, name| runbook.inputs.iter().any(|input| input.name.value == name);
                words.own = ["app", "dyno"].into_iter().filter(|name| has(&runbook, *name)).collect();
                words.own.retain(|name| !inputs.iter().any(|(given, _)| given == name));
                given::inputs(&runbook, &words.inputs(SOME_DYNO), commands)?;
                // What an alarm tells in any case.
                let told =
                    [("code", "R14"), ("dyno", SOME_DYNO), ("at", "2026-01-31T03:12:40Z"), ("line", "")];
                let told = told.map(|(field, value)| (field.to_owned(), value.to_owned()));
                given::trigger(&runbook, &source, &told).map_err(|failure| {
                    failure.hint(
                        "an alarm tells mem and quota only where they were logged: write a default, \
                         {{ trigger.mem | default(0) }}, in a shell command ${LEAKHUNT_TRIGGER_MEM:-0}",
                    )
                })?;
            }
        }
        Ok(words)
    }

    /// Whether a runbook is run.
    pub(crate) fn runs(&self) -> bool {
        matches!(self.act, Act::Run { .. })
    }

    /// What it gets to end in order: a hunt its teardown, a run besides that the steps that always run.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(if self.runs() { 300 } else { 120 })
    }

    pub(crate) fn of(&self, trigger: &Trigger, sampling: bool) -> CommandLine {
        let args = match self.act {
            Act::Hunt(options) => self.hunt(options, &trigger.dyno, sampling),
            Act::Run { file, .. } => self.run(file, trigger),
        };
        CommandLine { program: "leakhunt".into(), args }
    }

    fn hunt(&self, options: &[String], dyno: &str, sampling: bool) -> Vec<String> {
        let mut words = vec!["heroku".to_owned(), format!("--app={}", self.app), format!("--dyno={dyno}")];
        words.extend(self.out());
        if sampling {
            words.push("--profile=sampling".to_owned());
            return words;
        }
        let is_given = |option: &str| options.iter().any(|word| word.starts_with(option));
        if !is_given("--fallback") && !is_given("--profile") {
            words.push("--profile=auto".to_owned());
            if !is_given("--duration") {
                words.push(OBSERVED.to_owned());
            }
        }
        words.extend_from_slice(options);
        words
    }

    fn run(&self, file: &Path, trigger: &Trigger) -> Vec<String> {
        let inputs =
            self.inputs(&trigger.dyno).into_iter().map(|(name, value)| format!("--input={name}={value}"));
        let trigger = trigger.fields().into_iter().map(|(field, value)| format!("--trigger={field}={value}"));
        let words = ["run".to_owned(), file.display().to_string()].into_iter();
        words.chain(self.out()).chain(inputs).chain(trigger).collect()
    }

    fn out(&self) -> Option<String> {
        (self.out != Path::new(".")).then(|| format!("--out={}", self.out.display()))
    }

    fn inputs(&self, dyno: &str) -> Vec<(String, String)> {
        let Act::Run { inputs, .. } = self.act else { return Vec::new() };
        let own = self.own.iter().map(|name| {
            let value = if *name == "app" { self.app.to_string() } else { dyno.to_owned() };
            ((*name).to_owned(), value)
        });
        own.chain(inputs.iter().cloned()).collect()
    }

    fn check_hunt(&self, options: &[String], commands: &Commands) -> Result<(), Failure> {
        if options.iter().any(|word| word == "--events" || word.starts_with("--events=")) {
            return Err(Failure::new(exit::USAGE, "--events behind -- is not for the hunts of a watch")
                .hint("give it before --: there it has what happens in the hunts, too"));
        }
        let mut words = self.hunt(options, SOME_DYNO, false);
        words.push("--json".to_owned());
        (commands.judge)(&words).map_err(|error| {
            let error = error.trim_start_matches("error: ").lines().next().unwrap_or_default().to_owned();
            Failure::new(exit::USAGE, format!("a hunt with the options behind -- could not begin: {error}"))
                .hint("`leakhunt help heroku` lists them")
        })
    }
}
