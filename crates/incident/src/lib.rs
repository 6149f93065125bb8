//! Incidents: runbooks, in which it is written down what is to be done, and alarms, at which it is done.
//!
//! A [`Runbook`] is a file of YAML: inputs, and steps in their order, each a command of leakhunt or of the shell. What a person can
//! type, a runbook can say: which commands and options there are is given as [`Commands`], a plain description that whoever owns the
//! command line makes of its own definition.
//!
//! ```text
//! file ─► Source ─► tree, with the place of each thing ─► Runbook, Inputs ─► Plan ─► run ─► Ran, and a folder
//!                    │ YAML, bounded            shape     │ lint
//!                    └────────────► Diagnostic ◄──────────┘
//! shape, Commands ─► schema
//! ```
//!
//! Everything that is wrong with a file is found in one go, each with its place; nothing is run that has an error. A step is a command
//! line, which [`leakhunt_host::Process`] starts, so that a step and a person's command are one thing. This crate decides; it prints
//! nothing and draws no line.
//!
//! ```
//! use leakhunt_incident::{Commands, Source, read};
//!
//! let commands = Commands {
//!     commands: Vec::new(),
//!     judge: Box::new(|_| Ok(())),
//!     size: |_| Err("no size".into()),
//!     duration: |_| Err("no duration".into()),
//! };
//! let text = "name: greet\nsteps:\n  - run: echo hello\n    timout: 1m\n".to_owned();
//! let source = Source { name: "greet.yaml".into(), text };
//! let read = read(&source, &commands);
//! assert_eq!(read.diagnostics[0].message, "a step has no key `timout`");
//! assert_eq!(source.position(read.diagnostics[0].span.start), (4, 5));
//! ```
//!
//! A log is watched for [`Condition`]s, and by [`Rules`] it is decided what is done about them; a saved one is replayed:
//!
//! ```text
//! lines of a log ─► Trigger, where a Condition holds ─► Decision: a hunt, or why none ─► the command line, started
//! ```
//!
//! Its rooms, from the bottom up; each knows only what is above it in this list:
//!
//! 1. What everybody speaks of: `source` (the text, places in it), `diagnostic`, `command` (what a step can use), `trigger` (what
//!    sets a run off), `variables` (what a shell command gets).
//! 2. `yaml` (the tree) and `shape` (which keys there are, and what each holds); `expression`.
//! 3. `runbook` (the types) and `read` (from the tree to them).
//! 4. `lint`, a file each kind of mistake; `schema`.
//! 5. `shipped`: runbooks to begin with, the files in `runbooks`.
//! 6. `child`: a command line that is started: `process` (one try of it), `answer` (what it found out), `follow` (its own events).
//! 7. `run`: `inputs` and `triggered` (what it is given), `facts` (what expressions and shell commands can ask for), `words` (a step as a command line), `record` (what is
//!    kept), `steps` (one behind the other), and `dry`, which does nothing.
//! 8. `log`: `line` (what the platform says, with its time, `stamp`), and `recent` (what a log tells of each dyno now).
//! 9. `fleet`: several dynos of one app, chosen and hunted side by side, and what they have in common.
//! 10. `watch`: `condition`, `growth`, `dynos` (what holds, of each), `stream` (each line once), `policy` (what is done about it),
//!     `watcher` (all of these), `replay`, `sessions` (the folders that hunts left), `kept` (what outlives it), `pace` (when a
//!     connection is made again), `hunting` (a hunt under way), `live`.

mod child;
mod command;
mod diagnostic;
mod expression;
mod fleet;
mod lint;
mod log;
mod read;
mod run;
mod runbook;
mod schema;
mod shape;
mod shipped;
mod source;
mod trigger;
mod variables;
mod watch;
mod yaml;

pub use child::{Answer, Outcome};
pub use command::{Command, Commands, Judge, Kind, Nature, OF_A_PERSON, Opt};
pub use diagnostic::{Diagnostic, Severity};
pub use fleet::{Choice, Fate, Fleet, FleetEvent, FleetWatch, Hunted, Leak, Member, MemoryFrom, hunt_fleet};
pub use log::{Logged, Recent};
pub use run::{
    Dry, Event, Inputs, OfStep, Plan, Ran, Selection, StepResult, Watch, dry_run, run, take_inputs,
    take_trigger,
};
pub use runbook::{Input, Runbook, Step};
pub use schema::schema;
pub use shipped::{SHIPPED, Shipped};
pub use source::{Source, Span, Spanned};
pub use trigger::{Trigger, Triggered};
pub use watch::{
    Because, Condition, Counted, Decision, Ended as WatchEnded, Event as WatchEvent, Gap, Live, OfHunt,
    Orders, Replayed, Rules, replay, watch,
};

use diagnostic::Diagnostics;

/// A file that was read: what is wrong with it, and the runbook where there is no error.
#[derive(Debug)]
pub struct Read {
    /// Fit to be run.
    pub runbook: Option<Runbook>,
    /// What was found, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a runbook and checks all that can be known before it runs.
#[must_use]
pub fn read(source: &Source, commands: &Commands) -> Read {
    let mut found = Diagnostics::default();
    let runbook = yaml::parse(&source.text, &mut found).map(|root| {
        let runbook = read::read(&root, &source.text, commands, &mut found);
        lint::lint(&runbook, &source.text, commands, &mut found);
        runbook
    });
    let diagnostics = found.sorted();
    let fit = diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning);
    Read { runbook: runbook.filter(|_| fit), diagnostics }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands() -> Commands {
        let option = |name: &str, kind, place| Opt {
            name: name.to_owned(),
            about: String::new(),
            kind,
            repeats: false,
            required: false,
            place,
            excludes: Vec::new(),
        };
        let options = vec![option("app", Kind::Text, None), option("session", Kind::Path, Some(0))];
        let command = |name: &str, nature| Command {
            name: name.to_owned(),
            about: String::new(),
            options: options.clone(),
            nature,
        };
        Commands {
            commands: vec![command("heroku", Nature::Hunts), command("report", Nature::Reads)],
            judge: Box::new(|words| {
                if words.iter().any(|word| word == "--app=") { Err("error: '--app='".into()) } else { Ok(()) }
            }),
            size: |_| Err("no size".into()),
            duration: |text| {
                text.parse().map(std::time::Duration::from_secs).map_err(|_| "no duration".into())
            },
        }
    }

    const RUNBOOK: &str = "name: Ümläut\ninputs:\n  app: {default: 'ä'}\nenv:\n  A: \"{{ inputs.app }}\"\nsteps:\n\
        - id: one\n  uses: hunt\n  with: {app: \"é {{ inputs.app | upper }}\"}\n  if: inputs.app == 'ö'\n\
        - run: |\n    echo \"$LEAKHUNT_STEP_ONE_VERDICT\" é\n  env:\n    B: >-\n      {{ steps.one.verdict\n      }} x\n\
        - uses: report\n  with:\n    session: [\"{{ steps.one.folder }}\"]\n";

    /// Whatever is changed in it, each place that is spoken of is one in the text.
    #[test]
    fn no_text_makes_it_panic() {
        let commands = commands();
        let check = |text: String| {
            let source = Source { name: String::new(), text };
            for found in read(&source, &commands).diagnostics {
                assert!(source.text.get(found.span.clone()).is_some(), "{found:?} in {}", source.text);
            }
        };
        let source = Source { name: String::new(), text: RUNBOOK.to_owned() };
        assert_eq!(read(&source, &commands).diagnostics, []);
        for (at, c) in RUNBOOK.char_indices() {
            let (before, after) = (&RUNBOOK[..at], &RUNBOOK[at + c.len_utf8()..]);
            check(before.to_owned());
            for other in [
                "", "ä", "{", "}", "{{", "'", "\"", "\n", "\t", ": ", "- ", "&", "*", "|", "$", "\u{feff}",
                "\0", "\\",
            ] {
                check(format!("{before}{other}{after}"));
                check(format!("{before}{other}{c}{after}"));
            }
        }
    }
}
