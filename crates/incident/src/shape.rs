//! Which keys a runbook has, and what each holds: the one description of which both the check of a file and the JSON Schema are made.

use crate::diagnostic::{Diagnostics, did_you_mean};
use crate::yaml::{Holds, Kind, Node};

/// What may stand somewhere.
#[derive(Debug)]
pub(crate) enum Shape {
    /// These keys, and no others.
    Keys(&'static [Key]),
    /// Names of the author's own, each with such a thing; what each is called, and which names there can be.
    Named(&'static Shape, &'static str, &'static str),
    /// What each of its members is called.
    List(&'static Shape, &'static str),
    Text,
    /// A text that a shell gets as it is.
    Script,
    /// A text, number, or true or false.
    Scalar,
    /// A name that an expression can use: `[a-z][a-z0-9_]*`.
    Name,
    Flag,
    /// A whole number, up to this.
    Count(u32),
    /// Such as `10m`.
    Duration,
    Choice(&'static [&'static str]),
    /// The options of a command: a scalar or a list of scalars each.
    Options,
    /// A command's name.
    Command,
    /// An expression, or true or false.
    Condition,
}

#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    pub(crate) about: &'static str,
}

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: false, about }
}

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: true, about }
}

pub(crate) const HOSTS: &[&str] = &["heroku", "ssh", "local", "docker", "kubectl", "fly", "command"];
pub(crate) const INPUT_TYPES: &[&str] = &["string", "int", "size", "duration", "bool", "enum"];

/// A retry beyond this is no retry.
const MOST_RETRIES: u32 = 20;

/// What an expression can call an input or a step.
pub(crate) const NAME: &str = "^[a-z][a-z0-9_]{0,63}$";
/// What a variable can be called; those that begin with LEAKHUNT_ are leakhunt's own.
const VARIABLE: &str = "^(?!LEAKHUNT_)[A-Za-z_][A-Za-z0-9_]*$";

const ENV: &str = "Environment variables, whose values may have {{ expressions }}.";

pub(crate) const RUNBOOK: Shape = Shape::Keys(&[
    required("name", Shape::Text, "What this runbook is called."),
    key("description", Shape::Text, "What it is for."),
    key("host", Shape::Choice(HOSTS), "Where `uses: hunt` hunts: heroku unless it is said."),
    key("inputs", Shape::Named(&INPUT, "the input", NAME), "What is given with --input NAME=VALUE."),
    key("env", Shape::Named(&Shape::Scalar, "the variable", VARIABLE), ENV),
    required("steps", Shape::List(&STEP, "a step"), "What is done, in this order."),
]);

const INPUT: Shape = Shape::Keys(&[
    key("type", Shape::Choice(INPUT_TYPES), "What it is: a string unless it is said."),
    key("description", Shape::Text, "What it is for."),
    key("default", Shape::Scalar, "Its value where none is given; without one it is empty."),
    key("required", Shape::Flag, "Whether the run needs a value."),
    key("values", Shape::List(&Shape::Scalar, "a value"), "Of an enum: what it may be."),
]);

pub(crate) const STEP: Shape = Shape::Keys(&[
    key("id", Shape::Name, "What expressions call it: steps.ID."),
    key("name", Shape::Text, "What it is called on the screen; it may have {{ expressions }}."),
    key(
        "uses",
        Shape::Command,
        "A command of leakhunt, as on the command line; hunt is one on the runbook's host.",
    ),
    key(
        "with",
        Shape::Options,
        "The command's options under their long names; values may have {{ expressions }}.",
    ),
    key(
        "run",
        Shape::Script,
        "A shell command. It gets what is known as LEAKHUNT_ variables; nothing is ever pasted into its text.",
    ),
    key("if", Shape::Condition, "An expression: the step is skipped where it is false."),
    key("timeout", Shape::Duration, "How long the step may take; after that it is interrupted."),
    key("continue-on-error", Shape::Flag, "Whether the run goes on, and ends well, if this step fails."),
    key("always", Shape::Flag, "Whether it runs after a failure or an interrupt, too."),
    key(
        "retry",
        Shape::Count(MOST_RETRIES),
        "How many times more it is tried; only a step that changes nothing.",
    ),
    key("env", Shape::Named(&Shape::Scalar, "the variable", VARIABLE), ENV),
]);

/// Compares what was written with what may stand there.
pub(crate) fn check(node: &Node, shape: &Shape, what: &str, found: &mut Diagnostics) {
    let wrong = |wanted: &str, found: &mut Diagnostics| {
        found.error(&node.span(), format!("{what} is {wanted}, not {}", node.described()), None);
    };
    match (shape, &node.holds) {
        (Shape::Keys(keys), Holds::Map(_)) => check_keys(node, keys, what, found),
        (Shape::Named(shape, each, _), Holds::Map(entries)) => {
            doubles(node, found);
            for entry in entries {
                check(&entry.value, shape, &format!("{each} `{}`", entry.key), found);
            }
        }
        (Shape::List(..), Holds::List(items)) if items.is_empty() => {
            found.error(&node.span(), format!("{what} is empty"), None);
        }
        (Shape::List(shape, each), Holds::List(items)) => {
            items.iter().for_each(|item| check(item, shape, each, found));
        }
        (Shape::Options, Holds::Map(_)) => check_options(node, found),
        (Shape::Keys(_) | Shape::Named(..) | Shape::Options, _) => wrong("a map", found),
        (Shape::List(..), _) => wrong("a list", found),
        (_, Holds::Scalar { text, .. }) => check_scalar(node, text, shape, what, found),
        (Shape::Flag | Shape::Condition, _) => wrong("true or false, or an expression", found),
        _ => wrong("a text", found),
    }
}

fn check_keys(node: &Node, keys: &[Key], what: &str, found: &mut Diagnostics) {
    doubles(node, found);
    for entry in node.entries() {
        match keys.iter().find(|key| key.name == entry.key) {
            Some(key) => check(&entry.value, &key.shape, &format!("`{}`", key.name), found),
            None => found.error(
                &entry.key_span,
                format!("{what} has no key `{}`", entry.key),
                did_you_mean(&entry.key, keys.iter().map(|key| key.name)),
            ),
        }
    }
    for key in keys.iter().filter(|key| key.required && node.get(key.name).is_none()) {
        found.error(
            &node.span(),
            format!("{what} has no `{}`", key.name),
            format!("add `{}:`. {}", key.name, key.about),
        );
    }
}

fn doubles(node: &Node, found: &mut Diagnostics) {
    let entries = node.entries();
    for (at, entry) in entries.iter().enumerate() {
        if entries[..at].iter().any(|earlier| earlier.key == entry.key) {
            found.error(&entry.key_span, format!("`{}` is given twice", entry.key), None);
        }
    }
}

fn check_options(node: &Node, found: &mut Diagnostics) {
    doubles(node, found);
    for entry in node.entries() {
        let scalars = match &entry.value.holds {
            Holds::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        for scalar in scalars {
            check(scalar, &Shape::Scalar, &format!("`{}`", entry.key), found);
        }
    }
}

fn check_scalar(node: &Node, text: &str, shape: &Shape, what: &str, found: &mut Diagnostics) {
    let kind = node.kind();
    let (fits, wanted) = match shape {
        Shape::Text | Shape::Script => (kind == Some(Kind::Text), "a text".to_owned()),
        Shape::Scalar => (kind != Some(Kind::Nothing), "a text, a number, true or false".to_owned()),
        Shape::Name => (is_name(text), "a name: small letters, digits and _, a letter first".to_owned()),
        Shape::Flag => (matches!(kind, Some(Kind::Flag(_))), "true or false".to_owned()),
        Shape::Count(most) => {
            let number = text.parse::<u32>().ok().filter(|_| kind == Some(Kind::Number));
            (number.is_some_and(|number| number <= *most), format!("a number from 0 to {most}"))
        }
        Shape::Choice(words) => (words.contains(&text), format!("one of {}", words.join(", "))),
        Shape::Duration | Shape::Command => (kind == Some(Kind::Text), "a text".to_owned()),
        Shape::Condition => {
            (matches!(kind, Some(Kind::Text | Kind::Flag(_))), "an expression, or true or false".to_owned())
        }
        Shape::Keys(_) | Shape::Named(..) | Shape::List(..) | Shape::Options => {
            (false, "something else".to_owned())
        }
    };
    if fits {
        return;
    }
    let help = match (shape, kind) {
        (Shape::Choice(words), _) => did_you_mean(text, words.iter().copied()),
        (Shape::Text | Shape::Script, Some(Kind::Number | Kind::Flag(_))) => {
            Some(format!("put it in quotes: \"{text}\""))
        }
        (Shape::Flag, _) if matches!(text, "yes" | "on") => Some("write `true`".to_owned()),
        (Shape::Flag, _) if matches!(text, "no" | "off") => Some("write `false`".to_owned()),
        (Shape::Name, _) => Some("expressions use it, as in `steps.ID.outcome`".to_owned()),
        _ => None,
    };
    let is = if text.is_empty() { "nothing".to_owned() } else { format!("`{}`", short(text)) };
    found.error(&node.span(), format!("{what} is {wanted}, not {is}"), help);
}

pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A text as a message quotes it: its first line, cut.
pub(crate) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(60).collect();
    if cut.len() < text.trim_end().len() { format!("{cut}…") } else { cut }
}
