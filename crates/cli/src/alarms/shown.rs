//! Each decision in a line: when, which dyno, what it complains of, and what is done about it.

use std::time::Duration;

use anstyle::Style;
use leakhunt_host::CommandLine;
use leakhunt_incident::{Because, Decision, Replayed, Trigger};
use leakhunt_text::{Line, cut_tokens, json};
use serde::Serialize;

use crate::terminal::{self, Unwritten};
use crate::{human, terminal::document};

const BOLD: Style = Style::new().bold();

/// How decisions are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    /// One JSON object a line.
    pub(crate) json: bool,
}

/// A decision as a line of JSON.
#[derive(Serialize)]
struct Act<'a> {
    schema_version: u32,
    #[serde(flatten)]
    decision: &'a Decision,
    command: Option<Vec<String>>,
}

impl Shown {
    /// What would be done, on stdout.
    pub(crate) fn would(self, decision: &Decision, command: Option<&CommandLine>) -> Result<(), Unwritten> {
        if self.json {
            let words = |command: &CommandLine| {
                std::iter::once(command.program.display().to_string()).chain(command.args.clone()).collect()
            };
            return ndjson(&Act { schema_version: 1, decision, command: command.map(words) });
        }
        let mut lines = vec![line(decision)];
        if let Some(command) = command {
            lines.push(Line::own("    $ ").text(cut_tokens(&command.to_string())));
        }
        terminal::answer(&lines)
    }
}

/// What a replay came to, on stdout.
pub(crate) fn summary(replayed: &Replayed, json: bool) -> Result<(), Unwritten> {
    #[derive(Serialize)]
    struct Summary<'a> {
        schema_version: u32,
        act: &'static str,
        #[serde(flatten)]
        replayed: &'a Replayed,
    }
    if json {
        return ndjson(&Summary { schema_version: 1, act: "replayed", replayed });
    }
    let Replayed { from, to, counted, hunts, .. } = replayed;
    let many = |number: u64, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let mut lines = Vec::new();
    match (from, to) {
        (Some(from), Some(to)) => lines.push(
            Line::of(many(counted.lines, "line"))
                .text(format!(", {} to {}: ", second(*from), second(*to)))
                .text(format!("{}, {}", many(counted.alarms, "alarm"), many(*hunts, "hunt"))),
        ),
        _ => lines.push(
            Line::of(many(counted.lines, "line"))
                .and(", none of which begins with a time as `heroku logs` prints it"),
        ),
    }
    if replayed.lacks_samples {
        lines.push(Line::own(LACKS_SAMPLES));
    }
    terminal::answer(&lines)
}

/// Said where a condition on memory can never hold.
const LACKS_SAMPLES: &str = "no line says how much memory a dyno has: `heroku labs:enable log-runtime-metrics -a APP` makes the platform log it, \
                             from the next restart on";

fn ndjson(value: &impl Serialize) -> Result<(), Unwritten> {
    document(|out| json::told_line(out, value))
}

fn line(decision: &Decision) -> Line {
    let (Decision::Hunt { trigger, .. } | Decision::Wait { trigger, .. } | Decision::Skip { trigger, .. }) =
        decision;
    let line = Line::of(second(trigger.at))
        .and("  ")
        .styled(BOLD, &trigger.dyno)
        .and("  ")
        .text(what(trigger))
        .and(": ");
    match decision {
        Decision::Hunt { sampling: false, .. } => line.and("would hunt"),
        Decision::Hunt { sampling: true, .. } => {
            line.and("would take a sampling profile, for the dyno is near its end")
        }
        Decision::Wait { because, .. } => line.and("would wait, ").text(why(because)),
        Decision::Skip { because, .. } => line.and("no hunt, ").text(why(because)),
    }
}

/// `R14, 640 MB of 537 MB`.
fn what(trigger: &Trigger) -> String {
    let memory = match (trigger.mem, trigger.quota) {
        (Some(mem), Some(quota)) => format!(", {} of {}", human::bytes(mem), human::bytes(quota)),
        (Some(mem), None) => format!(", {}", human::bytes(mem)),
        _ => String::new(),
    };
    format!("{}{memory}", trigger.code)
}

fn why(because: &Because) -> String {
    let seconds = |seconds: u64| human::duration(Duration::from_secs(seconds));
    match because {
        Because::Young { up_for_s: 0 } => "it has only just come up, as far as the log tells".to_owned(),
        Because::Young { up_for_s } => format!("it is up for {} only (--min-age)", seconds(*up_for_s)),
        Because::Restarting => "it is restarting".to_owned(),
        Because::NotUp => "it is not up".to_owned(),
        Because::Release { since } => format!("a release is under way since {}", second(*since)),
        Because::CoolDown { of, until } => {
            format!("cool-down until {} after the hunt on {of}", second(*until))
        }
        Because::TooMany { hunts, until } => {
            format!("{hunts} in a day are enough (--max-hunts-per-day); the next from {} on", second(*until))
        }
        Because::Hunting { of } => format!("one is under way on {of}"),
        Because::Old { by_s } => {
            format!("the line is {} old, or this machine's clock is wrong", seconds(*by_s))
        }
    }
}

/// To the second.
fn second(at: impl std::fmt::Display) -> String {
    let text = at.to_string();
    let whole = text.split_once('.').map_or(text.trim_end_matches('Z'), |(whole, _)| whole);
    format!("{}Z", whole.replace('T', " "))
}
