//! The steps of a run, one behind the other.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use leakhunt_host::{CommandLine, Stdin, Streams};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::child::{self, Answer, Ended, Follow, NOT_CONFIRMED, Outcome, Wishes, new_file};
use crate::expression::Template;
use crate::runbook::Step;

use super::event::{Event, Watch};
use super::facts::Facts;
use super::outcome::StepResult;
use super::plan::Plan;
use super::record::{Ran, Record};
use super::words::{self, Line, SHELL, Unready, fill_with};

/// What a shell command gets to clean up: of a program that handles SIGINT the shell takes no notice, and goes on.
const A_SHELL_TO_CLEAN_UP: Duration = Duration::from_secs(10);
/// Before a step is tried again; each time twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Between two looks at the events of a step.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// What is wrong with the runbook itself, found while it runs.
const UNREADY: u8 = 2;
/// A step could not be started.
const NOT_STARTED: u8 = 1;

/// Runs the steps that were chosen. `stop` is a person's first wish: the current step is ended in order, and only steps with `always`
/// run; `hurry` the second: nothing is waited for.
///
/// # Errors
/// The run's folder cannot be made; then nothing was run.
pub async fn run(
    plan: &Plan<'_>,
    stop: &CancellationToken,
    hurry: &CancellationToken,
    watch: Watch<'_>,
) -> io::Result<Ran> {
    let record = Record::create(plan, watch)?;
    let (runbook, folder) = (plan.runbook.name.clone(), record.ran.folder.clone());
    record.tell(&Event::RunStarted { runbook, folder });
    let mut run = Run {
        plan,
        facts: Facts::new(plan),
        env: Vec::new(),
        failed: None,
        wishes: Wishes::of(stop, hurry),
        record,
    };
    match words::env(&plan.runbook.env, &fill_with(&run.facts.known())) {
        Ok(env) => {
            run.facts.set_env(&env);
            run.env = env;
        }
        Err(unready) => {
            let place = run.place(&unready);
            run.failed = Some(UNREADY);
            let result = StepResult::new("env", "env".into(), Outcome::Failure);
            let result = result.because(place).with_code(UNREADY);
            run.record.failed_by(&result);
            run.record.step_ended(result);
        }
    }
    for (at, step) in plan.runbook.steps.iter().enumerate() {
        if plan.has(at) {
            let result = run.step(step).await;
            run.take(step, result);
        } else {
            let result = StepResult::new(&step.id.value, called(step), Outcome::Skipped);
            run.record.ran.steps.push(result.because("it was not chosen"));
        }
    }
    Ok(run.ended())
}

struct Run<'r> {
    plan: &'r Plan<'r>,
    facts: Facts,
    /// The runbook's own variables.
    env: Vec<(String, String)>,
    /// The exit code of the first step that failed.
    failed: Option<u8>,
    wishes: Wishes,
    record: Record<'r>,
}

impl Run<'_> {
    async fn step(&mut self, step: &Step) -> StepResult {
        let known = self.facts.known();
        let fill = fill_with(&known);
        let id = step.id.value.as_str();
        let name =
            step.name.as_ref().and_then(|name| fill(name).ok().flatten()).unwrap_or_else(|| id.to_owned());
        let new = |outcome| StepResult::new(id, name.clone(), outcome);
        if let Some(why) = self.over().filter(|_| !step.always) {
            return new(Outcome::Skipped).because(why);
        }
        match step.condition.as_ref().map(|condition| condition.0.value(&known)) {
            Some(Ok(value)) if !value.is_true() => {
                return new(Outcome::Skipped).because("its condition is false");
            }
            Some(Err(unknown)) => return self.unready(&unknown.into(), new(Outcome::Failure)),
            _ => {}
        }
        let (plan, events) = (self.plan, self.record.watch.of_step.is_some());
        let line = words::line(step, plan.runbook, plan.commands, &self.record.ran.folder, events, &fill);
        let env = words::env(&step.env, &fill);
        match (line, env) {
            (Ok(line), Ok(env)) => self.followed(step, line, env, new(Outcome::Failure)).await,
            (Err(unready), _) | (_, Err(unready)) => self.unready(&unready, new(Outcome::Failure)),
        }
    }

    /// Why steps without `always` do not run any more.
    fn over(&self) -> Option<&'static str> {
        match self.failed {
            _ if self.wishes.stop.is_cancelled() => Some("the run was interrupted"),
            Some(_) => Some("an earlier step failed"),
            None => None,
        }
    }

    fn unready(&self, unready: &Unready, result: StepResult) -> StepResult {
        result.because(self.place(unready)).with_code(UNREADY)
    }

    fn place(&self, unready: &Unready) -> String {
        let (line, column) = self.plan.source.position(unready.span.start);
        format!("{}:{line}:{column}: {}", self.plan.source.name, unready.message)
    }

    /// Starts it, and hands on the events of its own that it writes meanwhile.
    async fn followed(
        &mut self,
        step: &Step,
        line: Line,
        env: Vec<(String, String)>,
        result: StepResult,
    ) -> StepResult {
        let (Line::Own { events: Some(file), .. }, Some(told)) = (&line, self.record.watch.of_step) else {
            return self.act(step, line, env, result).await;
        };
        let mut follow = Follow::new(file.clone());
        let told = |event: &str| told(&step.id.value, event);
        let acting = self.act(step, line, env, result);
        tokio::pin!(acting);
        loop {
            let ended = timeout(BETWEEN_LOOKS, &mut acting).await;
            follow.look(&told);
            if let Ok(result) = ended {
                return result;
            }
        }
    }

    /// Starts it, as often as it may be tried.
    async fn act(
        &mut self,
        step: &Step,
        line: Line,
        env: Vec<(String, String)>,
        mut result: StepResult,
    ) -> StepResult {
        let folder = self.record.ran.folder.clone();
        let environment = self.plan.environment.with(self.env.iter().cloned()).with(env);
        let (command, environment, keep) = match line {
            Line::Own { words, keep, .. } => {
                let command = CommandLine { program: self.plan.program.clone(), args: words };
                (command, environment, Some(folder.join(keep)))
            }
            Line::Shell(script) => {
                let command = CommandLine { program: SHELL.into(), args: vec!["-c".to_owned(), script] };
                (command, environment.with(self.facts.variables(self.plan.runbook, &folder)), None)
            }
        };
        result.command =
            std::iter::once(command.program.display().to_string()).chain(command.args.clone()).collect();
        result.file.clone_from(&keep);
        self.record.tell(&Event::StepStarted {
            step: result.id.clone(),
            name: result.name.clone(),
            command: result.command.clone(),
        });
        let began = Instant::now();
        let most = step.retry.as_ref().map_or(0, |retry| retry.value);
        let mut wishes = self.wishes_now();
        if keep.is_none() {
            wishes.patience = A_SHELL_TO_CLEAN_UP;
        }
        loop {
            result.tries += 1;
            if let Some(file) = &keep {
                // What an earlier try printed is that of a failure.
                let _ = fs::remove_file(file);
            }
            let ended = self.one_try(step, &command, &environment, &wishes, &mut result).await;
            let left = (most + 1).saturating_sub(result.tries);
            let again = ended.outcome == Outcome::Failure && left > 0;
            (result.outcome, result.exit_code) = (ended.outcome, Some(ended.code));
            if !again || wishes.stop.is_cancelled() {
                break;
            }
            self.record.tell(&Event::StepRetried { step: result.id.clone(), exit_code: ended.code, left });
            let wait = FIRST_WAIT.saturating_mul(1 << (result.tries - 1).min(5)).min(LONGEST_WAIT);
            tokio::select! {
                () = sleep(wait) => {}
                () = wishes.stop.cancelled() => break,
            }
        }
        result.took = began.elapsed();
        if let Some(file) = &keep {
            result.answer = Answer::read(file);
        }
        result
    }

    async fn one_try(
        &mut self,
        step: &Step,
        command: &CommandLine,
        environment: &leakhunt_host::Environment,
        wishes: &Wishes,
        result: &mut StepResult,
    ) -> Ended {
        let not_started = |result: &mut StepResult, reason: String| {
            result.reason = Some(reason);
            Ended { outcome: Outcome::Failure, code: NOT_STARTED }
        };
        let file = match result.file.as_ref().map(|file| new_file(file)).transpose() {
            Ok(file) => file,
            Err(error) => return not_started(result, format!("its answer cannot be kept: {error}")),
        };
        let longest = step.timeout.as_ref().map(|timeout| timeout.value);
        let (record, id) = (&mut self.record, &result.id);
        let asked = |why| record.tell(&Event::StepInterrupted { step: id.clone(), why });
        // What is kept is the answer of a command of ours.
        let stdin = if file.is_some() { Stdin::Lifeline } else { Stdin::Empty };
        let streams = Streams { stdin, stdout: file, stderr: None };
        match child::run(command, environment, streams, longest, wishes, asked).await {
            Ok(ended) => ended,
            Err(error) => not_started(result, error.to_string()),
        }
    }

    /// After the first wish, a step with `always` is ended by the second only.
    fn wishes_now(&self) -> Wishes {
        let Wishes { stop, hurry, .. } = &self.wishes;
        if stop.is_cancelled() { Wishes::of(hurry, &CancellationToken::new()) } else { self.wishes.clone() }
    }

    fn take(&mut self, step: &Step, result: StepResult) {
        let before = self.failed;
        self.failed = failed(before, step.continue_on_error, &result);
        if self.failed != before {
            self.record.failed_by(&result);
        }
        self.facts.add(&result);
        self.record.step_ended(result);
    }

    fn ended(self) -> Ran {
        let (outcome, code) = match self.failed {
            Some(code) if self.wishes.stop.is_cancelled() => (Outcome::Interrupted, code),
            None if self.wishes.stop.is_cancelled() => (Outcome::Interrupted, 0),
            Some(code) => (Outcome::Failure, code),
            None => (Outcome::Success, 0),
        };
        self.record.ended(outcome, code)
    }
}

/// The exit code of a run, after one more step: that of the first that failed. That the inspector may be open outranks it, whether
/// the step may fail or not.
fn failed(before: Option<u8>, may_fail: bool, result: &StepResult) -> Option<u8> {
    let ended_well = matches!(result.outcome, Outcome::Success | Outcome::Skipped);
    match result.exit_code {
        Some(NOT_CONFIRMED) => Some(NOT_CONFIRMED),
        _ if ended_well || may_fail => before,
        code => before.or(Some(code.unwrap_or_default().max(1))),
    }
}

/// What a step is called before anything is known.
pub(super) fn called(step: &Step) -> String {
    step.name.as_ref().map_or_else(|| step.id.value.clone(), Template::as_written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(steps: &[(Outcome, u8, bool)], expected: Option<u8>) {
        let code = steps.iter().fold(None, |before, (outcome, code, may_fail)| {
            let result = StepResult::new("a", String::new(), *outcome).with_code(*code);
            failed(before, *may_fail, &result)
        });
        assert_eq!(code, expected, "{steps:?}");
    }

    #[test]
    fn the_first_failure_counts_unless_the_inspector_may_be_open() {
        use Outcome::{Failure, Interrupted, Skipped, Success, Timeout};
        check(&[(Success, 0, false), (Skipped, 0, false)], None);
        check(&[(Failure, 20, false), (Failure, 7, false)], Some(20));
        check(&[(Failure, 20, true), (Timeout, 124, false)], Some(124));
        check(&[(Failure, 7, false), (Interrupted, 40, false)], Some(40));
        check(&[(Failure, 40, true), (Success, 0, false)], Some(40));
        // A step that was ended, and then said that all was well.
        check(&[(Interrupted, 0, false)], Some(1));
    }
}
