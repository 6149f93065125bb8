//! From the command line to a fleet.

use std::collections::HashSet;
use std::path::PathBuf;

use leakhunt_host::Environment;
use leakhunt_host::heroku::{AppName, Listed};
use leakhunt_host::ssh::SshTarget;
use leakhunt_incident::{Choice, Fleet, Member, Recent};

use super::words::given;
use crate::exit;
use crate::failure::Failure;

/// Which of an app's dynos, where it is not one by its name.
#[derive(clap::Args)]
#[command(next_help_heading = "Several dynos")]
pub(crate) struct FleetArgs {
    /// Hunt the dyno of this type with the most memory, or as --worst and --all say
    #[arg(long, value_name = "TYPE", conflicts_with = "dyno")]
    pub(crate) process_type: Option<String>,

    /// Hunt so many of them, those with the most memory
    #[arg(long, value_name = "N", requires = "process_type", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) worst: Option<u32>,

    /// Hunt all of them
    #[arg(long, requires = "process_type", conflicts_with = "worst")]
    pub(crate) all: bool,

    /// Hunt at most so many dynos at the same time; each has a tunnel of its own
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=32))]
    pub(crate) parallel: u32,
}

impl FleetArgs {
    fn choice(&self) -> Choice {
        match (&self.process_type, self.worst) {
            (Some(_), worst) if !self.all => Choice::Worst(worst.unwrap_or(1) as usize),
            _ => Choice::All,
        }
    }
}

/// Which of the machines that were named.
#[derive(clap::Args)]
#[command(next_help_heading = "Several machines")]
pub(crate) struct MachinesArgs {
    /// Look at each machine, and hunt so many of them, those with the most memory [default: all of them]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) worst: Option<u32>,

    /// Hunt at most so many machines at the same time
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=32))]
    pub(crate) parallel: u32,
}

/// Options that are of the whole, and not of one hunt in it.
const OF_THE_WHOLE: [&str; 19] = [
    "app",
    "remote",
    "dyno",
    "process_type",
    "worst",
    "all",
    "parallel",
    "out",
    "json",
    "events",
    "quiet",
    "pid",
    "each_worker",
    "selector",
    "namespace",
    "container",
    "context",
    "kubeconfig",
    "machine",
];

/// What a look takes of the options of a hunt.
const OF_A_LOOK: [&str; 11] = [
    "identity",
    "port",
    "ssh_config",
    "name",
    "exec",
    "forward",
    "program",
    "profile",
    "route",
    "max_pause",
    "accept",
];

/// The dynos that were named, or those of the type.
pub(crate) fn of_app(
    args: &FleetArgs,
    named: &[String],
    app: &AppName,
    (listed, recent): (&[Listed], &Recent),
    place: (Environment, PathBuf),
    root: &clap::Command,
) -> Result<Fleet, Failure> {
    let there = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join(", ");
    let chosen: Vec<&Listed> = match &args.process_type {
        Some(of) => listed.iter().filter(|dyno| dyno.process_type() == of).collect(),
        None => {
            let find = |name: &String| {
                listed.iter().find(|dyno| dyno.name == *name).ok_or_else(|| {
                    let all = there(&mut listed.iter().map(|dyno| dyno.name.as_str()));
                    Failure::new(exit::CANNOT_CONNECT, format!("{app} has no dyno {name}"))
                        .hint(format!("its dynos: {all}"))
                })
            };
            named.iter().map(find).collect::<Result<_, _>>()?
        }
    };
    if let (Some(of), []) = (&args.process_type, chosen.as_slice()) {
        let mut types: Vec<&str> = listed.iter().map(Listed::process_type).collect();
        types.dedup();
        return Err(Failure::new(exit::CANNOT_CONNECT, format!("{app} has no dyno of the type {of}"))
            .hint(format!("its types: {}", there(&mut types.into_iter()))));
    }
    let words = Words::of(root);
    let members = chosen.into_iter().map(|dyno| {
        let facts = [
            ("size", dyno.size.clone()),
            ("release", dyno.release.map(|version| format!("v{version}"))),
            ("state", Some(dyno.state.clone())),
        ];
        // The router sends requests to no other type.
        let requests = (dyno.process_type() == "web").then(|| recent.requests_per_minute(&dyno.name));
        Member {
            facts: facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            logged: recent.memory(&dyno.name),
            requests_per_minute: requests.flatten(),
            ..words.member(&dyno.name, "heroku", &[format!("--app={app}"), format!("--dyno={}", dyno.name)])
        }
    });
    fleet(app.to_string(), members.collect(), args.choice(), args.parallel, place)
}

/// The machines that were named.
pub(crate) fn of_machines(
    args: &MachinesArgs,
    targets: &[SshTarget],
    place: (Environment, PathBuf),
    root: &clap::Command,
) -> Result<Fleet, Failure> {
    let words = Words::of(root);
    let members = targets
        .iter()
        .map(ToString::to_string)
        .map(|name| words.member(&name, "ssh", std::slice::from_ref(&name)));
    let choice = args.worst.map_or(Choice::All, |worst| Choice::Worst(worst as usize));
    fleet(format!("{} machines", targets.len()), members.collect(), choice, args.parallel, place)
}

/// What each of them is hunted with, and looked at.
pub(super) struct Words {
    looks: Vec<String>,
    hunts: Vec<String>,
}

impl Words {
    pub(super) fn of(root: &clap::Command) -> Self {
        let looks = given(root, &OF_THE_WHOLE, Some(&OF_A_LOOK));
        Self { looks, hunts: given(root, &OF_THE_WHOLE, None) }
    }

    pub(super) fn member(&self, name: &str, host: &str, which: &[String]) -> Member {
        let command = |command: &[&str], rest: &[String]| {
            let words = command.iter().map(|word| (*word).to_owned());
            words.chain(which.iter().cloned()).chain(rest.iter().cloned()).collect()
        };
        Member {
            name: name.to_owned(),
            facts: Vec::new(),
            logged: None,
            requests_per_minute: None,
            look: command(&["doctor", host], &self.looks),
            hunt: command(&[host], &self.hunts),
        }
    }
}

pub(super) fn fleet(
    name: String,
    members: Vec<Member>,
    choice: Choice,
    parallel: u32,
    (environment, out): (Environment, PathBuf),
) -> Result<Fleet, Failure> {
    let mut names = HashSet::new();
    if let Some(twice) = members.iter().find(|member| !names.insert(&member.name)) {
        return Err(Failure::new(exit::USAGE, format!("{} is named twice", twice.name)));
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(exit::INTERNAL, format!("this program cannot be found: {error}")))?;
    let (parallel, tool_version) = (parallel as usize, env!("CARGO_PKG_VERSION"));
    Ok(Fleet { name, members, choice, parallel, program, environment, out, tool_version })
}
