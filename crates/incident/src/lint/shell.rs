//! `run`: a text that the shell gets as it is.

use crate::diagnostic::{Diagnostics, did_you_mean};
use crate::runbook::{Act, Runbook};
use crate::source::{Span, Spanned};
use crate::trigger::FIELDS;
use crate::variables::{FACTS, OURS, RUN_FOLDER, RUNBOOK, of_input, of_step, of_trigger};

pub(super) fn lint(runbook: &Runbook, text: &str, found: &mut Diagnostics) {
    for (at, step) in runbook.steps.iter().enumerate() {
        let Act::Run(script) = &step.act else { continue };
        if script.value.trim().is_empty() {
            found.error(&script.span, "`run` has no command", None);
        }
        let written = text.get(script.span.clone()).unwrap_or_default();
        pasted(script, written, found);
        let known = known(runbook, at);
        for (at, name, quoted) in variables(&script.value) {
            let span = place(script, written, at, name);
            if !known.iter().any(|known| known == name) {
                let help = did_you_mean(name, known.iter().map(String::as_str));
                found.error(&span, format!("there is no ${name}"), help);
            }
            if !quoted {
                let help = format!("write \"${name}\": the shell would split it, and expand the * in it");
                found.error(&span, format!("${name} is not in quotes"), help);
            }
        }
    }
}

/// The variables that there are when this step runs.
fn known(runbook: &Runbook, at: usize) -> Vec<String> {
    let inputs = runbook.inputs.iter().map(|input| of_input(&input.name.value));
    let facts = |id: &str| FACTS.iter().map(|fact| of_step(id, fact)).collect::<Vec<_>>();
    let steps = runbook.steps[..at].iter().flat_map(|step| facts(&step.id.value));
    let trigger = FIELDS.map(of_trigger);
    [RUNBOOK.to_owned(), RUN_FOLDER.to_owned()]
        .into_iter()
        .chain(trigger)
        .chain(inputs)
        .chain(steps)
        .collect()
}

/// `{{ … }}` would have to be pasted into the script, where a value becomes a command.
fn pasted(script: &Spanned<String>, written: &str, found: &mut Diagnostics) {
    let Some(at) = script.value.find("{{") else { return };
    let inner = script.value[at + 2..].split("}}").next().unwrap_or_default();
    let parts: Vec<&str> = inner.trim().split('.').collect();
    let help = match parts.as_slice() {
        ["inputs", name] => format!("write \"${}\"", of_input(name)),
        ["trigger", field] => format!("write \"${}\"", of_trigger(field)),
        ["steps", id, fact] => format!("write \"${}\"", of_step(id, fact)),
        _ => "set a variable by `env:`, and use that in quotes".to_owned(),
    };
    let whole = &script.value[at..(at + inner.len() + 4).min(script.value.len())];
    let span = place(script, written, at, whole.lines().next().unwrap_or_default());
    found.error(&span, "nothing is filled in in `run`: a value could be a command there", help);
}

/// A part of the script in the source. There a block is indented, so what is looked for is found again by counting.
fn place(script: &Spanned<String>, written: &str, at: usize, what: &str) -> Span {
    let earlier = script.value[..at].matches(what).count();
    match written.match_indices(what).nth(earlier) {
        Some((found, _)) => script.span.start + found..script.span.start + found + what.len(),
        None => script.span.clone(),
    }
}

/// Leakhunt's variables in a script, by their place behind the `$`, and whether each is in quotes.
fn variables(script: &str) -> Vec<(usize, &str, bool)> {
    let mut variables = Vec::new();
    let mut quote = None;
    let mut word_is_assignment = false;
    let bytes = script.as_bytes();
    // What a here-document is, only a shell knows: nothing is said of one that has them.
    if script.contains("<<") {
        return variables;
    }
    let mut at = 0;
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (None | Some(b'"'), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, b'#') if at == 0 || bytes[at - 1].is_ascii_whitespace() => {
                at += script[at..].find('\n').unwrap_or(script.len() - at);
                continue;
            }
            (None, b'=') => word_is_assignment = true,
            (None, byte) if byte.is_ascii_whitespace() || b";&|()".contains(&byte) => {
                word_is_assignment = false;
            }
            (None | Some(b'"'), b'$') => {
                let start = at + 1 + usize::from(bytes.get(at + 1) == Some(&b'{'));
                let name = script.get(start..).unwrap_or_default();
                let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
                if name.starts_with(OURS) {
                    variables.push((start, &name[..end], quote.is_some() || word_is_assignment));
                }
            }
            _ => {}
        }
        at += 1;
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn unquoted(script: &str, expected: &[&str]) {
        let found: Vec<&str> =
            variables(script).into_iter().filter(|(.., quoted)| !quoted).map(|(_, name, _)| name).collect();
        assert_eq!(found, expected, "{script}");
    }

    #[test]
    fn quotes_are_those_of_the_shell() {
        unquoted("echo $LEAKHUNT_A", &["LEAKHUNT_A"]);
        unquoted("echo \"$LEAKHUNT_A ${LEAKHUNT_B}\"", &[]);
        unquoted("echo '$LEAKHUNT_A' \"it's\" ${LEAKHUNT_B:-x}", &["LEAKHUNT_B"]);
        unquoted("x=$LEAKHUNT_A; echo $LEAKHUNT_B", &["LEAKHUNT_B"]);
        unquoted("# $LEAKHUNT_A\necho \\$LEAKHUNT_B $HOME", &[]);
        unquoted("echo \"a\"$LEAKHUNT_A", &["LEAKHUNT_A"]);
        unquoted("cat <<E\n$LEAKHUNT_A\nE", &[]);
    }
}
