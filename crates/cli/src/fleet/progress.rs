//! A fleet as it is seen: a line where something begins or ends, with the dyno's name before it.

use anstyle::{AnsiColor, Style};
use leakhunt_incident::{FleetEvent, Outcome};
use leakhunt_text::{Line, cut_tokens};
use serde_json::Value;

use crate::human;

const BOLD: Style = Style::new().bold();
const GOOD: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const BAD: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));

/// Where what is said of a dyno begins.
const NAME: usize = 14;

pub(super) fn lines(event: &FleetEvent) -> Vec<Line> {
    match event {
        FleetEvent::FleetStarted { fleet, members, folder } => vec![
            Line::default()
                .styled(BOLD, fleet)
                .and(": ")
                .text(members.len())
                .and(" in all, in ")
                .text(folder.display()),
        ],
        FleetEvent::FleetLogged { member, memory, quota, .. } => {
            let quota = quota.map(|quota| format!(" of {}", human::bytes(quota))).unwrap_or_default();
            vec![of(member).text(human::bytes(*memory)).text(quota).and(" by the app's log")]
        }
        FleetEvent::FleetLooked { member, memory, reason } => {
            let memory = memory.map_or_else(
                || "memory not known".to_owned(),
                |bytes| format!("{} resident", human::bytes(bytes)),
            );
            let line = of(member).text(memory);
            vec![match reason {
                Some(reason) => line.and(", not hunted: ").text(first_line(reason)),
                None => line,
            }]
        }
        FleetEvent::FleetChosen { members } if members.is_empty() => vec![Line::own("  none is hunted")],
        FleetEvent::FleetChosen { members } => {
            vec![Line::own("  hunted, the most memory first: ").text(members.join(", "))]
        }
        FleetEvent::FleetHuntStarted { member } => vec![of(member).and("the hunt begins")],
        FleetEvent::FleetHuntEnded { member, outcome, exit_code, verdict, reason, took } => {
            let (style, mark) = if *outcome == Outcome::Success { (GOOD, "✓ ") } else { (BAD, "✗ ") };
            let code = exit_code.filter(|code| *code != 0).map(|code| format!("exit {code}"));
            let said = [verdict.clone(), code, reason.as_deref().map(first_line)];
            let said: Vec<String> = said.into_iter().flatten().collect();
            vec![of(member).styled(style, mark).text(human::duration(*took)).and("  ").text(said.join(", "))]
        }
        FleetEvent::FleetEnded { .. } => Vec::new(),
    }
}

/// What a person wants to know of a hunt among others: its snapshots and its warnings.
pub(super) fn of_hunt(member: &str, line: &str) -> Vec<Line> {
    let Ok(event) = serde_json::from_str::<Value>(line) else { return Vec::new() };
    let number = |key: &str| event[key].as_u64().unwrap_or_default();
    match event["event"].as_str() {
        Some("snapshot_done") => vec![
            of(member)
                .text(format!(
                    "snapshot {}/{}, {}",
                    number("sample"),
                    number("of"),
                    human::bytes(number("bytes"))
                ))
                .and(", app paused ")
                .text(human::duration(std::time::Duration::from_millis(number("pause_ms")))),
        ],
        Some("warning") => {
            vec![of(member).and("! ").text(first_line(event["text"].as_str().unwrap_or_default()))]
        }
        _ => Vec::new(),
    }
}

fn of(member: &str) -> Line {
    Line::own("  ").styled(BOLD, member).padded(NAME)
}

fn first_line(text: &str) -> String {
    cut_tokens(text.lines().next().unwrap_or_default()).into_owned()
}
