//! A runbook, and what it is given: read and compared before anything is started.

use std::path::Path;

use leakhunt_incident::{self as incident, Commands, Inputs, Runbook, Severity, Source, Triggered};

use super::drawn::drawn;
use crate::failure::Failure;
use crate::{exit, terminal};

/// `NAME=VALUE`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("\"{text}\" is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The runbook, if it can be run; what was found is said on stderr.
pub(crate) fn read(file: &Path, commands: &Commands) -> Result<(Source, Runbook), Failure> {
    let source = Source::read(file)
        .map_err(|error| Failure::new(exit::USAGE, format!("{} cannot be read: {error}", file.display())))?;
    let read = incident::read(&source, commands);
    for diagnostic in &read.diagnostics {
        terminal::say(&drawn(&source, diagnostic));
    }
    let errors = read.diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
    let runbook = read.runbook.ok_or_else(|| {
        let many = if errors == 1 { "an error".to_owned() } else { format!("{errors} errors") };
        Failure::new(exit::USAGE, format!("{} has {many}; nothing was run", source.name))
            .hint(format!("mend it, and see `leakhunt runbook lint {}`", source.name))
    })?;
    Ok((source, runbook))
}

/// Its inputs.
pub(crate) fn inputs(
    runbook: &Runbook,
    given: &[(String, String)],
    commands: &Commands,
) -> Result<Inputs, Failure> {
    incident::take_inputs(runbook, given, commands).map_err(usage)
}

/// What set it off.
pub(crate) fn trigger(
    runbook: &Runbook,
    source: &Source,
    given: &[(String, String)],
) -> Result<Triggered, Failure> {
    incident::take_trigger(runbook, source, given).map_err(usage)
}

fn usage((message, hint): (String, Option<String>)) -> Failure {
    let failure = Failure::new(exit::USAGE, message);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
