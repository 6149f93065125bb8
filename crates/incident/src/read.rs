//! From the tree of a file to a runbook.
//!
//! That each key is known and holds the right kind of thing is checked by [`crate::shape`] before; what is missing or wrong has been
//! said then, and is passed over here.

use std::time::Duration;

use crate::command::Commands;
use crate::diagnostic::Diagnostics;
use crate::expression::{Condition, Template};
use crate::runbook::{Act, Input, InputKind, Runbook, Step, Variable, With};
use crate::shape::{self, HOSTS};
use crate::source::Spanned;
use crate::yaml::{Entry, Holds, Kind, Node};

/// Reads the whole; what it cannot read, it says.
pub(crate) fn read(root: &Node, text: &str, commands: &Commands, found: &mut Diagnostics) -> Runbook {
    shape::check(root, &shape::RUNBOOK, "a runbook", found);
    let reader = Reader { text, commands };
    let steps = root.get("steps").map(Node::items).unwrap_or_default();
    Runbook {
        name: text_of(root, "name"),
        description: text_of(root, "description"),
        host: Some(text_of(root, "host"))
            .filter(|host| !host.is_empty())
            .unwrap_or_else(|| HOSTS[0].to_owned()),
        inputs: entries_of(root, "inputs").iter().map(|entry| reader.input(entry, found)).collect(),
        env: reader.env(root, found),
        steps: steps.iter().enumerate().filter_map(|(at, node)| reader.step(node, at, found)).collect(),
    }
}

struct Reader<'t> {
    text: &'t str,
    commands: &'t Commands,
}

impl Reader<'_> {
    fn input(&self, entry: &Entry, found: &mut Diagnostics) -> Input {
        let node = &entry.value;
        if !shape::is_name(&entry.key) {
            let help = "small letters, digits and _, a letter first: expressions use it, as in `inputs.app`"
                .to_owned();
            found.error(&entry.key_span, format!("`{}` is no name of an input", entry.key), help);
        }
        let values = node.get("values");
        let kind = match text_of(node, "type").as_str() {
            "int" => InputKind::Integer,
            "size" => InputKind::Size,
            "duration" => InputKind::Duration,
            "bool" => InputKind::Flag,
            "enum" => InputKind::Choice(
                values
                    .map(Node::items)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(Node::scalar)
                    .map(str::to_owned)
                    .collect(),
            ),
            _ => InputKind::Text,
        };
        match (&kind, values) {
            (InputKind::Choice(_), None) => {
                found.error(
                    &entry.key_span,
                    "an enum without `values`",
                    Some("add `values: [one, other]`".to_owned()),
                );
            }
            (InputKind::Choice(_), Some(_)) | (_, None) => {}
            (_, Some(values)) => {
                found.error(&values.span(), "only an enum has `values`", Some("add `type: enum`".to_owned()));
            }
        }
        let default = node.get("default").and_then(spanned);
        let required = flag(node, "required");
        if let Some(default) = &default {
            if let Err(reason) = kind.take(&default.value, self.commands) {
                found.error(&default.span, format!("this default is none of its type: {reason}"), None);
            }
            if required {
                let help = "an input that has a default is not required".to_owned();
                found.warning(&default.span, "the default of an input that is required is never taken", help);
            }
        }
        let name = Spanned { value: entry.key.clone(), span: entry.key_span.clone() };
        Input { name, description: text_of(node, "description"), kind, required, default }
    }

    fn env(&self, node: &Node, found: &mut Diagnostics) -> Vec<Variable> {
        let entries = entries_of(node, "env").iter().filter(|entry| entry.value.scalar().is_some());
        entries
            .map(|entry| {
                let name = &entry.key;
                let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                if !plain || name.starts_with(|c: char| c.is_ascii_digit()) {
                    found.error(
                        &entry.key_span,
                        format!("`{name}` is no name of an environment variable"),
                        None,
                    );
                }
                if name.starts_with("LEAKHUNT_") {
                    let help = "choose a name that begins otherwise".to_owned();
                    found.error(&entry.key_span, "names that begin with LEAKHUNT_ are leakhunt's own", help);
                }
                let name = Spanned { value: name.clone(), span: entry.key_span.clone() };
                Variable { name, value: self.template(&entry.value, found) }
            })
            .collect()
    }

    fn step(&self, node: &Node, at: usize, found: &mut Diagnostics) -> Option<Step> {
        if !matches!(node.holds, Holds::Map(_)) {
            return None;
        }
        let id = node.get("id").and_then(spanned);
        Some(Step {
            id: id.unwrap_or_else(|| Spanned { value: format!("step_{}", at + 1), span: node.span() }),
            name: node.get("name").map(|name| self.template(name, found)),
            act: self.act(node, found)?,
            condition: node.get("if").and_then(|condition| self.condition(condition, found)),
            timeout: node.get("timeout").and_then(|timeout| self.timeout(timeout, found)),
            continue_on_error: flag(node, "continue-on-error"),
            always: flag(node, "always"),
            retry: node.get("retry").and_then(|retry| {
                let Spanned { value, span } = spanned(retry)?;
                Some(Spanned { value: value.parse().ok()?, span })
            }),
            env: self.env(node, found),
        })
    }

    fn act(&self, node: &Node, found: &mut Diagnostics) -> Option<Act> {
        let (uses, run, with) = (node.get("uses"), node.get("run"), node.get("with"));
        match (uses, run) {
            (Some(command), None) => Some(Act::Uses {
                command: spanned(command)?,
                with: with
                    .map(Node::entries)
                    .unwrap_or_default()
                    .iter()
                    .map(|entry| self.with(entry, found))
                    .collect(),
            }),
            (None, Some(run)) => {
                if let Some(entry) = node.entries().iter().find(|entry| entry.key == "with") {
                    let help = "a shell command gets what it needs by `env:`".to_owned();
                    found.error(&entry.key_span, "`with` belongs to `uses`, and this step has `run`", help);
                }
                Some(Act::Run(spanned(run)?))
            }
            (Some(_), Some(run)) => {
                let help = "make two steps of it".to_owned();
                found.error(&run.span(), "a step has `uses` or `run`, and this one has both", help);
                None
            }
            (None, None) => {
                let help =
                    "add `uses:` with a command of leakhunt, or `run:` with one of the shell".to_owned();
                found.error(&node.span(), "this step does nothing: it has neither `uses` nor `run`", help);
                None
            }
        }
    }

    fn with(&self, entry: &Entry, found: &mut Diagnostics) -> With {
        let values = match &entry.value.holds {
            Holds::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        With {
            option: Spanned { value: entry.key.clone(), span: entry.key_span.clone() },
            values: values.iter().map(|value| self.template(value, found)).collect(),
        }
    }

    fn template(&self, node: &Node, found: &mut Diagnostics) -> Template {
        let span = node.span();
        Template::read(node.scalar().unwrap_or_default(), &self.text[span.clone()], &span, found)
    }

    fn condition(&self, node: &Node, found: &mut Diagnostics) -> Option<Condition> {
        let span = node.span();
        Some(Condition::read(node.scalar()?, &self.text[span.clone()], &span, found))
    }

    fn timeout(&self, node: &Node, found: &mut Diagnostics) -> Option<Spanned<Duration>> {
        let Spanned { value, span } = spanned(node).filter(|_| node.kind() == Some(Kind::Text))?;
        match (self.commands.duration)(&value) {
            Ok(value) => Some(Spanned { value, span }),
            Err(reason) => {
                found.error(&span, format!("`timeout` is no duration: {reason}"), None);
                None
            }
        }
    }
}

impl InputKind {
    /// Whether a value is of this type; why not.
    pub(crate) fn take(&self, value: &str, commands: &Commands) -> Result<(), String> {
        match self {
            Self::Text => Ok(()),
            Self::Integer if value.parse::<i64>().is_ok() => Ok(()),
            Self::Integer => Err(format!("\"{}\" is no whole number", shape::short(value))),
            Self::Size => (commands.size)(value).map(drop),
            Self::Duration => (commands.duration)(value).map(drop),
            Self::Flag if matches!(value, "true" | "false") => Ok(()),
            Self::Flag => Err(format!("\"{}\" is neither true nor false", shape::short(value))),
            Self::Choice(values) if values.iter().any(|one| one == value) => Ok(()),
            Self::Choice(values) => {
                Err(format!("\"{}\" is none of {}", shape::short(value), values.join(", ")))
            }
        }
    }
}

fn text_of(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::scalar).unwrap_or_default().trim().to_owned()
}

fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::kind) == Some(Kind::Flag(true))
}

fn spanned(node: &Node) -> Option<Spanned<String>> {
    Some(Spanned { value: node.scalar()?.to_owned(), span: node.span() })
}

fn entries_of<'n>(node: &'n Node, key: &str) -> &'n [Entry] {
    node.get(key).map(Node::entries).unwrap_or_default()
}
