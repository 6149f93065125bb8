//! `leakhunt ssh`: a hunt on any machine behind SSH, or on several.

use std::path::{Path, PathBuf};

use leakhunt_capture::Destination;
use leakhunt_host::ssh::{Config, SshTarget};
use leakhunt_host::{Environment, Host};

use crate::failure::Failure;
use crate::fleet::{self, MachinesArgs};
use crate::{exit, hunt};

/// How to log in.
#[derive(clap::Args)]
pub(crate) struct LoginArgs {
    /// The private key [default: the agent's, then the usual files in ~/.ssh]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The machine; its host key must be on record in known_hosts. Give more, and they are hunted side by side
    #[arg(value_name = "[USER@]HOST[:PORT]", required = true, num_args = 1..)]
    pub(crate) target: Vec<String>,

    #[command(flatten)]
    pub(crate) login: LoginArgs,

    #[command(flatten)]
    pub(crate) machines: MachinesArgs,

    #[command(flatten)]
    pub(crate) hunt: hunt::Options,
}

pub(crate) fn run(args: &Args, root: &clap::Command) -> Result<u8, Failure> {
    let targets: Vec<SshTarget> =
        args.target.iter().map(|target| target.parse()).collect::<Result<_, leakhunt_host::Error>>()?;
    match targets.as_slice() {
        [target] if args.hunt.each_worker => each_worker(args, target, root),
        [target] => one(args, target.clone()),
        targets => several(args, targets, root),
    }
}

fn one(args: &Args, target: SshTarget) -> Result<u8, Failure> {
    let host = host(&target, args.login.identity.as_deref())?;
    // A path that is no text cannot be kept in a journal.
    let whole = args.login.identity.as_ref().and_then(|file| file.canonicalize().ok());
    let identity = whole.filter(|file| file.to_str().is_some());
    let mut plan = hunt::plan(&args.hunt, target.host.clone())?;
    plan.destination = Some(Destination::Ssh { target, identity });
    hunt::hunt(&args.hunt, &plan, &host, &hunt::runtime()?)
}

/// Hunts of each process of one machine that could be the one.
fn each_worker(args: &Args, target: &SshTarget, root: &clap::Command) -> Result<u8, Failure> {
    let host = host(target, args.login.identity.as_deref())?;
    let plan = hunt::plan(&args.hunt, target.host.clone())?;
    let runtime = hunt::runtime()?;
    let processes = runtime.block_on(fleet::candidates(&plan, &host))?;
    let place = (Environment::new(std::env::vars_os()), plan.out);
    let selected = fleet::of_processes(plan.name, ("ssh", &[target.to_string()]), &processes, place, root)?;
    fleet::hunt(&args.hunt, &selected, &runtime)
}

/// Hunts of more than one, or of those with the most memory.
fn several(args: &Args, targets: &[SshTarget], root: &clap::Command) -> Result<u8, Failure> {
    if args.hunt.pid.is_some() {
        return Err(Failure::new(exit::USAGE, "--pid is of one machine: name one, or leave it out"));
    }
    if args.hunt.each_worker {
        return Err(Failure::new(exit::USAGE, "--each-worker is for one machine: name one"));
    }
    check_identity(args.login.identity.as_deref())?;
    let out = hunt::writable(&args.hunt.out)?;
    let environment = Environment::new(std::env::vars_os());
    let fleet = fleet::of_machines(&args.machines, targets, (environment, out), root)?;
    fleet::hunt(&args.hunt, &fleet, &hunt::runtime()?)
}

/// The machine that was named.
pub(super) fn host(target: &SshTarget, identity: Option<&Path>) -> Result<Host, Failure> {
    check_identity(identity)?;
    let environment = Environment::new(std::env::vars_os());
    let config = Config { target: target.clone(), identity: identity.map(Path::to_owned), environment };
    Ok(Host::Ssh(leakhunt_host::Ssh::new(config)))
}

fn check_identity(identity: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = identity else { return Ok(()) };
    std::fs::File::open(file).map(drop).map_err(|error| {
        Failure::new(exit::USAGE, format!("--identity {} cannot be read: {error}", file.display()))
    })
}
