//! YAML into a tree that knows where each thing stands.
//!
//! A runbook is hostile input. It is read by events, and reading ends at the first one too many: so many bytes, so deep, so many
//! nodes. Anchors, aliases and tags are refused, so nothing in the tree is there twice and nothing is made of a text but a text.

use granit_parser::{Event, Parser, ScalarStyle};

use crate::diagnostic::Diagnostics;
use crate::source::{MOST_BYTES, Span};

/// Lists and maps within each other. A runbook needs 5.
const MOST_DEPTH: usize = 24;
const MOST_NODES: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) holds: Holds,
    span: Span,
}

#[derive(Debug)]
pub(crate) enum Holds {
    Scalar { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
}

/// What a scalar is where it is not in quotes: YAML's core schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nothing,
    Flag(bool),
    Number,
    Text,
}

impl Node {
    /// What is underlined: of a map its first key, of a list its first member.
    pub(crate) fn span(&self) -> Span {
        match &self.holds {
            Holds::Scalar { .. } => self.span.clone(),
            Holds::List(nodes) => nodes.first().map_or_else(|| self.span.clone(), Self::span),
            Holds::Map(entries) => {
                entries.first().map_or_else(|| self.span.clone(), |entry| entry.key_span.clone())
            }
        }
    }

    pub(crate) fn scalar(&self) -> Option<&str> {
        match &self.holds {
            Holds::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.holds {
            Holds::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.holds {
            Holds::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The kind of a scalar.
    pub(crate) fn kind(&self) -> Option<Kind> {
        let Holds::Scalar { text, plain } = &self.holds else { return None };
        Some(match text.as_str() {
            _ if !plain => Kind::Text,
            "" | "~" | "null" | "Null" | "NULL" => Kind::Nothing,
            "true" | "True" | "TRUE" => Kind::Flag(true),
            "false" | "False" | "FALSE" => Kind::Flag(false),
            text if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
                if text.parse::<f64>().is_ok() { Kind::Number } else { Kind::Text }
            }
            _ => Kind::Text,
        })
    }

    /// In words, for a message.
    pub(crate) fn described(&self) -> &'static str {
        match (&self.holds, self.kind()) {
            (Holds::List(_), _) => "a list",
            (Holds::Map(_), _) => "a map",
            (_, Some(Kind::Nothing)) => "nothing",
            (_, Some(Kind::Flag(_))) => "true or false",
            (_, Some(Kind::Number)) => "a number",
            _ => "a text",
        }
    }
}

/// Reads the one document of a text; `None` where it is no YAML that is read here, which has been said then.
pub(crate) fn parse(text: &str, found: &mut Diagnostics) -> Option<Node> {
    if text.len() > MOST_BYTES {
        found.error(&(0..0), format!("a runbook has at most {} kB", MOST_BYTES >> 10), None);
        return None;
    }
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let taken = match event {
            Ok((event, span)) => tree.take(event, &bytes_of(text, &span)),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or_default();
                let reason = error.kind().to_string();
                let help = reason.starts_with("mapping values").then_some(
                    "a text with `: ` in it goes in quotes, or, as a shell command does best, below `run: |`",
                );
                Err((end_of_line(text, at), format!("this is not YAML: {reason}"), help))
            }
        };
        if let Err((span, message, help)) = taken {
            found.error(&span, message, help.map(str::to_owned));
            return None;
        }
    }
    tree.root.or_else(|| {
        found.error(&(0..0), "the file is empty", Some("a runbook has a `name` and `steps`".into()));
        None
    })
}

type Refused = (Span, String, Option<&'static str>);

/// What has been opened and not yet closed, the innermost last.
#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
}

struct Open {
    span: Span,
    what: Inside,
}

enum Inside {
    List(Vec<Node>),
    /// The key whose value comes next.
    Map(Vec<Entry>, Option<(String, Span)>),
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Refused> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                Self::refuse(anchor, tag.is_some(), span)?;
                let plain = matches!(style, ScalarStyle::Plain);
                self.add(Node { holds: Holds::Scalar { text: text.into_owned(), plain }, span: span.clone() })
            }
            Event::SequenceStart(_, anchor, tag) => {
                Self::refuse(anchor, tag.is_some(), span)?;
                self.open(span, Inside::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                Self::refuse(anchor, tag.is_some(), span)?;
                self.open(span, Inside::Map(Vec::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(_) => Self::refuse(1, false, span),
            Event::DocumentStart(..) if self.root.is_some() => Err((
                span.clone(),
                "a file holds one runbook".into(),
                Some("put the other into a file of its own"),
            )),
            _ => Ok(()),
        }
    }

    fn refuse(anchor: usize, tag: bool, span: &Span) -> Result<(), Refused> {
        match (anchor, tag) {
            (0, false) => Ok(()),
            (0, true) => Err((span.clone(), "tags (`!…`) are not read".into(), Some("leave it out"))),
            _ => Err((
                span.clone(),
                "anchors and aliases (`&…`, `*…`) are not read".into(),
                Some("write it out; a text that begins with & or * goes in quotes"),
            )),
        }
    }

    fn open(&mut self, span: &Span, what: Inside) -> Result<(), Refused> {
        if self.open.len() >= MOST_DEPTH {
            return Err((
                span.clone(),
                format!("more than {MOST_DEPTH} lists and maps within each other"),
                None,
            ));
        }
        self.open.push(Open { span: span.clone(), what });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Refused> {
        let Some(Open { span, what }) = self.open.pop() else { return Ok(()) };
        let holds = match what {
            Inside::List(nodes) => Holds::List(nodes),
            Inside::Map(entries, _) => Holds::Map(entries),
        };
        self.add(Node { holds, span })
    }

    fn add(&mut self, node: Node) -> Result<(), Refused> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err((node.span, format!("a runbook has at most {MOST_NODES} parts"), None));
        }
        match self.open.last_mut().map(|open| &mut open.what) {
            None => self.root = Some(node),
            Some(Inside::List(nodes)) => nodes.push(node),
            Some(Inside::Map(entries, awaiting)) => match awaiting.take() {
                Some((key, key_span)) => entries.push(Entry { key, key_span, value: node }),
                None => {
                    let Some(key) = node.scalar() else {
                        return Err((
                            node.span(),
                            "a key is a text".into(),
                            Some("`{{ … }}` goes in quotes"),
                        ));
                    };
                    *awaiting = Some((key.to_owned(), node.span()));
                }
            },
        }
        Ok(())
    }
}

/// A span of the parser's, without the white space that it may end with.
fn bytes_of(text: &str, span: &granit_parser::Span) -> Span {
    let start = span.start.byte_offset().unwrap_or_default().min(text.len());
    let end = span.end.byte_offset().unwrap_or(start).clamp(start, text.len());
    start..start + text.get(start..end).unwrap_or_default().trim_end().len()
}

fn end_of_line(text: &str, at: usize) -> Span {
    let at = at.min(text.len());
    let rest = text.get(at..).unwrap_or_default();
    at..at + rest.find('\n').unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, String> {
        let mut found = Diagnostics::default();
        parse(text, &mut found).ok_or_else(|| {
            let said = found.sorted();
            assert_eq!(said.len(), 1);
            said[0].message.clone()
        })
    }

    #[test]
    fn everything_knows_where_it_stands() {
        let text = "name: one\nsteps:\n  - run: |\n      a\n      b\n  - if: 'x ä'\n    \"uses\": cleanup\n";
        let root = read(text).unwrap();
        let of = |node: &Node| text[node.span()].to_owned();
        assert_eq!(of(root.get("name").unwrap()), "one");
        let steps = root.get("steps").unwrap().items();
        assert_eq!(of(&steps[0]), "run");
        assert_eq!(steps[0].get("run").unwrap().scalar(), Some("a\nb\n"));
        assert_eq!(of(steps[1].get("if").unwrap()), "'x ä'");
        assert_eq!(of(steps[1].get("uses").unwrap()), "cleanup");
    }

    #[test]
    fn kinds_are_those_of_the_core_schema() {
        let kinds = |text: &str| read(&format!("a: {text}")).unwrap().get("a").unwrap().kind();
        for (text, kind) in [
            ("", Kind::Nothing),
            ("true", Kind::Flag(true)),
            ("yes", Kind::Text),
            ("-1.5", Kind::Number),
            ("10m", Kind::Text),
            ("'1'", Kind::Text),
            ("inf", Kind::Text),
        ] {
            assert_eq!(kinds(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn bombs_are_not_lit() {
        let flow = format!("a: {}", "[".repeat(100_000));
        let deep = format!("a: {}{}", "[".repeat(100), "]".repeat(100));
        let blocks = "- ".repeat(100_000);
        let wide = format!("a: [{}]", "1,".repeat(50_000));
        let laughs = "a: &a [x, x]\nb: [*a, *a]\n";
        let large = " ".repeat(MOST_BYTES + 1);
        for (text, said) in [
            (flow.as_str(), "not YAML"),
            (&deep, "within each other"),
            (&blocks, "within each other"),
            (&wide, "at most 10000 parts"),
            (laughs, "anchors and aliases"),
            ("a: !!binary aGk=", "tags"),
            (&large, "at most 256 kB"),
            ("a: 1\n---\nb: 2\n", "one runbook"),
            ("a: {{ b }}\n", "a key is a text"),
            ("a: 'b", "not YAML"),
            ("", "is empty"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(said), "{message}");
        }
    }
}
