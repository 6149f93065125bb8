//! The words of this command line, for others.

use clap::parser::ValueSource;
use clap::{ArgAction, Command};

/// The options that this command line gives, but for some, as words for another: those in `only`, if that is said.
pub(super) fn given(root: &Command, without: &[&str], only: Option<&[&str]>) -> Vec<String> {
    let Ok(matches) = root.clone().try_get_matches_from(std::env::args_os()) else { return Vec::new() };
    let Some((name, matches)) = matches.subcommand() else { return Vec::new() };
    let Some(command) = root.find_subcommand(name) else { return Vec::new() };
    let wanted = |id: &str| !without.contains(&id) && only.is_none_or(|only| only.contains(&id));
    let mut words = Vec::new();
    for option in command.get_arguments() {
        let (id, Some(long)) = (option.get_id().as_str(), option.get_long()) else { continue };
        if !wanted(id) || matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        match option.get_action() {
            ArgAction::SetTrue => words.push(format!("--{long}")),
            _ => {
                let values = matches.get_raw(id).into_iter().flatten();
                words.extend(values.map(|value| format!("--{long}={}", value.to_string_lossy())));
            }
        }
    }
    words
}
