//! The last lines a child printed, kept for the error that may need them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use leakhunt_text::{SECRET, cut, is_unseen};

use crate::Environment;

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
    secrets: Arc<[String]>,
    /// How lines begin that tell nothing.
    idle: Option<&'static str>,
}

impl Tail {
    /// The secrets in the child's environment, and what looks like one, are cut out of whatever is kept.
    pub(crate) fn new(environment: &Environment) -> Self {
        let mut secrets: Vec<String> = environment.secrets().map(str::to_owned).collect();
        // One may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { lines: Arc::default(), secrets: secrets.into(), idle: None }
    }

    /// The same without lines that begin so: a tool that repeats what it was told.
    pub(crate) fn without(self, idle: &'static str) -> Self {
        Self { idle: Some(idle), ..self }
    }

    pub(crate) fn push(&self, line: &str) {
        // Escape sequences first: one may stand in the middle of a secret.
        let line = clean(line, usize::MAX);
        let without = self.secrets.iter().fold(line, |line, secret| line.replace(secret, SECRET));
        let line = clean(&cut(&without), KEPT_CHARS);
        if line.is_empty() || self.idle.is_some_and(|idle| line.starts_with(idle)) {
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

/// One line of foreign text made fit to be shown: no escape sequences, nothing that steers or hides, at most `limit` characters.
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
        } else if !is_unseen(c) || c == '\t' {
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
        check("a\u{202e}b\u{9b}c", "abc");
    }

    #[test]
    fn only_the_last_lines_are_kept_and_no_secret() {
        let tail =
            Tail::new(&Environment::new([("HEROKU_API_KEY", "an-unusual-key"), ("HOME", "/home/somebody")]));
        for n in 0..30 {
            tail.push(&format!("line {n} an-unusual-key"));
        }
        let LastLines(lines) = tail.last_lines();
        assert_eq!(lines.len(), KEPT_LINES);
        assert_eq!(lines.first().unwrap(), "line 10 [secret]");
        assert_eq!(lines.last().unwrap(), "line 29 [secret]");
    }

    #[test]
    fn what_a_tool_was_told_is_no_news() {
        let tail = Tail::new(&Environment::default()).without("Running sh -c ");
        tail.push("\u{1b}[1mRunning sh -c 'x' on shop... up");
        tail.push("Running out of patience");
        assert_eq!(tail.last_lines().0, ["Running out of patience"]);
    }

    #[test]
    fn a_token_that_a_tool_echoes_is_cut() {
        let tail = Tail::new(&Environment::default());
        tail.push("retrying with Authorization: Bearer 01234567-89ab-cdef-0123-456789abcdef");
        tail.push("git push https://x:\u{1b}[1mp4ssw0rd\u{1b}[0m@git.heroku.com, HOME=/home/somebody");
        let LastLines(lines) = tail.last_lines();
        assert_eq!(
            lines,
            [
                "retrying with Authorization: Bearer [secret]",
                "git push https://[secret]@git.heroku.com, HOME=/home/somebody"
            ]
        );
    }
}
