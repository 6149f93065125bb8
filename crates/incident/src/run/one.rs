//! A command of this program outside of a runbook: its end, and what its document says.

use std::fs;
use std::path::Path;
use std::time::Instant;

use leakhunt_host::{CommandLine, Environment};

use super::answer;
use super::outcome::{Outcome, StepResult};
use super::process::{self, Wishes};
use super::record::new_file;

/// Runs a command. What it answers goes through this file, which is gone afterwards.
pub(crate) async fn one_command(
    command: &CommandLine,
    environment: &Environment,
    file: &Path,
    wishes: &Wishes,
) -> StepResult {
    let mut result = StepResult::new("hunt", String::new(), Outcome::Failure).with_code(1);
    let began = Instant::now();
    // One of a watch that was killed.
    let _ = fs::remove_file(file);
    let stdout = match new_file(file) {
        Ok(stdout) => stdout,
        Err(error) => return result.because(format!("its answer cannot be kept: {error}")),
    };
    match process::run(command, environment, Some(stdout), None, wishes, |_| ()).await {
        Ok(ended) => {
            (result.outcome, result.exit_code) = (ended.outcome, Some(ended.code));
            answer::read(file, &mut result);
        }
        Err(error) => result = result.because(error.to_string()),
    }
    let _ = fs::remove_file(file);
    result.took = began.elapsed();
    result
}
