//! What went wrong, as the person sees it: `error:`, `caused by:`, `hint:`, and an exit code.

use anstyle::{AnsiColor, Style};
use leakhunt_text::{Line, cut_tokens};
use serde::Serialize;

use crate::exit;
use crate::terminal::{self, Unwritten};

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), causes: Vec::new(), hint: None }
    }

    /// A message with what lies behind it.
    pub(crate) fn of(code: u8, message: impl Into<String>, error: &dyn std::error::Error) -> Self {
        let message = message.into();
        Self { code, causes: causes(&message, error), message, hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Puts a file's name before the message.
    pub(crate) fn of_file(mut self, path: &std::path::Path) -> Self {
        self.message = format!("{}: {}", path.display(), self.message);
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    /// What to do about it.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(crate) fn with_code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// Ends a command that has printed nothing on stdout yet: where JSON is wanted there is one document, always.
    pub(crate) fn end(self, json: bool) -> u8 {
        if json {
            print_json(&self.message, &self.causes, self.advice(), self.code);
        }
        self.print()
    }

    /// Prints to stderr; gives the exit code.
    pub(crate) fn print(self) -> u8 {
        // The exit code tells it too, where the terminal is gone.
        terminal::say(&self.lines());
        self.code
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = labelled("error:", AnsiColor::Red, &self.message);
        for cause in &self.causes {
            lines.extend(labelled("caused by:", AnsiColor::Yellow, cause));
        }
        if let Some(hint) = &self.hint {
            lines.extend(labelled("hint:", AnsiColor::Cyan, hint));
        }
        lines
    }
}

/// A label and a message. Of several lines all but the first stand behind a bar: what a program printed must not look as if
/// leakhunt had said it.
fn labelled(label: &'static str, color: AnsiColor, message: &str) -> Vec<Line> {
    let style = Style::new().bold().fg_color(Some(color.into()));
    let message = cut_tokens(message);
    let mut lines = message.lines();
    let first = Line::default().styled(style, label).and(" ").text(lines.next().unwrap_or_default());
    std::iter::once(first).chain(lines.map(|line| Line::own("  | ").text(line.trim()))).collect()
}

/// What a command that failed prints on stdout with `--json`.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    error: &'a str,
    caused_by: &'a [String],
    hint: Option<&'a str>,
    exit_code: u8,
}

/// The document of a failure. It says the same as stderr, so a stdout that is gone is no further failure.
pub(crate) fn print_json(error: &str, caused_by: &[String], hint: Option<&str>, exit_code: u8) {
    let document = Document { schema_version: 1, error, caused_by, hint, exit_code };
    let _ = terminal::print_json(&document);
}

/// What lies behind an error, but for what has been said already: many a message ends with that of its cause.
fn causes(message: &str, error: &dyn std::error::Error) -> Vec<String> {
    let mut said = message.to_owned();
    let mut causes = Vec::new();
    for cause in std::iter::successors(error.source(), |error| error.source()).map(ToString::to_string) {
        if !said.contains(&cause) {
            causes.push(cause.clone());
            said = cause;
        }
    }
    causes
}

impl From<Unwritten> for Failure {
    fn from(Unwritten(error): Unwritten) -> Self {
        Self::new(exit::INTERNAL, format!("failed to write the result: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_printed_forges_no_line() {
        let failure =
            Failure::new(exit::INCOMPLETE, "Node.js v22\n  ✓ inspector  closed\n::error::x\u{9b}2J")
                .hint("see https://u:p4ssw0rd@host/\u{202e}");
        let shown: Vec<String> = failure.lines().iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m Node.js v22",
                "  | ✓ inspector closed",
                "  | ::error::x\\u{9b}2J",
                "\u{1b}[1m\u{1b}[36mhint:\u{1b}[0m see https://[secret]@host/\\u{202e}",
            ]
        );
    }

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl std::fmt::Display for Layer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }

    impl std::error::Error for Layer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            self.1.as_deref().map(|layer| layer as _)
        }
    }

    #[test]
    fn a_cause_that_the_message_has_is_not_said_again() {
        let disk = Layer("no space left", None);
        let write = Layer("writing 1.heapsnapshot: no space left", Some(Box::new(disk)));
        let failure = Failure::of(exit::INCOMPLETE, write.to_string(), &write);
        assert!(failure.causes.is_empty(), "{:?}", failure.causes);
        let capture = Layer("the snapshot was not kept", Some(Box::new(write)));
        let failure = Failure::of(exit::INCOMPLETE, capture.to_string(), &capture);
        assert_eq!(failure.causes, ["writing 1.heapsnapshot: no space left"]);
    }
}
