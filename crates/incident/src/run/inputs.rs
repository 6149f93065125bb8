//! What a run is given: `--input NAME=VALUE`, and the defaults.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::command::Commands;
use crate::diagnostic::did_you_mean;
use crate::runbook::{InputKind, Runbook};

/// The inputs by their names, each of its type.
pub type Inputs = BTreeMap<String, Value>;

/// Compares what is given with what the runbook asks for.
///
/// # Errors
/// What is wrong, and what to do about it.
pub fn take(
    runbook: &Runbook,
    given: &[(String, String)],
    commands: &Commands,
) -> Result<Inputs, (String, Option<String>)> {
    for (name, _) in given {
        let names = runbook.inputs.iter().map(|input| input.name.value.as_str());
        if !names.clone().any(|input| input == name) {
            let help = did_you_mean(name, names).or(Some("the runbook has no inputs".to_owned()));
            return Err((format!("there is no input `{name}`"), help));
        }
        if given.iter().filter(|(other, _)| other == name).count() > 1 {
            return Err((format!("the input `{name}` is given twice"), None));
        }
    }
    let mut inputs = Inputs::new();
    for input in &runbook.inputs {
        let name = &input.name.value;
        let of_default = || input.default.as_ref().map(|default| &default.value);
        let value = given.iter().find(|(one, _)| one == name).map(|(_, value)| value).or_else(of_default);
        let value = match value {
            Some(value) => {
                input
                    .kind
                    .take(value, commands)
                    .map_err(|reason| (format!("--input {name}: {reason}"), None))?;
                typed(&input.kind, value)
            }
            None if input.required => {
                let about = if input.description.is_empty() {
                    String::new()
                } else {
                    format!(": {}", input.description)
                };
                return Err((
                    format!("the input `{name}` is missing{about}"),
                    Some(format!("give it with --input {name}=…")),
                ));
            }
            None => Value::from(""),
        };
        inputs.insert(name.clone(), value);
    }
    Ok(inputs)
}

/// Sizes and durations stay as they were written: so the command line reads them.
fn typed(kind: &InputKind, value: &str) -> Value {
    match kind {
        InputKind::Integer => value.parse::<i64>().map_or_else(|_| value.into(), Value::from),
        InputKind::Flag => Value::from(value == "true"),
        InputKind::Text | InputKind::Size | InputKind::Duration | InputKind::Choice(_) => value.into(),
    }
}
