//! The command line as a runbook can use it, described from clap's own definition.

use std::any::TypeId;
use std::path::PathBuf;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use leakhunt_incident::{self as incident, Commands, Kind, Nature, OF_A_PERSON, Opt};

use crate::human::{parse_duration, parse_size};
use crate::idle;

/// The commands that a step can use, and what they are for a runbook. Those that are not here are for a person.
const USABLE: [(&str, Nature); 20] = [
    ("heroku", Nature::Hunts),
    ("ssh", Nature::Hunts),
    ("local", Nature::Hunts),
    ("docker", Nature::Hunts),
    ("kubectl", Nature::Hunts),
    ("fly", Nature::Hunts),
    ("command", Nature::Hunts),
    ("doctor heroku", Nature::Reads),
    ("doctor ssh", Nature::Reads),
    ("doctor local", Nature::Reads),
    ("doctor docker", Nature::Reads),
    ("doctor kubectl", Nature::Reads),
    ("doctor fly", Nature::Reads),
    ("doctor command", Nature::Reads),
    ("cleanup", Nature::Changes),
    ("analyze", Nature::Reads),
    ("report", Nature::Reads),
    ("compare", Nature::Reads),
    ("summary", Nature::Reads),
    ("retainers", Nature::Reads),
];

/// Describes what steps can use.
pub(crate) fn described(root: Command) -> Commands {
    let mut root = root;
    root.build();
    let commands = USABLE.iter().filter_map(|(name, nature)| {
        let command = name.split(' ').try_fold(&root, |at, word| at.find_subcommand(word))?;
        Some(command_of(name, command, *nature))
    });
    Commands {
        commands: commands.collect(),
        judge: Box::new(move |words| judged(&root, words)),
        size: parse_size,
        duration: parse_duration,
    }
}

/// What clap says of these words, and what it cannot know: options that do nothing beside others.
fn judged(root: &Command, words: &[String]) -> Result<(), String> {
    let all = std::iter::once("leakhunt").chain(words.iter().map(String::as_str));
    let matches = root.clone().try_get_matches_from(all).map_err(|error| error.to_string())?;
    for_nobody(&matches)?;
    idle::option(&matches).map_or(Ok(()), Err)
}

/// Some options are of no use where nobody is at the terminal.
fn for_nobody(matches: &ArgMatches) -> Result<(), String> {
    let Some((_, matches)) = matches.subcommand() else { return Ok(()) };
    let given = |name: &str| {
        let id = name.replace('-', "_");
        matches.ids().any(|known| *known == *id)
            && matches.value_source(&id) == Some(ValueSource::CommandLine)
    };
    match OF_A_PERSON.into_iter().find(|name| given(name)) {
        Some(name) => {
            Err(format!("--{name} is for a person with DevTools: what runs by itself cannot use it"))
        }
        None => Ok(()),
    }
}

fn command_of(name: &str, command: &Command, nature: Nature) -> incident::Command {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut place = 0;
    let options = command
        .get_arguments()
        .filter(|arg| {
            !matches!(arg.get_action(), ArgAction::Help | ArgAction::HelpShort | ArgAction::Version)
                && !OF_A_PERSON.contains(&name_of(arg).as_str())
        })
        .map(|arg| {
            let option = option(command, arg, place);
            place += usize::from(option.place.is_some());
            option
        });
    incident::Command { name: name.to_owned(), about, options: options.collect(), nature }
}

fn option(command: &Command, arg: &Arg, place: usize) -> Opt {
    let argument = arg.is_positional();
    let excludes = command.get_arg_conflicts_with(arg).into_iter().map(name_of);
    let takes_more = arg.get_num_args().is_some_and(|number| number.max_values() > 1);
    Opt {
        name: name_of(arg),
        about: arg.get_help().map(ToString::to_string).unwrap_or_default(),
        kind: kind(arg),
        repeats: takes_more || matches!(arg.get_action(), ArgAction::Append),
        required: arg.is_required_set(),
        place: argument.then_some(place),
        excludes: excludes.collect(),
    }
}

fn name_of(arg: &Arg) -> String {
    arg.get_long().unwrap_or(arg.get_id().as_str()).replace('_', "-")
}

fn kind(arg: &Arg) -> Kind {
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return Kind::Flag;
    }
    let words: Vec<String> =
        arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !words.is_empty() {
        return Kind::Choice(words);
    }
    let is = |id: TypeId| arg.get_value_parser().type_id() == id;
    match () {
        () if is(TypeId::of::<Duration>()) => Kind::Duration,
        // Every other number has 32 bits or that of `usize`.
        () if is(TypeId::of::<u64>()) => Kind::Size,
        () if is(TypeId::of::<u32>()) || is(TypeId::of::<usize>()) => Kind::Integer,
        () if is(TypeId::of::<PathBuf>()) => Kind::Path,
        () => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::commands::Cli;

    #[test]
    fn every_usable_command_is_there_with_its_options() {
        let commands = described(Cli::command());
        let names: Vec<&str> = commands.commands.iter().map(|command| command.name.as_str()).collect();
        assert_eq!(names, USABLE.map(|(name, _)| name));
        let kind = |command: &str, option: &str| {
            let command = commands.commands.iter().find(|one| one.name == command).unwrap();
            command
                .options
                .iter()
                .find(|one| one.name == option)
                .map(|one| (one.kind.clone(), one.repeats, one.place))
        };
        assert_eq!(kind("heroku", "growth"), Some((Kind::Size, false, None)));
        assert_eq!(kind("heroku", "max-wait"), Some((Kind::Duration, false, None)));
        assert_eq!(kind("heroku", "samples"), Some((Kind::Integer, false, None)));
        assert_eq!(kind("heroku", "sources"), Some((Kind::Path, true, None)));
        assert_eq!(kind("analyze", "paths"), Some((Kind::Path, true, Some(0))));
        assert_eq!(kind("compare", "target"), Some((Kind::Path, false, Some(1))));
        assert_eq!(kind("analyze", "fail-on-leak"), Some((Kind::Flag, false, None)));
        assert_eq!(kind("ssh", "help"), None);
        assert_eq!(kind("ssh", "hold"), None, "it is for a person");
        assert!(matches!(kind("heroku", "accept"), Some((Kind::Choice(_), true, None))));
    }

    #[test]
    fn words_are_judged_as_those_of_a_person() {
        let commands = described(Cli::command());
        let judge = |line: &str| (commands.judge)(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(judge("heroku --app=a --samples=3").is_ok());
        assert!(judge("heroku --samples=0").unwrap_err().contains("--samples"));
        assert!(judge("local --profile=sampling --samples=3").unwrap_err().contains("does nothing"));
        assert!(judge("heroku --app=a --hold").unwrap_err().contains("--hold is for a person"));
        assert!(judge("compare a b").is_ok());
    }
}
