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
        after_failure(runbook, at, found);
        retried(step, command, found);
        if command.is_some_and(|command| command.nature == Nature::Hunts) {
            left_open(runbook, at, commands, found);
        }
    }
}

/// `if: steps.ID.outcome == 'failure'`, which in other places is how a failure is dealt with: here such a step is skipped before its
/// condition is looked at.
fn after_failure(runbook: &Runbook, at: usize, found: &mut Diagnostics) {
    let step = &runbook.steps[at];
    let Some(condition) = step.condition.as_ref().filter(|_| !step.always) else { return };
    let words: Vec<&str> = condition.0.as_written().split_whitespace().collect();
    let [asked, "==", outcome] = words[..] else { return };
    let is_failure = matches!(outcome.trim_matches(['\'', '"']), "failure" | "timeout" | "interrupted");
    let id = asked.strip_prefix("steps.").and_then(|rest| rest.strip_suffix(".outcome"));
    let earlier = id.and_then(|id| runbook.steps[..at].iter().find(|earlier| earlier.id.value == id));
    if let Some(earlier) = earlier.filter(|earlier| is_failure && !earlier.continue_on_error) {
        let message =
            format!("the step `{}` can never run: only steps with `always` run then", step.id.value);
        let help = format!("add `always: true` here, or `continue-on-error: true` to `{}`", earlier.id.value);
        found.error(&condition.0.span, message, help);
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
