//! The last lines a child printed, kept for the error that may need them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

const KEPT_LINES: usize = 20;
const KEPT_CHARS: usize = 300;

/// What a child printed last, cleaned of control characters and bounded; displays as an indented block, or as nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastLines(pub Vec<String>);

impl fmt::Display for LastLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        f.write_str("; it printed:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// The collector behind [`LastLines`], shared by the readers of stdout and stderr.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tail {
    lines: Arc<Mutex<VecDeque<String>>>,
    secret: Option<Arc<str>>,
}

impl Tail {
    /// `secret` is blotted out of whatever is kept.
    pub(crate) fn new(secret: Option<&str>) -> Self {
        Self { lines: Arc::default(), secret: secret.filter(|s| s.len() >= 8).map(Into::into) }
    }

    pub(crate) fn push(&self, line: &str) {
        let mut line = clean(line, KEPT_CHARS);
        if let Some(secret) = &self.secret {
            line = line.replace(&**secret, "[secret]");
        }
        if line.is_empty() {
            return;
        }
        tracing::debug!(target: "leakhunt_host::child", "{line}");
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    pub(crate) fn last_lines(&self) -> LastLines {
        LastLines(self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect())
    }
}

/// One line of foreign text made fit to be shown: no escape sequences, no control characters, at most `limit` characters.
pub(crate) fn clean(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let mut kept = 0;
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A CSI sequence (`ESC [ … letter`) is colour or cursor movement; any other escape loses its ESC alone.
            if chars.next_if_eq(&'[').is_some() {
                while chars.next_if(|c| !('@'..='~').contains(c)).is_some() {}
                chars.next();
            }
        } else if !c.is_control() || c == '\t' {
            if kept == limit {
                out.push('…');
                break;
            }
            out.push(if c == '\t' { ' ' } else { c });
            kept += 1;
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(clean(text, 10), expected);
    }

    #[test]
    fn foreign_text_is_made_fit_to_show() {
        check("plain", "plain");
        check("\u{1b}[1;31mred\u{1b}[0m", "red");
        check("bell\u{7}\r", "bell");
        check("\u{1b}]0;title", "]0;title");
        check("0123456789abc", "0123456789…");
        check("\u{1b}[", "");
    }

    #[test]
    fn only_the_last_lines_are_kept_and_no_secret() {
        let tail = Tail::new(Some("HRKU-secret"));
        for n in 0..30 {
            tail.push(&format!("line {n} HRKU-secret"));
        }
        let LastLines(lines) = tail.last_lines();
        assert_eq!(lines.len(), KEPT_LINES);
        assert_eq!(lines.first().unwrap(), "line 10 [secret]");
        assert_eq!(lines.last().unwrap(), "line 29 [secret]");
    }
}
