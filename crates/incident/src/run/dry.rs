//! What a run would do, without doing any of it.

use leakhunt_host::CommandLine;
use minijinja::value::Value as Known;

use crate::expression::Template;
use crate::runbook::{Act, Step};

use super::facts::Facts;
use super::plan::Plan;
use super::steps::called;
use super::words::{self, Line, SHELL, Unready};

/// A step that would run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dry {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The condition under which it runs, as it is written.
    pub condition: Option<String>,
    /// Whether it runs after a failure, too.
    pub always: bool,
    /// The command that it uses; nothing for the shell's.
    pub uses: Option<String>,
    /// The command line, as one could type it. What only the run will know stands there as it is written.
    pub command: CommandLine,
}

/// The steps that were chosen, in their order.
///
/// # Errors
/// An expression that has no value whatever happens: where it stands, and why.
pub fn dry_run(plan: &Plan<'_>) -> Result<Vec<Dry>, String> {
    let mut facts = Facts::new(plan);
    let of_env = facts.known();
    let env = words::env(&plan.runbook.env, &|template: &Template| later(template, &of_env))
        .map_err(|unready| place(plan, &unready))?;
    facts.set_env(&env);
    let known = facts.known();
    let chosen = plan.runbook.steps.iter().enumerate().filter(|(at, _)| plan.has(*at));
    chosen.map(|(_, step)| of_step(step, plan, &known).map_err(|unready| place(plan, &unready))).collect()
}

fn of_step(step: &Step, plan: &Plan<'_>, known: &Known) -> Result<Dry, Unready> {
    let fill = |template: &Template| later(template, known);
    let folder = plan.out.join("RUN_FOLDER");
    let line = words::line(step, plan.runbook, plan.commands, &folder, false, &fill)?;
    let command = match line {
        Line::Own { words, .. } => CommandLine { program: "leakhunt".into(), args: words },
        Line::Shell(script) => CommandLine { program: SHELL.into(), args: vec!["-c".to_owned(), script] },
    };
    let uses = match &step.act {
        Act::Uses { command, .. } => {
            plan.commands.find(&command.value, &plan.runbook.host).map(|command| command.name.clone())
        }
        Act::Run(_) => None,
    };
    let name = step.name.as_ref().map(|name| later(name, known)).transpose()?.flatten();
    Ok(Dry {
        id: step.id.value.clone(),
        name: name.unwrap_or_else(|| called(step)),
        condition: step.condition.as_ref().map(|condition| condition.0.as_written().to_owned()),
        always: step.always,
        uses,
        command,
    })
}

/// Expressions that ask for a step stay as they are: none has run.
fn later(template: &Template, known: &Known) -> Result<Option<String>, Unready> {
    Ok(template
        .fill_but(known, |expression| expression.names().iter().any(|(name, _)| name.starts_with("steps")))?)
}

fn place(plan: &Plan<'_>, unready: &Unready) -> String {
    let (line, column) = plan.source.position(unready.span.start);
    format!("{}:{line}:{column}: {}", plan.source.name, unready.message)
}
