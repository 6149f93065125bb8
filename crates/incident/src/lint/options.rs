//! `uses` and `with`: commands and options that the command line has, and would take.

use crate::command::{Command, Commands, HUNT, JSON, Kind, Nature, OF_A_PERSON, Opt};
use crate::diagnostic::{Diagnostics, did_you_mean};
use crate::runbook::{Act, Runbook, With};
use crate::source::Spanned;

pub(super) fn lint(runbook: &Runbook, commands: &Commands, found: &mut Diagnostics) {
    for step in &runbook.steps {
        let Act::Uses { command, with } = &step.act else { continue };
        match commands.find(&command.value, &runbook.host) {
            Some(known) => of_command(known, command, with, commands, found),
            None => {
                let names = commands.commands.iter().map(|command| command.name.as_str()).chain([HUNT]);
                let help = did_you_mean(&command.value, names);
                found.error(
                    &command.span,
                    format!("there is no command `{}` for a step", command.value),
                    help,
                );
            }
        }
    }
}

fn of_command(
    command: &Command,
    uses: &Spanned<String>,
    with: &[With],
    commands: &Commands,
    found: &mut Diagnostics,
) {
    let mut given: Vec<(&With, &Opt)> = Vec::new();
    for one in with {
        let name = one.option.value.as_str();
        match command.option(name) {
            _ if name == JSON => {
                let help = "each step is run with --json where its command has it: leave it out".to_owned();
                found.error(&one.option.span, "`json` is not for a runbook to say", help);
            }
            _ if command.nature == Nature::Hunts && OF_A_PERSON.contains(&name) => {
                let help = "it is for a person with DevTools: hold the inspector by hand".to_owned();
                found.error(&one.option.span, format!("`{name}` is not for a runbook to say"), help);
            }
            Some(option) => {
                if one.values.len() > 1 && !option.repeats {
                    let message = format!("`{name}` takes one value, not {}", one.values.len());
                    found.error(&one.option.span, message, None);
                } else if is_no_flag(one, option) {
                    found.error(&one.values[0].span, format!("`{name}` is true or false"), None);
                } else {
                    given.push((one, option));
                }
            }
            None => {
                let help = did_you_mean(name, command.options.iter().map(|option| option.name.as_str()));
                let message = format!("`{}` has no option `{name}`", command.name);
                found.error(&one.option.span, message, help);
            }
        }
    }
    for option in
        command.required().filter(|required| with.iter().all(|one| one.option.value != required.name))
    {
        let help = format!("add `{}: …` to `with`. {}", option.name, option.about);
        found.error(&uses.span, format!("`{}` needs `{}`", command.name, option.name), help);
    }
    if command.required().all(|required| given.iter().any(|(_, option)| *option == required)) {
        judged(command, uses, given, commands, found);
    }
}

fn is_no_flag(one: &With, option: &Opt) -> bool {
    let literal = one.values.first().and_then(|value| value.literal());
    option.kind == Kind::Flag && literal.is_some_and(|text| !matches!(text, "true" | "false"))
}

/// What the command line itself says of the words. It says one thing at a time, so what it complains of is taken out, and it is
/// asked again.
fn judged(
    command: &Command,
    uses: &Spanned<String>,
    mut given: Vec<(&With, &Opt)>,
    commands: &Commands,
    found: &mut Diagnostics,
) {
    loop {
        let Err(complaint) = (commands.judge)(&words(command, &given)) else { return };
        // Behind it stands how the command is used, with all its options.
        let complaint = complaint.split("\nUsage:").next().unwrap_or_default().trim_start_matches("error: ");
        let of = |option: &Opt| match option.place {
            None => [" ", "'"].iter().any(|end| complaint.contains(&format!("--{}{end}", option.name))),
            Some(_) => complaint.to_lowercase().contains(&format!("<{}>", option.name)),
        };
        let mut lines = complaint.lines().map(str::trim);
        let first = lines.next().unwrap_or_default();
        let help =
            lines.find_map(|line| line.strip_prefix("tip: ").or(line.strip_prefix('[')?.strip_suffix(']')));
        let help = help.map(str::to_owned);
        // Of two that exclude each other, the later one is pointed at.
        let Some(at) = given.iter().rposition(|(_, option)| of(option)) else {
            found.error(&uses.span, first, help);
            return;
        };
        let (one, _) = given.remove(at);
        let span = one.values.first().map_or(&one.option.span, |value| &value.span);
        found.error(span, first, help);
    }
}

/// The words that a person would type, with samples for what only the run knows.
fn words(command: &Command, given: &[(&With, &Opt)]) -> Vec<String> {
    let mut words: Vec<String> = command.name.split(' ').map(str::to_owned).collect();
    let mut places: Vec<(usize, String)> = Vec::new();
    for (one, option) in given {
        for value in &one.values {
            let literal = value.literal().filter(|_| option.kind != Kind::Path);
            let value = literal.map_or_else(|| option.kind.sample(), str::to_owned);
            match (option.place, &option.kind, value.as_str()) {
                (Some(place), ..) => places.push((place, value)),
                (None, Kind::Flag, "true") => words.push(format!("--{}", option.name)),
                (None, Kind::Flag, "false") => {}
                _ => words.push(format!("--{}={value}", option.name)),
            }
        }
    }
    places.sort_by_key(|(place, _)| *place);
    words.push("--".to_owned());
    words.extend(places.into_iter().map(|(_, value)| value));
    words
}
