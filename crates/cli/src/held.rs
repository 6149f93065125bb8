//! What is said of an inspector that is held for DevTools: how it is reached, and who is there.

use std::time::Duration;

use leakhunt_capture::{Attach, Event};
use leakhunt_text::{Line, cut_tokens, json, paragraph};

use crate::human;

/// Where debuggers look by themselves.
const DEBUGGERS_OWN: &str = "127.0.0.1:9229";

/// How DevTools and editors get there, and when it ends. What is to be copied is in one line, however long.
pub(crate) fn ways(
    address: &str,
    devtools: &str,
    attach: &Attach,
    limit: Duration,
    width: usize,
) -> Vec<Line> {
    let inspect = if address == DEBUGGERS_OWN {
        "Or open chrome://inspect, which lists it by itself under Remote Target.".to_owned()
    } else {
        format!(
            "Or open chrome://inspect, and add {address} under Configure…; it is listed under Remote Target then."
        )
    };
    let mut editor = Vec::new();
    // Writing to memory cannot fail.
    let _ = json::line(&mut editor, attach);
    let editor = String::from_utf8_lossy(&editor);
    let limit = human::duration(limit);
    let end = format!("Ctrl-C closes all of it, connected or not; after {limit} it closes by itself.");
    let say = |text: &str| paragraph(&Line::own("    "), text, width);
    let copy = |text: &str| vec![Line::own("      ").text(cut_tokens(text))];
    [
        say("For the address bar of Chrome or Chromium:"),
        copy(devtools),
        say(&inspect),
        say("For VS Code, among the configurations of launch.json:"),
        copy(editor.trim_end()),
        say(&end),
    ]
    .concat()
}

/// Who has come or gone; `None` of other events.
pub(crate) fn guests(event: &Event) -> Option<String> {
    Some(match event {
        Event::HoldConnected { program, pid, connected } => {
            let who = match (program, pid) {
                (Some(program), Some(pid)) => format!("{program} (process {pid})"),
                _ => "a debugger".to_owned(),
            };
            format!("{who} is connected{}", also(connected.saturating_sub(1)))
        }
        Event::HoldDisconnected { connected: 0 } => "the debugger has disconnected".to_owned(),
        Event::HoldDisconnected { connected } => {
            format!("a debugger has disconnected; {connected} still connected")
        }
        Event::HoldElsewhere { connected: 0 } => "nobody is connected by another way any more".to_owned(),
        Event::HoldElsewhere { connected } => {
            format!(
                "{connected} more connected to the inspector, not through this port: while they are, it stays open"
            )
        }
        _ => return None,
    })
}

fn also(others: u32) -> String {
    match others {
        0 => String::new(),
        others => format!(", and {others} more"),
    }
}
