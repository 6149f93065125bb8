//! Names: each step has one of its own, and expressions ask for what is there by then.

use crate::diagnostic::{Diagnostics, did_you_mean};
use crate::expression::{Expression, Template};
use crate::runbook::{Act, Runbook};
use crate::source::Span;
use crate::trigger::FIELDS;
use crate::variables::{self, FACTS};

const ROOTS: &[&str] = &["inputs", "steps", "env", "trigger"];

pub(super) fn lint(runbook: &Runbook, found: &mut Diagnostics) {
    for (at, step) in runbook.steps.iter().enumerate() {
        if runbook.steps[..at].iter().any(|earlier| earlier.id.value == step.id.value) {
            let help = "expressions could not tell them apart: choose another".to_owned();
            found.error(&step.id.span, format!("a second step with the id `{}`", step.id.value), help);
        }
    }
    // Of the runbook's own variables, none has another or a step.
    for variable in &runbook.env {
        of_template(&variable.value, &Known { runbook, before: 0, env: false }, found);
    }
    for (at, step) in runbook.steps.iter().enumerate() {
        let known = Known { runbook, before: at, env: true };
        step.templates().for_each(|template| of_template(template, &known, found));
        if let Some(condition) = &step.condition {
            of_expression(&condition.0, &known, found);
        }
    }
    unused_inputs(runbook, found);
}

/// What there is where an expression stands.
struct Known<'r> {
    runbook: &'r Runbook,
    /// The step whose expression it is; those before it have run.
    before: usize,
    env: bool,
}

fn of_template(template: &Template, known: &Known<'_>, found: &mut Diagnostics) {
    template.expressions().for_each(|expression| of_expression(expression, known, found));
}

fn of_expression(expression: &Expression, known: &Known<'_>, found: &mut Diagnostics) {
    for (name, span) in expression.names() {
        let mut parts = name.split('.');
        match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
            ("inputs", Some(input), _) => known.input(input, &span, found),
            ("steps", Some(step), fact) => known.step(step, fact, &span, found),
            ("env", Some(variable), _) => known.variable(variable, &span, found),
            ("trigger", field, _) => trigger(field, &span, found),
            ("inputs" | "steps" | "env", None, _) => {}
            (root, ..) => {
                let help =
                    elsewhere(root).map(str::to_owned).or_else(|| did_you_mean(root, ROOTS.iter().copied()));
                found.error(&span, format!("there is no `{root}` in an expression"), help);
            }
        }
    }
}

/// What CI services have in expressions, and what is used here in its place.
fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "always" => "it is a key here: `always: true`",
        "failure" | "success" => "write `always: true`, and `if: steps.ID.outcome == 'failure'`",
        "secrets" => "a secret goes into the environment, which steps inherit",
        _ => return None,
    })
}

fn trigger(field: Option<&str>, span: &Span, found: &mut Diagnostics) {
    let fields = FIELDS.iter().copied();
    match field {
        Some(field) if FIELDS.contains(&field) => {}
        Some(field) => {
            found.error(span, format!("an alarm has no `{field}`"), did_you_mean(field, fields));
        }
        None => {
            let help = format!("write `trigger.FIELD`, one of: {}", FIELDS.join(", "));
            found.error(span, "`trigger` is asked for by its fields", help);
        }
    }
}

impl Known<'_> {
    fn input(&self, name: &str, span: &Span, found: &mut Diagnostics) {
        let names = self.runbook.inputs.iter().map(|input| input.name.value.as_str());
        if !names.clone().any(|input| input == name) {
            let help = did_you_mean(name, names).or(Some("the runbook has no `inputs`".to_owned()));
            found.error(span, format!("there is no input `{name}`"), help);
        }
    }

    fn variable(&self, name: &str, span: &Span, found: &mut Diagnostics) {
        if !self.env {
            let help = "a variable of `env` has inputs in it, and no other variable".to_owned();
            found.error(span, "`env` is not known here", help);
            return;
        }
        let names = self.runbook.env.iter().map(|variable| variable.name.value.as_str());
        if !names.clone().any(|variable| variable == name) {
            let help = did_you_mean(name, names).or(Some("the runbook has no `env`".to_owned()));
            found.error(span, format!("there is no `{name}` in the runbook's `env`"), help);
        }
    }

    fn step(&self, id: &str, fact: Option<&str>, span: &Span, found: &mut Diagnostics) {
        let mut ids = self.runbook.steps.iter().map(|step| step.id.value.as_str());
        match ids.clone().position(|step| step == id) {
            None => {
                let help = did_you_mean(id, ids.by_ref().take(self.before));
                found.error(span, format!("there is no step `{id}`"), help);
            }
            Some(at) if at >= self.before => {
                let help = "steps run in their order: nothing is known of a later one".to_owned();
                found.error(span, format!("the step `{id}` has not run by then"), help);
            }
            Some(_) => {}
        }
        if let Some(fact) = fact.filter(|fact| !FACTS.contains(fact)) {
            let help = did_you_mean(fact, FACTS.iter().copied());
            found.error(span, format!("nothing is known of a step under `{fact}`"), help);
        }
    }
}

fn unused_inputs(runbook: &Runbook, found: &mut Diagnostics) {
    let names: Vec<String> =
        runbook.expressions().flat_map(Expression::names).map(|(name, _)| name).collect();
    for input in &runbook.inputs {
        let name = &input.name.value;
        let named = format!("inputs.{name}");
        let of_shell = variables::of_input(name);
        let in_shell = runbook.steps.iter().any(|step| match &step.act {
            // Where it is pasted, that is said.
            Act::Run(script) => script.value.contains(&of_shell) || script.value.contains(&named),
            Act::Uses { .. } => false,
        });
        if !in_shell && !names.iter().any(|used| *used == named || used == "inputs") {
            let help = format!("`{{{{ {named} }}}}`, or ${of_shell} in a shell command");
            found.warning(&input.name.span, format!("the input `{name}` is never used"), help);
        }
    }
}
