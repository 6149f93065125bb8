//! The app's log stream, as `heroku logs --tail` reads it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

/// How many lines are kept, as Heroku keeps 1,500.
const KEPT: usize = 1_500;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    at: jiff::Timestamp,
    source: &'static str,
    dyno: String,
    text: String,
}

impl Line {
    /// Heroku's own form: `2026-01-31T12:00:00.000000+00:00 app[web.1]: text`.
    pub(crate) fn shown(&self) -> String {
        let at = self.at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00");
        format!("{at} {}[{}]: {}", self.source, self.dyno, self.text)
    }

    /// Whether a log session for this dyno or process type, and for this source, shows the line.
    pub(crate) fn is_of(&self, dyno_or_type: Option<&str>, source: Option<&str>) -> bool {
        source.is_none_or(|wanted| self.source == wanted)
            && dyno_or_type.is_none_or(|wanted| {
                self.dyno == wanted || self.dyno.split_once('.').is_some_and(|(kind, _)| kind == wanted)
            })
    }
}

/// Keeps the latest lines and hands new ones to whoever follows.
#[derive(Debug)]
pub(crate) struct Logs {
    kept: Mutex<VecDeque<Line>>,
    followers: broadcast::Sender<Line>,
}

impl Logs {
    pub(crate) fn new() -> Self {
        Self { kept: Mutex::default(), followers: broadcast::channel(KEPT).0 }
    }

    /// Adds a line; `source` is `app` or `heroku`.
    pub(crate) fn say(&self, source: &'static str, dyno: &str, text: &str) {
        self.say_as_of(jiff::Timestamp::now(), source, dyno, text);
    }

    /// Adds a line with another time than now.
    pub(crate) fn say_as_of(&self, at: jiff::Timestamp, source: &'static str, dyno: &str, text: &str) {
        let line = Line { at, source, dyno: dyno.to_owned(), text: text.to_owned() };
        let mut kept = self.kept();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(line.clone());
        // Nobody follows: the line is kept all the same.
        let _ = self.followers.send(line);
    }

    /// The lines so far and those to come, with none lost between.
    pub(crate) fn follow(&self) -> (Vec<Line>, broadcast::Receiver<Line>) {
        let kept = self.kept();
        (kept.iter().cloned().collect(), self.followers.subscribe())
    }

    /// The last lines of a dyno, for an error message.
    pub(crate) fn tail(&self, dyno: &str, count: usize) -> String {
        let kept = self.kept();
        let of_dyno: Vec<&str> =
            kept.iter().filter(|line| line.dyno == dyno).map(|line| line.text.as_str()).collect();
        of_dyno[of_dyno.len().saturating_sub(count)..].join(" | ")
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Line>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
