//! What went wrong, as the person sees it: `error:`, `caused by:`, `hint:`, and an exit code.

use anstyle::{AnsiColor, Style};
use leakhunt_capture::{self as capture, EvidenceKind};
use leakhunt_host as host;
use leakhunt_text::{Line, cut_tokens};
use serde::Serialize;

use crate::commands::files;
use crate::consent::accepts;
use crate::terminal;

/// The exit codes of the interface.
pub(crate) mod exit {
    pub(crate) const DONE: u8 = 0;
    pub(crate) const INTERNAL: u8 = 1;
    pub(crate) const USAGE: u8 = 2;
    pub(crate) const LEAK: u8 = 10;
    pub(crate) const INCONCLUSIVE: u8 = 11;
    pub(crate) const REFUSED: u8 = 20;
    pub(crate) const CONSENT: u8 = 21;
    pub(crate) const CANNOT_CONNECT: u8 = 30;
    pub(crate) const NO_PROCESS: u8 = 31;
    pub(crate) const NOT_OPENED: u8 = 32;
    pub(crate) const ENDED: u8 = 33;
    pub(crate) const INCOMPLETE: u8 = 34;
    pub(crate) const UNREADABLE: u8 = 35;
    pub(crate) const NOT_CONFIRMED: u8 = 40;
    pub(crate) const INTERRUPTED: u8 = 130;
    pub(crate) const TERMINATED: u8 = 143;
}

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
    let _ = files::print_json(&document);
}

impl From<capture::Error> for Failure {
    fn from(error: capture::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&capture::Error> for Failure {
    fn from(error: &capture::Error) -> Self {
        use capture::Error;
        let code = match error {
            Error::Host(host) => code_of(host),
            Error::Refused { .. } => exit::REFUSED,
            Error::Consent { .. } => exit::CONSENT,
            Error::Short { .. } => exit::REFUSED,
            Error::Unproven { .. } => exit::CONSENT,
            Error::OtherHunt { .. } | Error::Attached { .. } => exit::CANNOT_CONNECT,
            Error::NoProcess { .. } | Error::Tie { .. } | Error::Primary { .. } => exit::NO_PROCESS,
            Error::NotCaught { .. } | Error::NotOpened { .. } => exit::NOT_OPENED,
            Error::Ended { .. } => exit::ENDED,
            Error::Incomplete { .. } | Error::Store { .. } => exit::INCOMPLETE,
            Error::Interrupted { .. } => exit::INTERRUPTED,
            Error::Internal(_) => exit::INTERNAL,
        };
        let hint = match error {
            Error::Host(host) => host.hint(),
            Error::Tie { candidates, .. } => {
                candidates.first().map(|node| format!("say which one, with `--pid {}` for example", node.pid))
            }
            Error::Primary { workers, .. } => {
                workers.first().map(|pid| format!("name one of the workers, with `--pid {pid}` for example"))
            }
            Error::Short { .. } => Some(
                "raise the limit of the running process where you may (`prlimit --pid PID --nofile=4096`, for example), or close \
                 what it holds; nothing can be taken from it as it is, and nothing overrides this"
                    .into(),
            ),
            Error::Unproven { .. } => Some(
                "`--yes` together with `--pid` signals it all the same; what is not Node.js may end then".into(),
            ),
            Error::Attached { .. } => Some(
                "wait until the other hunt has ended, or close the debugger (DevTools, an editor) that is attached".into(),
            ),
            Error::NotCaught { .. } => {
                Some("wait until the app is up; an app started with --disable-sigusr1 needs --inspect".into())
            }
            Error::Refused { evidence: EvidenceKind::Sampling, refusal, .. } => {
                Some(all_the_same(*refusal).to_owned())
            }
            Error::Refused { refusal, .. } => Some(format!(
                "`--profile sampling` takes lighter evidence, which hardly pauses the app (`--fallback sampling`: only \
                 where a snapshot is refused); {}",
                all_the_same(*refusal)
            )),
            Error::OtherHunt { .. } => Some(
                "wait until it has ended, or stop it where it runs; what it had opened is closed then".into(),
            ),
            Error::Ended { death, .. } => Some(after(death).to_owned()),
            Error::Incomplete { kept: None | Some(0), .. } => Some(
                "run the same command again; where the connection breaks each time, `--profile sampling` needs the least \
                 of it"
                    .into(),
            ),
            Error::Incomplete { .. } => Some(
                "what is whole can be analysed, with `leakhunt analyze` and the session folder; the same command again \
                 takes new ones"
                    .into(),
            ),
            Error::Store { .. } => Some("make room there, or name another folder with `--out DIR`".into()),
            Error::Consent { risk, .. } => Some(accepts(Some((*risk).into()))),
            _ => None,
        };
        Self { code, message: error.to_string(), causes: causes(error), hint }
    }
}

/// The next step, when the process has ended.
fn after(death: &capture::Death) -> &'static str {
    use capture::Death::{Dyno, OutOfMemory, Signalled, Unknown};
    use host::heroku::DynoEnd;
    match death {
        Dyno(DynoEnd::OutOfMemory { .. }) => {
            "`--profile sampling` takes evidence that needs hardly any memory; `heroku ps:resize` gives the app more of it"
        }
        OutOfMemory => {
            "`--profile sampling` takes evidence that needs hardly any memory; or give the app more of it for the hunt"
        }
        Dyno(DynoEnd::Crashed { .. }) => {
            "`heroku logs` shows its last words; hunt again when it is up: the leak has to grow again"
        }
        Dyno(DynoEnd::Cycled) => {
            "Heroku cycles every dyno about once a day; hunt again when it is up: the leak has to grow again"
        }
        Dyno(DynoEnd::Stopped { .. }) => {
            "`heroku ps` shows which dynos are up; hunt on one of them with `--dyno`"
        }
        Dyno(DynoEnd::Released { .. } | DynoEnd::Restarted | DynoEnd::Replaced) => {
            "hunt again when it is up: the leak has to grow again"
        }
        Signalled { .. } => {
            "its own log says why it ended (an assertion of InspectorIo: it had run out of descriptors, threads or memory); \
             `leakhunt doctor` says what a process is short of"
        }
        Unknown => "the app's own log may tell why; hunt again when it is up: the leak has to grow again",
    }
}

fn all_the_same(refusal: capture::Refusal) -> &'static str {
    match refusal {
        capture::Refusal::Memory => {
            "`--accept memory` takes it all the same; the app may be killed for its memory"
        }
        capture::Refusal::Pause => {
            "`--max-pause` allows more, `--accept pause` any pause, in which the app answers nothing"
        }
    }
}

impl From<leakhunt_heap::Error> for Failure {
    fn from(error: leakhunt_heap::Error) -> Self {
        Self {
            code: exit::UNREADABLE,
            message: format!("failed to {error}"),
            causes: causes(&error),
            hint: None,
        }
    }
}

impl From<host::Error> for Failure {
    fn from(error: host::Error) -> Self {
        Self { code: code_of(&error), message: error.to_string(), causes: causes(&error), hint: error.hint() }
    }
}

fn code_of(error: &host::Error) -> u8 {
    match error {
        host::Error::ExecDisabled { .. } => exit::CONSENT,
        host::Error::InvalidName { .. } => exit::USAGE,
        _ => exit::CANNOT_CONNECT,
    }
}

fn causes(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(error.source(), |error: &&dyn std::error::Error| (*error).source())
        .map(ToString::to_string)
        .collect()
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
}
