//! A runbook, read.

use std::time::Duration;

use crate::expression::{Condition, Expression, Template};
use crate::source::Spanned;

/// What is to be done at an incident.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// What it is called.
    pub name: String,
    /// What it is for; empty where that is not said.
    pub description: String,
    pub(crate) host: String,
    /// What is given when it is run.
    pub inputs: Vec<Input>,
    pub(crate) env: Vec<Variable>,
    /// What is done, in this order.
    pub steps: Vec<Step>,
}

/// What a run is given.
#[derive(Debug, Clone)]
pub struct Input {
    /// What expressions call it.
    pub name: Spanned<String>,
    /// What it is for; empty where that is not said.
    pub description: String,
    pub(crate) kind: InputKind,
    /// Whether there is no run without it.
    pub required: bool,
    pub(crate) default: Option<Spanned<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InputKind {
    Text,
    Integer,
    Size,
    Duration,
    Flag,
    Choice(Vec<String>),
}

#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) name: Spanned<String>,
    pub(crate) value: Template,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// What expressions call it; `step_N` where the runbook does not say.
    pub id: Spanned<String>,
    pub(crate) name: Option<Template>,
    pub(crate) act: Act,
    pub(crate) condition: Option<Condition>,
    pub(crate) timeout: Option<Spanned<Duration>>,
    pub(crate) continue_on_error: bool,
    pub(crate) always: bool,
    pub(crate) retry: Option<Spanned<u32>>,
    pub(crate) env: Vec<Variable>,
}

/// What a step does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A command of leakhunt.
    Uses { command: Spanned<String>, with: Vec<With> },
    /// A command of the shell, as it is.
    Run(Spanned<String>),
}

/// An option, and what it is given: one value, or several where it repeats.
#[derive(Debug, Clone)]
pub(crate) struct With {
    pub(crate) option: Spanned<String>,
    pub(crate) values: Vec<Template>,
}

impl Runbook {
    /// All expressions in it.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let of_env = self.env.iter().flat_map(|variable| variable.value.expressions());
        of_env.chain(self.steps.iter().flat_map(|step| {
            let condition = step.condition.iter().map(|condition| &condition.0);
            step.templates().flat_map(Template::expressions).chain(condition)
        }))
    }
}

impl Step {
    /// All texts of it that are filled in.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &Template> {
        let with = match &self.act {
            Act::Uses { with, .. } => with.as_slice(),
            Act::Run(_) => &[],
        };
        let of_env = self.env.iter().map(|variable| &variable.value);
        self.name.iter().chain(with.iter().flat_map(|with| &with.values)).chain(of_env)
    }
}
