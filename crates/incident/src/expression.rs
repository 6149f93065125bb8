//! Expressions: `{{ … }}` in a text, and the condition of a step.
//!
//! They are those of minijinja, without its templates: there is no statement, no loader, no file, and no function or filter but the
//! few below, none of which makes much of little. So an expression can look at what is known, and nothing else. Its length is
//! bounded, and so is the work that it may do.

use std::ops::Range;
use std::sync::LazyLock;

use minijinja::value::{Rest, Value, ValueKind};
use minijinja::{Environment, ErrorKind, State, UndefinedBehavior, filters, tests};

use crate::diagnostic::{Diagnostics, did_you_mean};
use crate::source::Span;

const MOST_BYTES: usize = 2_000;

/// What a text may become; a command line has no room for more.
const MOST_RESULT: usize = 64 << 10;

/// Instructions of minijinja's machine.
const FUEL: u64 = 20_000;

/// A text with expressions in it.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Expression(Expression),
}

/// What decides whether a step runs.
#[derive(Debug, Clone)]
pub(crate) struct Condition(pub(crate) Expression);

#[derive(Debug, Clone)]
pub(crate) struct Expression {
    text: String,
    pub(crate) span: Span,
}

/// An expression that could not be worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unknown {
    pub(crate) message: String,
    pub(crate) span: Span,
}

impl Template {
    /// Takes a text apart. `written` is how it stands in the source at `span`: there expressions are found again, to point at them.
    pub(crate) fn read(text: &str, written: &str, span: &Span, found: &mut Diagnostics) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut from = 0;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some(end) = end_of_expression(after) else {
                found.error(
                    span,
                    "`{{` without `}}`",
                    Some("an expression is written `{{ inputs.app }}`".to_owned()),
                );
                break;
            };
            if before.ends_with('$') {
                let help = "an expression is written without it here: `{{ inputs.app }}`".to_owned();
                found.error(span, "the `$` before `{{` would stay in the text", help);
            }
            let inner = after[..end].trim();
            let at = written.get(from..).and_then(|rest| rest.find(inner)).map(|at| from + at);
            let place = at.map_or_else(|| span.clone(), |at| span.start + at..span.start + at + inner.len());
            from = at.map_or(from, |at| at + inner.len());
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Expression(Expression::read(inner, place, found)));
            rest = &after[end + 2..];
        }
        pieces.push(Piece::Text(rest.to_owned()));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        Self { pieces, span: span.clone() }
    }

    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Expression(expression) => Some(expression),
            Piece::Text(_) => None,
        })
    }

    /// The text, where there is no expression in it.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// Where `}}` is, strings apart.
fn end_of_expression(text: &str) -> Option<usize> {
    outside_strings(text).find(|(at, _)| text[*at..].starts_with("}}")).map(|(at, _)| at)
}

impl Condition {
    /// With or without `{{ }}` around it, as CI services have it.
    pub(crate) fn read(text: &str, written: &str, span: &Span, found: &mut Diagnostics) -> Self {
        let inner = text.trim();
        if inner.starts_with("${{") {
            let help = "a condition is written without it here: `steps.hunt.verdict == 'leak'`".to_owned();
            found.error(span, "a condition begins with no `$`", help);
        }
        let inner = inner.strip_prefix('$').unwrap_or(inner);
        let inner = inner.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(inner).trim();
        let at = written.find(inner);
        let place = at.map_or_else(|| span.clone(), |at| span.start + at..span.start + at + inner.len());
        Self(Expression::read(inner, place, found))
    }

    /// What it always is, where it depends on nothing.
    pub(crate) fn constant(&self) -> Option<bool> {
        if !self.0.names().is_empty() {
            return None;
        }
        self.0.value(&Value::from(())).ok().map(|value| value.is_true())
    }
}

impl Expression {
    fn read(text: &str, span: Span, found: &mut Diagnostics) -> Self {
        let expression = Self { text: text.to_owned(), span };
        expression.check(found);
        expression
    }

    fn check(&self, found: &mut Diagnostics) {
        if self.text.len() > MOST_BYTES {
            found.error(&self.span, format!("an expression has at most {MOST_BYTES} bytes"), None);
            return;
        }
        if self.text.is_empty() {
            found.error(&self.span, "an expression that says nothing", None);
            return;
        }
        if let Err(error) = ENGINE.compile_expression(&self.text) {
            let span = error.range().map_or_else(|| self.span.clone(), |range| self.inside(&range));
            found.error(&span, format!("this is no expression: {}", reason(&error)), None);
            return;
        }
        // A text times a number, joined with another: much of little.
        if let Some((at, _)) = outside_strings(&self.text).find(|(_, c)| *c == '*') {
            found.error(&self.inside(&(at..at + 1)), "there is no multiplication in an expression", None);
        }
        for (name, range) in filters_of(&self.text) {
            if !FILTERS.contains(&name) {
                let help = did_you_mean(name, FILTERS.iter().copied());
                found.error(&self.inside(&range), format!("there is no filter `{name}`"), help);
            }
        }
    }

    pub(crate) fn as_written(&self) -> &str {
        &self.text
    }

    fn in_braces(&self) -> String {
        format!("{{{{ {} }}}}", self.text)
    }

    /// A part of the expression, in the source.
    pub(crate) fn inside(&self, range: &Range<usize>) -> Span {
        // minijinja counts what it does not know as one byte.
        if self.span.len() != self.text.len() || self.text.get(range.clone()).is_none_or(str::is_empty) {
            return self.span.clone();
        }
        self.span.start + range.start..self.span.start + range.end
    }

    /// The names that it asks for, as `steps.hunt.verdict`, each with its place in the source.
    pub(crate) fn names(&self) -> Vec<(String, Span)> {
        let Ok(expression) = ENGINE.compile_expression(&self.text) else { return Vec::new() };
        let mut names: Vec<String> = expression.undeclared_variables(true).into_iter().collect();
        names.sort_unstable();
        let place = |name: String| {
            let at = self.text.find(&name);
            let span = at.map_or_else(|| self.span.clone(), |at| self.inside(&(at..at + name.len())));
            (name, span)
        };
        names.into_iter().map(place).collect()
    }

    /// The names below `root` that it does nothing without: those that have no `default`, and are not asked for with `is`.
    pub(crate) fn needs(&self, root: &str) -> Vec<(String, Span)> {
        let mut names = self.names();
        names.retain(|(name, _)| {
            let below = name.strip_prefix(root).is_some_and(|rest| rest.starts_with('.'));
            let places = outside_strings(&self.text).map(|(at, _)| at);
            let mut behind = places.filter_map(|at| self.text[at..].strip_prefix(name.as_str()));
            let without = |rest: &str| {
                let rest = rest.trim_start();
                let filter = rest.strip_prefix('|').map(str::trim_start);
                !filter.is_some_and(|filter| filter.starts_with("default")) && !rest.starts_with("is ")
            };
            below && behind.any(without)
        });
        names
    }

    /// What it comes to.
    pub(crate) fn value(&self, known: &Value) -> Result<Value, Unknown> {
        let unknown = |message: String| Unknown { message, span: self.span.clone() };
        ENGINE
            .compile_expression(&self.text)
            .and_then(|expression| expression.eval(known.clone()))
            .map_err(|error| unknown(reason(&error)))
    }
}

impl Template {
    /// The text that it comes to; `None` where an expression has no value, as the verdict of a step that was skipped.
    pub(crate) fn fill(&self, known: &Value) -> Result<Option<String>, Unknown> {
        self.fill_but(known, |_| false)
    }

    /// The same, with some expressions left as they are written.
    pub(crate) fn fill_but(
        &self,
        known: &Value,
        left: impl Fn(&Expression) -> bool,
    ) -> Result<Option<String>, Unknown> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(own) => text.push_str(own),
                Piece::Expression(expression) if left(expression) => text.push_str(&expression.in_braces()),
                Piece::Expression(expression) => {
                    let value = expression.value(known)?;
                    if matches!(value.kind(), ValueKind::None | ValueKind::Undefined) {
                        return Ok(None);
                    }
                    match value.kind() {
                        // As YAML and the command line have it, not as Python does.
                        ValueKind::Bool => text.push_str(if value.is_true() { "true" } else { "false" }),
                        _ => text.push_str(&value.to_string()),
                    }
                }
            }
            if text.len() > MOST_RESULT {
                let message = format!("it comes to more than {} kB", MOST_RESULT >> 10);
                return Err(Unknown { message, span: self.span.clone() });
            }
        }
        Ok(Some(text))
    }

    /// As it was written, but for white space.
    pub(crate) fn as_written(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Expression(expression) => expression.in_braces(),
        };
        self.pieces.iter().map(piece).collect()
    }
}

const FILTERS: &[&str] = &["default", "first", "last", "length", "lower", "trim", "upper"];

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.add_filter("default", default);
    engine.add_filter("first", filters::first);
    engine.add_filter("last", filters::last);
    engine.add_filter("length", filters::length);
    engine.add_filter("lower", filters::lower);
    engine.add_filter("trim", filters::trim);
    engine.add_filter("upper", filters::upper);
    engine.add_test("defined", tests::is_defined);
    engine.add_test("none", tests::is_none);
    engine
});

/// What is not known of a step is none, and a default stands in for that as for what was never said.
fn default(state: &State<'_, '_>, value: &Value, args: Rest<Value>) -> Result<Value, minijinja::Error> {
    let value = if value.is_none() { &Value::UNDEFINED } else { value };
    filters::default(state, value, args)
}

fn reason(error: &minijinja::Error) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it is too much work".to_owned(),
        (ErrorKind::UnknownFunction, _) => "there are no functions".to_owned(),
        (ErrorKind::UndefinedError, _) => "it asks for something that is not there".to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    }
}

/// The words behind a `|`.
fn filters_of(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    outside_strings(text).filter(|(_, c)| *c == '|').map(|(at, _)| {
        let rest = &text[at + 1..];
        let start = at + 1 + (rest.len() - rest.trim_start().len());
        let word = &text[start..];
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
        (&word[..end], start..start + end)
    })
}

/// The characters that are not in a string, the quotes themselves left out too.
fn outside_strings(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut escaped = false;
    text.char_indices().filter(move |(_, c)| {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if *c == '\\' => escaped = true,
            Some(open) if *c == open => quote = None,
            None if *c == '"' || *c == '\'' => quote = Some(*c),
            None => return true,
            Some(_) => {}
        }
        false
    })
}

#[cfg(test)]
mod of_expressions {
    use minijinja::value::Serde;
    use serde_json::json;

    use super::*;

    fn template(text: &str) -> (Template, Vec<String>) {
        let mut found = Diagnostics::default();
        let template = Template::read(text, text, &(0..text.len()), &mut found);
        (template, found.sorted().into_iter().map(|found| found.message).collect())
    }

    #[track_caller]
    fn comes_to(text: &str, expected: Option<&str>) {
        let known = Value::from(Serde(json!({
            "inputs": {"app": "shop; rm -rf /", "n": 3, "strict": true},
            "steps": {"hunt": {"verdict": "leak", "folder": null, "suspects": [{"sentence": "one"}]}},
        })));
        let (template, said) = template(text);
        assert!(said.is_empty(), "{said:?}");
        assert_eq!(template.fill(&known).unwrap().as_deref(), expected, "{text}");
    }

    #[test]
    fn texts_are_filled_in() {
        comes_to("plain", Some("plain"));
        comes_to("", Some(""));
        comes_to("a {{ inputs.app }} b", Some("a shop; rm -rf / b"));
        comes_to("{{ inputs.n + 1 }}{{ inputs.strict }}", Some("4true"));
        comes_to("{{ steps.hunt.folder }}", None);
        comes_to("{{ steps.hunt.folder | default('none') }}", Some("none"));
        comes_to("{{ steps.hunt.verdict | default('none') }}", Some("leak"));
        comes_to("{{ steps.hunt.suspects[0].sentence | upper }}", Some("ONE"));
        comes_to("{{ '}}' ~ \"{{\" }}", Some("}}{{"));
        comes_to("{{ 'x' if steps.hunt.verdict == 'leak' else 'y' }}", Some("x"));
        comes_to("{% for x in y %}", Some("{% for x in y %}"));
        let long = Value::from(Serde(json!({"inputs": {"app": "a".repeat(40_000)}})));
        assert!(template("{{ inputs.app ~ inputs.app }}").0.fill(&long).is_err());
    }

    #[test]
    fn what_is_wrong_is_said_where_it_is() {
        let text = "on {{ inputs.app | uper }}";
        let mut found = Diagnostics::default();
        Template::read(text, text, &(100..100 + text.len()), &mut found);
        let found = found.sorted();
        assert_eq!(found[0].message, "there is no filter `uper`");
        assert_eq!(found[0].help.as_deref(), Some("did you mean `upper`?"));
        assert_eq!(&text[found[0].span.start - 100..found[0].span.end - 100], "uper");
        for (text, said) in [
            ("{{ a", "without"),
            ("{{ }}", "says nothing"),
            ("{{ a + }}", "no expression"),
            ("{{ 1 1 }}", "no expression"),
        ] {
            let (_, messages) = template(text);
            assert!(messages.len() == 1 && messages[0].contains(said), "{text}: {messages:?}");
        }
    }

    #[test]
    fn an_expression_runs_nothing_and_ends() {
        let nested = format!("{{{{ {}1{} }}}}", "(".repeat(900), ")".repeat(900));
        let long = format!("{{{{ {} 1 }}}}", "1 + ".repeat(600));
        for text in ["{{ 'a' * 9 }}", &nested, &long] {
            assert!(!template(text).1.is_empty(), "{text}");
        }
        let none = Value::from(());
        for text in ["{{ include('x') }}", "{{ range(10) }}", "{{ 'a'.__class__.x }}"] {
            let (template, said) = template(text);
            assert!(said.is_empty() && template.expressions().all(|e| e.value(&none).is_err()), "{text}");
        }
    }

    #[test]
    fn what_an_expression_does_nothing_without() {
        for (text, expected) in [
            ("trigger.dyno", vec!["trigger.dyno"]),
            ("trigger.dyno | default('web.1')", vec![]),
            ("trigger.mem|default(0) > trigger.quota", vec!["trigger.quota"]),
            ("trigger.code is defined or inputs.x == 'trigger.code'", vec![]),
            ("trigger.code | upper | default('')", vec!["trigger.code"]),
            ("triggers.code ~ inputs.trigger", vec![]),
        ] {
            let condition = Condition::read(text, text, &(0..text.len()), &mut Diagnostics::default());
            let needs: Vec<String> = condition.0.needs("trigger").into_iter().map(|(name, _)| name).collect();
            assert_eq!(needs, expected, "{text}");
        }
    }

    #[test]
    fn conditions_that_depend_on_nothing_are_known() {
        let constant = |text: &str| {
            Condition::read(text, text, &(0..text.len()), &mut Diagnostics::default()).constant()
        };
        assert_eq!(constant("false"), Some(false));
        assert_eq!(constant("{{ 1 == 1 }}"), Some(true));
        assert_eq!(constant("steps.a.outcome == 'success'"), None);
    }
}
