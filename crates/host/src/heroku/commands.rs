//! The two commands of the Heroku CLI that lead into a dyno.

use std::path::Path;

use crate::CommandLine;

/// Runs a script in a dyno. It is ONE argument after `--`: so it reaches the remote shell as it is. Several would be joined, half
/// quoted.
#[must_use]
pub fn exec_command(program: &Path, app: &str, dyno: &str, script: &str) -> CommandLine {
    CommandLine::new(program, ["ps:exec", "-a", app, "-d", dyno, "--", script])
}

/// Forwards a port of a dyno; `ports` is `LOCAL:REMOTE`.
#[must_use]
pub fn forward_command(program: &Path, ports: &str, app: &str, dyno: &str) -> CommandLine {
    CommandLine::new(program, ["ps:forward", ports, "-a", app, "-d", dyno])
}
