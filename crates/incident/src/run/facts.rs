//! What is known while a runbook runs: to expressions as values, to shell commands as variables.

use std::path::Path;

use minijinja::value::{Serde, Value as Known};
use serde_json::{Map, Value, json};

use crate::child::Outcome;
use crate::runbook::Runbook;
use crate::source::cut;
use crate::trigger::{FIELDS, Triggered};
use crate::variables::{RUN_FOLDER, RUNBOOK, of_input, of_step, of_trigger};

use super::inputs::Inputs;
use super::outcome::StepResult;
use super::plan::Plan;

/// A variable may hold this much; Linux takes 128 kB.
const MOST_BYTES: usize = 32 << 10;

pub(super) struct Facts {
    inputs: Inputs,
    trigger: Triggered,
    env: Map<String, Value>,
    steps: Map<String, Value>,
    /// In their order, for the variables.
    ids: Vec<String>,
}

impl Facts {
    /// Before the first step: none has run.
    pub(super) fn new(plan: &Plan<'_>) -> Self {
        let (inputs, trigger) = (plan.inputs.clone(), plan.trigger.clone());
        let mut facts = Self { inputs, trigger, env: Map::new(), steps: Map::new(), ids: Vec::new() };
        for step in &plan.runbook.steps {
            facts.add(&StepResult::new(&step.id.value, String::new(), Outcome::Skipped));
        }
        facts
    }

    /// The runbook's own variables.
    pub(super) fn set_env(&mut self, env: &[(String, String)]) {
        self.env = env.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    }

    pub(super) fn add(&mut self, result: &StepResult) {
        let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let facts = json!({
            "outcome": result.outcome,
            "exit_code": result.exit_code,
            "verdict": result.answer.verdict,
            "sentence": result.answer.sentence,
            "suspects": result.answer.suspects,
            "folder": path(&result.answer.folder),
            "file": path(&result.file),
            "memory": result.answer.memory,
            "error": result.answer.error.as_ref().or(result.reason.as_ref()),
        });
        if self.steps.insert(result.id.clone(), facts).is_none() {
            self.ids.push(result.id.clone());
        }
    }

    pub(super) fn known(&self) -> Known {
        let Self { inputs, trigger, env, steps, .. } = self;
        Known::from(Serde(json!({ "inputs": inputs, "trigger": trigger, "env": env, "steps": steps })))
    }

    /// `LEAKHUNT_…`, for shell commands.
    pub(super) fn variables(&self, runbook: &Runbook, folder: &Path) -> Vec<(String, String)> {
        let mut variables = vec![
            (RUNBOOK.to_owned(), plain(&Value::from(runbook.name.as_str()))),
            (RUN_FOLDER.to_owned(), folder.display().to_string()),
        ];
        // Always all of them: one that the environment had from elsewhere would speak of another alarm.
        for field in FIELDS {
            variables.push((of_trigger(field), self.trigger.get(field).map(plain).unwrap_or_default()));
        }
        for (name, value) in &self.inputs {
            variables.push((of_input(name), plain(value)));
        }
        for id in &self.ids {
            for (fact, value) in self.steps[id].as_object().into_iter().flatten() {
                variables.push((of_step(id, fact), plain(value)));
            }
        }
        variables
    }
}

/// A value as a variable: a list by its length.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.replace('\0', ""),
        Value::Array(list) => list.len().to_string(),
        other => other.to_string(),
    };
    cut(&text, MOST_BYTES).to_owned()
}
