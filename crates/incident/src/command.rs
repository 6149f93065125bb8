//! What a step can use: a plain description of the command line, which whoever owns the command line makes.
//!
//! Lint, the schema and the run know of commands and options only what is described here, so that a runbook can say what a
//! person can type, and nothing is said twice.

use std::fmt;
use std::time::Duration;

/// The commands, and how the command line reads its words.
pub struct Commands {
    /// Those that a step can use.
    pub commands: Vec<Command>,
    /// The command line's own judgement of words that would be typed: what is wrong with them, if anything is.
    pub judge: Box<Judge>,
    /// How it reads a size, as `2.5MB`.
    pub size: fn(&str) -> Result<u64, String>,
    /// How it reads a duration, as `10m`.
    pub duration: fn(&str) -> Result<Duration, String>,
}

/// Says what is wrong with words that would be typed.
pub type Judge = dyn Fn(&[String]) -> Result<(), String>;

/// A command, such as `heroku` or `doctor heroku`.
#[derive(Debug, Clone)]
pub struct Command {
    /// Its name, with that of the host behind it where there is one.
    pub name: String,
    /// What it does, in a line.
    pub about: String,
    /// What may stand in `with:`.
    pub options: Vec<Opt>,
    /// What it is for, as far as a runbook must know.
    pub nature: Nature,
}

/// What a command is, for whoever runs it unattended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// It only looks, or reads files: it can be done again.
    Reads,
    /// A hunt: it opens an inspector and closes it again.
    Hunts,
    /// It changes something else.
    Changes,
}

/// An option, or an argument that has no name on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// Its long name, or its argument's.
    pub name: String,
    /// What it is for, in a line.
    pub about: String,
    /// What it takes.
    pub kind: Kind,
    /// Whether it can be given several times.
    pub repeats: bool,
    /// Whether the command does nothing without it.
    pub required: bool,
    /// Its place among the arguments, where it is one.
    pub place: Option<usize>,
    /// Those that cannot stand beside it.
    pub excludes: Vec<String>,
}

/// What an option takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: it is there or not.
    Flag,
    /// One of these words.
    Choice(Vec<String>),
    /// A whole number.
    Integer,
    /// A size with its unit.
    Size,
    /// A duration with its unit.
    Duration,
    /// A file or folder.
    Path,
    /// Any text.
    Text,
}

impl Commands {
    /// The command of a name, and `hunt` on a runbook's host.
    pub(crate) fn find(&self, name: &str, host: &str) -> Option<&Command> {
        let name = if name == HUNT { host } else { name };
        self.commands.iter().find(|command| command.name == name)
    }
}

/// The command that is the one of the runbook's host.
pub(crate) const HUNT: &str = "hunt";

/// What the run itself says to each command: a runbook does not.
pub(crate) const JSON: &str = "json";

/// Options of a hunt that are of no use where nobody is at the terminal.
pub const OF_A_PERSON: [&str; 4] = ["hold", "hold-after", "hold-for", "open"];
/// The option of a hunt that names where its events go.
pub(crate) const EVENTS: &str = "events";

impl Command {
    /// What it does nothing without.
    pub(crate) fn required(&self) -> impl Iterator<Item = &Opt> {
        self.options.iter().filter(|option| option.required)
    }

    pub(crate) fn option(&self, name: &str) -> Option<&Opt> {
        self.options.iter().find(|option| option.name == name)
    }
}

impl Kind {
    /// A value that the command line takes, where that of the runbook is known only when it runs.
    pub(crate) fn sample(&self) -> String {
        match self {
            Self::Flag => "true".to_owned(),
            Self::Choice(words) => words.first().cloned().unwrap_or_default(),
            Self::Integer => "1".to_owned(),
            Self::Size => "1MB".to_owned(),
            Self::Duration => "1s".to_owned(),
            // A folder that is everywhere: whether the one that is meant is there, only the run can tell.
            Self::Path => "/".to_owned(),
            Self::Text => "x".to_owned(),
        }
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands").field("commands", &self.commands).finish_non_exhaustive()
    }
}
