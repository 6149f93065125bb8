//! What happens when: steps that never run, that are tried again though they change something, that leave something open.

use crate::command::{Command, Commands, Nature};
use crate::diagnostic::Diagnostics;
use crate::runbook::{Act, Runbook, Step};

pub(super) fn lint(runbook: &Runbook, commands: &Commands, found: &mut Diagnostics) {
    for (at, step) in runbook.steps.iter().enumerate() {
        let command = command_of(step, runbook, commands);
        if let Some(condition) = step.condition.as_ref()
            && let Some(constant) = condition.constant()
        {
            if constant {
                let help = "leave `if` out".to_owned();
                found.warning(&condition.0.span, "this condition is always true", help);
            } else {
                let help =
                    "it depends on nothing; remove the step, or compare with an input or a step".to_owned();
                found.error(&condition.0.span, format!("the step `{}` can never run", step.id.value), help);
            }
        }
        retried(step, command, found);
        if command.is_some_and(|command| command.nature == Nature::Hunts) {
            left_open(runbook, at, commands, found);
        }
    }
}

fn command_of<'c>(step: &Step, runbook: &Runbook, commands: &'c Commands) -> Option<&'c Command> {
    match &step.act {
        Act::Uses { command, .. } => commands.find(&command.value, &runbook.host),
        Act::Run(_) => None,
    }
}

fn retried(step: &Step, command: Option<&Command>, found: &mut Diagnostics) {
    let Some(retry) = step.retry.as_ref().filter(|retry| retry.value > 0) else { return };
    let (what, help) = match (&step.act, command) {
        (Act::Run(_), _) => ("a shell command", "put the loop into the shell command"),
        (_, Some(command)) if command.nature == Nature::Hunts => {
            ("a hunt", "try `doctor` before it: that changes nothing, and can be tried again")
        }
        (_, Some(command)) if command.nature == Nature::Changes => {
            ("what changes something", "leave `retry` out")
        }
        _ => return,
    };
    found.error(&retry.span, format!("{what} is not tried again"), help.to_owned());
}

/// A hunt that may be killed at its timeout leaves what only `cleanup` finishes.
fn left_open(runbook: &Runbook, at: usize, commands: &Commands, found: &mut Diagnostics) {
    let step = &runbook.steps[at];
    let Some(timeout) = &step.timeout else { return };
    let cleaned = runbook.steps[at + 1..].iter().any(|later| {
        later.always
            && later.condition.is_none()
            && command_of(later, runbook, commands).is_some_and(|command| command.name == "cleanup")
    });
    if !cleaned {
        let help = "add a step behind it: `uses: cleanup`, with `always: true`".to_owned();
        found.warning(
            &timeout.span,
            "a hunt that is killed at its timeout may leave the inspector open",
            help,
        );
    }
}
