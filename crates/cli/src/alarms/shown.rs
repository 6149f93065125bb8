//! Each decision in a line: when, which dyno, what it complains of, and what is done about it.

use std::time::Duration;

use anstyle::Style;
use leakhunt_host::CommandLine;
use leakhunt_incident::{Because, Decision, Replayed, Trigger, WatchEvent};
use leakhunt_text::{Line, cut_tokens, json};
use serde::Serialize;

use crate::acts::ActLine;
use crate::terminal::{self, Unwritten};
use crate::{human, terminal::document};

const BOLD: Style = Style::new().bold();

/// How decisions are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) form: Form,
    /// It is only said.
    pub(crate) would: bool,
    /// What is started is a runbook.
    pub(crate) runs: bool,
}

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A person, on stdout.
    Lines,
    /// A person, on stderr, where stdout is for events.
    Aside,
    /// A program: one JSON object a line, on stdout.
    Json,
}

impl Form {
    fn lines(self, lines: &[Line]) -> Result<(), Unwritten> {
        if self == Self::Aside {
            terminal::say(lines);
            return Ok(());
        }
        terminal::answer(lines)
    }
}

/// What a watch does, as a line of JSON.
#[derive(Serialize)]
struct OfJson<'a> {
    schema_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(flatten)]
    act: ActLine<'a>,
}

impl Shown {
    /// What happens in a watch, on stdout.
    pub(crate) fn event(self, at: &dyn std::fmt::Display, event: &WatchEvent) -> Result<(), Unwritten> {
        if let WatchEvent::Decided { decision, command } = event {
            return self.decision(decision, command.as_ref());
        }
        if self.form == Form::Json {
            return ndjson(&OfJson { schema_version: 1, at: Some(at.to_string()), act: event.into() });
        }
        self.form.lines(&self.happened(at, event))
    }

    /// What is done about an alarm.
    pub(crate) fn decision(
        self,
        decision: &Decision,
        command: Option<&CommandLine>,
    ) -> Result<(), Unwritten> {
        if self.form == Form::Json {
            return ndjson(&OfJson { schema_version: 1, at: None, act: ActLine::decided(decision, command) });
        }
        let mut lines = vec![self.line(decision)];
        if let Some(command) = command {
            let typed = CommandLine { program: "leakhunt".into(), args: command.args.clone() };
            lines.push(Line::own("    $ ").text(cut_tokens(&typed.to_string())));
        }
        self.form.lines(&lines)
    }

    /// What a replay came to, on stdout.
    pub(crate) fn summary(self, replayed: &Replayed) -> Result<(), Unwritten> {
        #[derive(Serialize)]
        struct Summary<'a> {
            schema_version: u32,
            act: &'static str,
            #[serde(flatten)]
            replayed: &'a Replayed,
        }
        if self.form == Form::Json {
            return ndjson(&Summary { schema_version: 1, act: "replayed", replayed });
        }
        let Replayed { from, to, counted, hunts, .. } = replayed;
        let mut lines = Vec::new();
        match (from, to) {
            (Some(from), Some(to)) => lines.push(
                Line::of(many(counted.lines, "line"))
                    .text(format!(", {} to {}: ", second(*from), second(*to)))
                    .text(format!("{}, {}", many(counted.alarms, "alarm"), many(*hunts, self.act()))),
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

    fn ended(self, line: Line, event: &WatchEvent) -> Vec<Line> {
        let WatchEvent::HuntEnded { dyno, exit_code, verdict, sentence, session, error, took } = event else {
            return Vec::new();
        };
        let line = line.styled(BOLD, dyno).and("  ").and(self.act()).and(" ended after ");
        let line = line.text(human::duration(*took));
        let line = if *exit_code == 0 { line } else { line.text(format!(", exit {exit_code}")) };
        let said = sentence.as_ref().or(error.as_ref()).map(|said| {
            Line::own("    ")
                .text(verdict.as_ref().map_or(String::new(), |verdict| format!("{verdict}: ")))
                .text(cut_tokens(said))
        });
        let folder = session.as_ref().map(|session| Line::own("    ").text(session.display()));
        [Some(line), said, folder].into_iter().flatten().collect()
    }

    /// What is started.
    fn act(self) -> &'static str {
        if self.runs { "run" } else { "hunt" }
    }

    fn line(self, decision: &Decision) -> Line {
        let Self { would, runs, .. } = self;
        let (Decision::Hunt { trigger, .. }
        | Decision::Wait { trigger, .. }
        | Decision::Skip { trigger, .. }) = decision;
        let line = Line::of(second(trigger.at)).and("  ").styled(BOLD, &trigger.dyno).and("  ");
        let line = line.text(what(trigger)).and(": ");
        match decision {
            Decision::Hunt { .. } if runs => {
                line.and(if would { "would run the runbook" } else { "running the runbook" })
            }
            Decision::Hunt { sampling: false, .. } => line.and(if would { "would hunt" } else { "hunting" }),
            Decision::Hunt { sampling: true, .. } => {
                let line = line.and(if would { "would take" } else { "taking" });
                line.and(" a sampling profile, for the dyno is near its end")
            }
            Decision::Wait { because, .. } => {
                line.and(if would { "would wait, " } else { "waiting, " }).text(why(because))
            }
            Decision::Skip { because, .. } => {
                line.and(if runs { "no run, " } else { "no hunt, " }).text(why(because))
            }
        }
    }

    fn happened(self, at: &dyn std::fmt::Display, event: &WatchEvent) -> Vec<Line> {
        let now = || Line::of(second(at)).and("  ");
        match event {
            WatchEvent::Watching { app, conditions, hunts } => {
                let line = now().and("watching ").text(app).and(" for ").text(conditions.join(", "));
                let earlier = format!("; {} in the last 24 hours", many(*hunts as u64, "hunt"));
                vec![if *hunts == 0 { line } else { line.text(earlier) }]
            }
            WatchEvent::StateReplaced { why } => vec![
                now().and("what an earlier watch kept cannot be used, and is replaced: ").text(why),
                Line::own("    as if a hunt had just ended, the next one is after the cool-down"),
            ],
            WatchEvent::Decided { .. } => Vec::new(),
            WatchEvent::HuntEnded { .. } => self.ended(now(), event),
            WatchEvent::SessionRemoved { session, error: None } => {
                vec![now().and("removed ").text(session.display()).and(", by --keep")]
            }
            WatchEvent::SessionRemoved { session, error: Some(error) } => {
                vec![now().text(session.display()).and(" cannot be removed (--keep): ").text(error)]
            }
            WatchEvent::StateNotKept { error } => {
                let line = now().and("what has to outlive the watch cannot be kept: ").text(error);
                vec![line, Line::own("    it goes on, and starts nothing until that can be written")]
            }
            WatchEvent::Gap { from, to } => {
                vec![now().text(format!(
                    "lines of the log may be missing from {} to {}",
                    second(*from),
                    second(*to)
                ))]
            }
            // A log session is over now and then; that is no trouble.
            WatchEvent::Disconnected { tries: 1, .. } => Vec::new(),
            WatchEvent::Disconnected { why, again, .. } => {
                let line =
                    now().and("the log cannot be followed; trying again in ").text(human::duration(*again));
                vec![line.and(": ").text(cut_tokens(why))]
            }
            WatchEvent::Slept { by } => {
                let line =
                    now().and("this machine slept, or its clock was set, by ").text(human::duration(*by));
                vec![line.and("; connecting again")]
            }
            WatchEvent::Heartbeat { counted, latest, lacks_samples } => {
                let line = now().and("watching: ").text(many(counted.lines, "line"));
                let line = line.and(" and ").text(many(counted.alarms, "alarm")).and(" so far");
                let line = latest.map_or(line.clone(), |latest| {
                    line.text(format!(", the last line of {}", second(latest)))
                });
                let lacks = lacks_samples.then(|| Line::own("    ").and(LACKS_SAMPLES));
                std::iter::once(line).chain(lacks).collect()
            }
        }
    }
}

fn many(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Said where a condition on memory can never hold.
const LACKS_SAMPLES: &str = "no line says how much memory a dyno has: `heroku labs:enable log-runtime-metrics -a APP` makes the platform log it, \
                             from the next restart on";

fn ndjson(value: &impl Serialize) -> Result<(), Unwritten> {
    document(|out| json::told_line(out, value))
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
        Because::NotKept { error } => {
            format!("for it cannot be kept that it began, and a restart would hunt again: {error}")
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(event: &WatchEvent, expected: &[&str]) {
        let shown = Shown { form: Form::Lines, would: false, runs: false };
        let lines = shown.happened(&"2026-01-31T03:12:40.123Z", event);
        let plain = |line: &Line| anstream::adapter::strip_str(&line.to_string()).to_string();
        assert_eq!(lines.iter().map(plain).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_happens_is_said_in_a_line() {
        let ended = WatchEvent::HuntEnded {
            dyno: "web.2".into(),
            exit_code: 0,
            verdict: Some("leak".into()),
            sentence: Some("setInterval callback in DiscountBanner".into()),
            session: Some("leakhunt-shop".into()),
            error: None,
            took: Duration::from_secs(300),
        };
        let expected = [
            "2026-01-31 03:12:40Z  web.2  hunt ended after 5 min",
            "    leak: setInterval callback in DiscountBanner",
            "    leakhunt-shop",
        ];
        check(&ended, &expected);
        let failed = WatchEvent::HuntEnded {
            dyno: "web.2".into(),
            exit_code: 30,
            verdict: None,
            sentence: None,
            session: None,
            error: Some("dyno web.2 is starting, not up".into()),
            took: Duration::from_secs(3),
        };
        let expected = [
            "2026-01-31 03:12:40Z  web.2  hunt ended after 3.0 s, exit 30",
            "    dyno web.2 is starting, not up",
        ];
        check(&failed, &expected);
        let cut =
            |tries| WatchEvent::Disconnected { why: "ended".into(), tries, again: Duration::from_secs(4) };
        check(&cut(1), &[]);
        check(&cut(3), &["2026-01-31 03:12:40Z  the log cannot be followed; trying again in 4.0 s: ended"]);
        let beat = WatchEvent::Heartbeat { counted: Default::default(), latest: None, lacks_samples: false };
        check(&beat, &["2026-01-31 03:12:40Z  watching: 0 lines and 0 alarms so far"]);
    }
}
