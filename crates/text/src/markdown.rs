//! Markdown in which text from outside is never markup, nor HTML.

use std::fmt::{self, Display};

use crate::spelled::one_line;
use crate::terminal::Line;

/// A document, or a part of one: markup comes in as `&'static str`, everything else is escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markdown(String);

impl Markdown {
    /// Begins with markup.
    #[must_use]
    pub fn markup(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// Begins with text.
    #[must_use]
    pub fn of(text: impl Display) -> Self {
        Self::default().text(text)
    }

    /// Appends markup.
    #[must_use]
    pub fn and(mut self, markup: &'static str) -> Self {
        self.0.push_str(markup);
        self
    }

    /// Appends text, fit for a paragraph, a heading, an item of a list or a cell of a table.
    #[must_use]
    pub fn text(mut self, text: impl Display) -> Self {
        let text = one_line(&text.to_string());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                // Far enough in, a line would be code.
                ' ' if self.0.is_empty() || self.0.ends_with('\n') => {}
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '&' => self.0.push_str("&amp;"),
                // `1. ` begins an item, `1.5` does not.
                '.' | ')' if chars.peek().is_some_and(|next| *next != ' ') => self.0.push(c),
                c if is_markup(c, line_so_far(&self.0)) => self.0.extend(['\\', c]),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Appends a code span. What would end it, or the cell of a table it stands in, is replaced.
    #[must_use]
    pub fn code(mut self, text: impl Display) -> Self {
        let text = one_line(&text.to_string()).replace('`', "'").replace('|', "¦");
        // A span of blanks alone is none, and one has to begin and end with something.
        self.0.extend(["`", if text.trim().is_empty() { "…" } else { &text }, "`"]);
        self
    }

    /// Appends a fenced block of lines, each further in than the one before.
    #[must_use]
    pub fn steps(mut self, lines: impl IntoIterator<Item = impl Display>) -> Self {
        self.0.push_str("```text\n");
        for (depth, line) in lines.into_iter().enumerate() {
            let line = line.to_string().replace("```", "'''");
            self.0.push_str(&Line::default().padded(2 * depth).text(line).to_string());
            self.0.push('\n');
        }
        self.0.push_str("```\n");
        self
    }

    /// Appends another part.
    #[must_use]
    pub fn markdown(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn line_so_far(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or_default().trim_start()
}

/// Whether Markdown, or GitHub's, would read more than a character. At the beginning of a line that is also what begins an item
/// of a list, underlines a heading or, in the log of a build, commands.
fn is_markup(c: char, line: &str) -> bool {
    match c {
        '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => true,
        '-' | '+' | '=' => line.is_empty(),
        '.' | ')' => !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()),
        // A link is made of `https:` without any brackets.
        ':' => {
            line.is_empty() || ["http", "https", "ftp", "mailto"].iter().any(|scheme| line.ends_with(scheme))
        }
        _ => false,
    }
}

impl Display for Markdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Markdown::of(text).to_string(), expected);
    }

    #[test]
    fn text_is_no_markup() {
        check("<b>*a*_b_[x](y)|`c`", "&lt;b&gt;\\*a\\*\\_b\\_\\[x\\](y)\\|\\`c\\`");
        check("- [x] inspector: closed", "\\- \\[x\\] inspector: closed");
        check("1. first", "1\\. first");
        check("===", "\\===");
        check("::error::x", "\\::error::x");
        check("see https://evil.example", "see https\\://evil.example");
        check("a-b 1.5 x=y", "a-b 1.5 x=y");
    }

    #[test]
    fn code_stays_in_its_span_and_its_cell() {
        assert_eq!(Markdown::default().code("a`b|c\nd").to_string(), "`a'b¦c\\nd`");
        assert_eq!(Markdown::default().code(" ").to_string(), "`…`");
        let steps = Markdown::default().steps(["a", "```", "::error::x"]).to_string();
        assert_eq!(steps, "```text\na\n  '''\n    \\u{3a}:error::x\n```\n");
    }
}
