//! A step as a command line.

use std::path::{Path, PathBuf};

use minijinja::value::Value as Known;

use crate::command::{Command, Commands, EVENTS, JSON, Kind, Nature};
use crate::expression::{Template, Unknown};
use crate::runbook::{Act, Runbook, Step, Variable, With};
use crate::source::Span;

/// POSIX has it there in all but name, and so no PATH can name another.
pub(super) const SHELL: &str = "/bin/sh";

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// This program, with these words; its stdout is kept under this name, and its events go into that file, if they are asked for.
    Own { words: Vec<String>, keep: String, events: Option<PathBuf> },
    /// A shell, with this script as it is.
    Shell(String),
}

/// Why there is no command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unready {
    pub(super) message: String,
    pub(super) span: Span,
}

impl From<Unknown> for Unready {
    fn from(Unknown { message, span }: Unknown) -> Self {
        Self { message, span }
    }
}

/// How a text with expressions in it is filled in.
pub(super) type Fill<'f> = dyn Fn(&Template) -> Result<Option<String>, Unready> + 'f;

/// Fills in what is known.
pub(super) fn fill_with(known: &Known) -> impl Fn(&Template) -> Result<Option<String>, Unready> {
    |template| template.fill(known).map_err(Unready::from)
}

pub(super) fn line(
    step: &Step,
    runbook: &Runbook,
    commands: &Commands,
    folder: &Path,
    events: bool,
    fill: &Fill<'_>,
) -> Result<Line, Unready> {
    match &step.act {
        Act::Run(script) => Ok(Line::Shell(script.value.clone())),
        Act::Uses { command, with } => {
            let known = commands.find(&command.value, &runbook.host).ok_or_else(|| Unready {
                message: format!("there is no command `{}`", command.value),
                span: command.span.clone(),
            })?;
            let given = with.iter().any(|one| one.option.value == EVENTS);
            let events = (events && known.option(EVENTS).is_some() && !given)
                .then(|| folder.join(format!("{}.events.ndjson", step.id.value)));
            let words = words(known, with, folder, events.as_deref(), fill)?;
            let keep = format!("{}.{}", step.id.value, ending(&words));
            Ok(Line::Own { words, keep, events })
        }
    }
}

/// The words behind the program's name.
fn words(
    command: &Command,
    with: &[With],
    folder: &Path,
    events: Option<&Path>,
    fill: &Fill<'_>,
) -> Result<Vec<String>, Unready> {
    let mut words: Vec<String> = command.name.split(' ').map(str::to_owned).collect();
    let mut places: Vec<(usize, String)> = Vec::new();
    for one in with {
        let Some(option) = command.option(&one.option.value) else { continue };
        for template in &one.values {
            let value = fill(template)?.ok_or_else(|| Unready {
                message: format!("`{}` has no value: {} is not known", option.name, template.as_written()),
                span: template.span.clone(),
            })?;
            match (option.place, &option.kind, value.as_str()) {
                // An input that was not given: the command's own default holds.
                (_, _, "") => {}
                (Some(place), ..) => places.push((place, value)),
                (None, Kind::Flag, "true") => words.push(format!("--{}", option.name)),
                (None, Kind::Flag, "false") => {}
                _ => words.push(format!("--{}={value}", option.name)),
            }
        }
    }
    let given = |name: &str| with.iter().any(|one| one.option.value == name);
    if command.nature == Nature::Hunts && !given("out") {
        words.push(format!("--out={}", folder.display()));
    }
    // A format that was asked for is what the step prints.
    if command.option(JSON).is_some() && !given("format") {
        words.push(format!("--{JSON}"));
    }
    words.extend(events.map(|file| format!("--{EVENTS}={}", file.display())));
    if !places.is_empty() {
        places.sort_by_key(|(place, _)| *place);
        words.push("--".to_owned());
        words.extend(places.into_iter().map(|(_, value)| value));
    }
    Ok(words)
}

/// How a file of what is printed ends.
fn ending(words: &[String]) -> &'static str {
    let format = words.iter().find_map(|word| word.strip_prefix("--format="));
    match format {
        Some("html") => "html",
        Some("markdown") => "md",
        Some("json") => "json",
        None if words.iter().any(|word| word == "--json") => "json",
        _ => "txt",
    }
}

/// The variables of a runbook or a step; one without a value is empty.
pub(super) fn env(variables: &[Variable], fill: &Fill<'_>) -> Result<Vec<(String, String)>, Unready> {
    variables
        .iter()
        .map(|variable| {
            let value = fill(&variable.value)?.unwrap_or_default().replace('\0', "");
            Ok((variable.name.value.clone(), value))
        })
        .collect()
}
