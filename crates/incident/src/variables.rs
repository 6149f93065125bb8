//! What a shell command gets of what is known, under which names; and what is known of a step at all.

/// What is known of a step that has ended.
pub(crate) const FACTS: &[&str] =
    &["outcome", "exit_code", "verdict", "sentence", "suspects", "folder", "file", "memory", "error"];

/// How all of them begin.
pub(crate) const OURS: &str = "LEAKHUNT_";

pub(crate) const RUNBOOK: &str = "LEAKHUNT_RUNBOOK";
pub(crate) const RUN_FOLDER: &str = "LEAKHUNT_RUN_FOLDER";

pub(crate) fn of_input(name: &str) -> String {
    format!("LEAKHUNT_INPUT_{}", name.to_uppercase())
}

pub(crate) fn of_trigger(field: &str) -> String {
    format!("LEAKHUNT_TRIGGER_{}", field.to_uppercase())
}

pub(crate) fn of_step(id: &str, fact: &str) -> String {
    format!("LEAKHUNT_STEP_{}_{}", id.to_uppercase(), fact.to_uppercase())
}
