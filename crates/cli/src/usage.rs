//! From the words of the command line to a command; and what is wrong with them, before anything is started.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _};

use crate::commands::Cli;
use crate::{exit, failure, idle};

/// Help, the version, or what is wrong: text of clap's.
pub(crate) struct NoCommand {
    error: clap::Error,
    json: bool,
}

/// Reads the command line.
pub(crate) fn parse(words: &[OsString]) -> Result<Cli, NoCommand> {
    let mut command = Cli::command();
    let parsed = command.try_get_matches_from_mut(words).and_then(|matches| {
        if let Some(message) = idle::option(&matches) {
            let name = matches.subcommand_name().unwrap_or_default();
            let command = command.find_subcommand_mut(name).expect("it was just read");
            return Err(command.error(ErrorKind::ArgumentConflict, message));
        }
        Cli::from_arg_matches(&matches)
    });
    let parsed = parsed.map_err(|error| session_for_command(error, &mut command));
    // What was read so far is lost with the error, so the words themselves are looked at.
    parsed.map_err(|error| NoCommand { error, json: words.iter().any(|word| word == "--json") })
}

impl NoCommand {
    /// Prints it where it belongs; gives the exit code.
    pub(crate) fn print(&self) -> u8 {
        // A terminal that is gone needs no help.
        let _ = self.error.print();
        if !self.error.use_stderr() {
            return exit::DONE;
        }
        if self.json {
            let text = self.error.render().to_string();
            let mut parts = text.split("\n\n").map(str::trim);
            let error = parts.next().unwrap_or_default().trim_start_matches("error: ");
            let hint = parts.find_map(|part| part.strip_prefix("tip: "));
            failure::print_json(error, &[], hint, exit::USAGE);
        }
        exit::USAGE
    }
}

/// A file or folder where a command was expected: whoever gave it wants it analysed.
fn session_for_command(error: clap::Error, command: &mut clap::Command) -> clap::Error {
    match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) if std::path::Path::new(word).exists() => {
            let message =
                format!("'{word}' is no command, but a file or folder\n\n  tip: `leakhunt analyze {word}`");
            command.error(ErrorKind::InvalidSubcommand, message)
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let words: Vec<OsString> = line.split(' ').map(Into::into).collect();
        let said = parse(&words).err().map_or_else(String::new, |wrong| wrong.error.to_string());
        assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "{line}: {said}");
    }

    #[test]
    fn an_option_that_does_nothing_is_an_error() {
        for option in [
            "--samples 3",
            "--growth 5MB",
            "--max-wait 5m",
            "--route file",
            "--fallback sampling",
            "--no-allocations",
        ] {
            let flag = option.split(' ').next().unwrap();
            check(&format!("leakhunt local --profile sampling {option}"), flag);
            check(&format!("leakhunt local {option}"), "");
        }
        check("leakhunt doctor local --profile sampling --route file", "--route does nothing");
        check("leakhunt ssh host --duration 5s", "--duration does nothing");
        check("leakhunt ssh host --duration 5s --fallback sampling", "");
        check("leakhunt ssh host --worst 1", "--worst does nothing");
        check("leakhunt ssh one two --worst 1 --parallel 2", "");
        check("leakhunt heroku --app a --remote b", "--app and --remote");
        check("leakhunt heroku --parallel 3", "--parallel does nothing with one dyno");
        check("leakhunt heroku -d web.1 --parallel 3", "--parallel does nothing with one dyno");
        check("leakhunt heroku -d web.1 -d web.2 --parallel 3", "");
        check("leakhunt heroku --process-type web --parallel 3", "");
        check("leakhunt local --hold --hold-for 5m --open", "");
        check("leakhunt local --hold-after --samples 3", "");
        check("leakhunt local --hold --samples 3", "--samples does nothing with --hold");
        check("leakhunt local --hold --profile sampling", "--profile does nothing with --hold");
        check("leakhunt local --open", "--open does nothing without --hold");
        check("leakhunt heroku --hold-for 5m", "--hold-for does nothing without --hold");
        check("leakhunt local --hold --hold-for 25h", "at most 24h");
        check("leakhunt local --hold --hold-after", "cannot be used with");
        check("leakhunt local --hold --each-worker", "--hold holds the inspector of one process");
        check("leakhunt heroku -d web.1 -d web.2 --hold-after", "--hold-after holds the inspector of one");
        check("leakhunt heroku --process-type web --hold", "--hold holds the inspector of one");
        check("leakhunt ssh one two --hold", "--hold holds the inspector of one");
        for command in ["local", "cleanup"] {
            check(&format!("leakhunt {command} -q -v"), "cannot be used with");
        }
        check("leakhunt compare a b --json --all", "cannot be used with");
        check("leakhunt summary a --json --all", "cannot be used with");
        check("leakhunt analyze a --source-maps /nonexistent/maps", "--sources");
        check("leakhunt local --sources /dev/null", "no folder");
        check("leakhunt local --sources /", "");
    }
}
