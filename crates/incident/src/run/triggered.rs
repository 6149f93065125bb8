//! What a run is told of the alarm that set it off: `--trigger FIELD=VALUE`; and what its runbook does nothing without.

use jiff::Timestamp;
use serde_json::Value;

use crate::diagnostic::did_you_mean;
use crate::runbook::{Act, Runbook};
use crate::source::{Source, Span};
use crate::trigger::{FIELDS, Triggered};
use crate::variables::of_trigger;

/// Compares what is given with what the runbook asks for.
///
/// # Errors
/// What is wrong, and what to do about it.
pub fn take(
    runbook: &Runbook,
    source: &Source,
    given: &[(String, String)],
) -> Result<Triggered, (String, Option<String>)> {
    let mut trigger = Triggered::new();
    for (field, value) in given {
        if !FIELDS.contains(&field.as_str()) {
            return Err((format!("an alarm has no `{field}`"), did_you_mean(field, FIELDS)));
        }
        let value = typed(field, value).map_err(|why| (format!("--trigger {field}: {why}"), None))?;
        if trigger.insert(field.clone(), value).is_some() {
            return Err((format!("the trigger's `{field}` is given twice"), None));
        }
    }
    let lacking = needs(runbook).into_iter().find(|(field, _)| !trigger.contains_key(*field));
    let Some((field, span)) = lacking else { return Ok(trigger) };
    let (line, column) = source.position(span.start);
    let place = format!("{}:{line}:{column}", source.name);
    let hint = format!(
        "give it with --trigger {field}=…, or write a default: {{{{ trigger.{field} | default('') }}}}, in a shell command \
         ${{{}:-}}",
        of_trigger(field)
    );
    Err((format!("{place}: the runbook asks for the trigger's `{field}`, which is not known"), Some(hint)))
}

fn typed(field: &str, value: &str) -> Result<Value, String> {
    match field {
        "mem" | "quota" => {
            let bytes: u64 = value.parse().map_err(|_| format!("\"{value}\" is no number of bytes"))?;
            Ok(bytes.into())
        }
        "at" if value.parse::<Timestamp>().is_err() => {
            Err(format!("\"{value}\" is no time as in 2026-01-31T03:12:40Z"))
        }
        _ => Ok(value.into()),
    }
}

/// The fields that are asked for without a default, each with its place.
fn needs(runbook: &Runbook) -> Vec<(&'static str, Span)> {
    let in_expressions: Vec<(String, Span)> =
        runbook.expressions().flat_map(|expression| expression.needs("trigger")).collect();
    let mut needs = Vec::new();
    for field in FIELDS {
        let name = format!("trigger.{field}");
        let spans = in_expressions.iter().filter(|(asked, _)| *asked == name);
        needs.extend(spans.map(|(_, span)| (field, span.clone())));
        let variable = of_trigger(field);
        let scripts = runbook.steps.iter().filter_map(|step| match &step.act {
            Act::Run(script) if is_bare(&script.value, &variable) => Some((field, script.span.clone())),
            _ => None,
        });
        needs.extend(scripts);
    }
    needs
}

/// Whether a script has a variable without saying what holds where it is empty: `heroku restart "$DYNO"` restarts all dynos then.
fn is_bare(script: &str, variable: &str) -> bool {
    script.match_indices(variable).any(|(at, _)| {
        let (before, after) = (&script[..at], &script[at + variable.len()..]);
        let used = before.ends_with('$') || before.ends_with("${");
        let whole = !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let has_default = before.ends_with('{') && after.starts_with([':', '-', '+', '=', '?']);
        used && whole && !has_default
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_may_be_empty() {
        for (script, bare) in [
            ("heroku restart \"$LEAKHUNT_TRIGGER_DYNO\"", true),
            ("echo ${LEAKHUNT_TRIGGER_DYNO}", true),
            ("echo $LEAKHUNT_TRIGGER_DYNO-x", true),
            ("echo \"${LEAKHUNT_TRIGGER_DYNO:-none}${LEAKHUNT_TRIGGER_DYNO+x}\"", false),
            ("echo \"$LEAKHUNT_TRIGGER_DYNOS\" LEAKHUNT_TRIGGER_DYNO", false),
        ] {
            assert_eq!(is_bare(script, "LEAKHUNT_TRIGGER_DYNO"), bare, "{script}");
        }
    }
}
