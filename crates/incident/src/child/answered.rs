//! A command of this program outside of a runbook: its end, and what its document says.

use std::path::Path;
use std::time::{Duration, Instant};

use leakhunt_host::{CommandLine, Environment, Stdin, Streams};

use super::answer::Answer;
use super::files::new_file;
use super::outcome::Outcome;
use super::process::{self, Wishes};

/// What became of it.
#[derive(Debug)]
pub(crate) struct Answered {
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// With which exit code, where it ran.
    pub(crate) exit_code: Option<u8>,
    /// Why it did not run.
    pub(crate) reason: Option<String>,
    /// How long it took.
    pub(crate) took: Duration,
    /// What its document says.
    pub(crate) answer: Answer,
}

/// Where what it prints goes: files that are not there yet.
pub(crate) struct Files<'f> {
    /// Its document.
    pub(crate) document: &'f Path,
    /// What it says to a person, if that is not to be seen.
    pub(crate) log: Option<&'f Path>,
}

/// Runs a command, and reads its document.
pub(crate) async fn answered(
    command: &CommandLine,
    environment: &Environment,
    files: Files<'_>,
    longest: Option<Duration>,
    wishes: &Wishes,
) -> Answered {
    let began = Instant::now();
    let not_run = |reason: String| (Outcome::Failure, None, Some(reason));
    let streams = files.log.map(new_file).transpose().and_then(|stderr| {
        let stdout = Some(new_file(files.document)?);
        Ok(Streams { stdin: Stdin::Lifeline, stdout, stderr })
    });
    let (outcome, exit_code, reason) = match streams {
        Ok(streams) => match process::run(command, environment, streams, longest, wishes, |_| ()).await {
            Ok(ended) => (ended.outcome, Some(ended.code), None),
            Err(error) => not_run(error.to_string()),
        },
        Err(error) => not_run(format!("its answer cannot be kept: {error}")),
    };
    Answered { outcome, exit_code, reason, took: began.elapsed(), answer: Answer::read(files.document) }
}
