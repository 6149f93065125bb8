//! What can be known of a runbook before it runs: a file each kind of mistake.

mod flow;
mod names;
mod options;
mod shell;

use crate::command::Commands;
use crate::diagnostic::Diagnostics;
use crate::runbook::Runbook;

pub(crate) fn lint(runbook: &Runbook, text: &str, commands: &Commands, found: &mut Diagnostics) {
    names::lint(runbook, found);
    options::lint(runbook, commands, found);
    shell::lint(runbook, text, found);
    flow::lint(runbook, commands, found);
}
