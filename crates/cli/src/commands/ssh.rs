//! `leakhunt ssh`: a hunt on any machine behind SSH.

use std::path::PathBuf;

use leakhunt_capture::Destination;
use leakhunt_host::ssh::{Config, SshTarget};
use leakhunt_host::{Environment, Host};

use crate::failure::Failure;
use crate::{exit, hunt};

/// Which machine.
#[derive(clap::Args)]
pub(crate) struct MachineArgs {
    /// The machine; its host key must be on record in known_hosts
    #[arg(value_name = "[USER@]HOST[:PORT]")]
    pub(crate) target: String,

    /// The private key [default: the agent's, then the usual files in ~/.ssh]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) machine: MachineArgs,

    #[command(flatten)]
    pub(crate) hunt: hunt::Options,
}

pub(crate) fn run(args: &Args) -> Result<u8, Failure> {
    let (host, target) = host(&args.machine)?;
    // A path that is no text cannot be kept in a journal.
    let whole = args.machine.identity.as_ref().and_then(|file| file.canonicalize().ok());
    let identity = whole.filter(|file| file.to_str().is_some());
    let mut plan = hunt::plan(&args.hunt, target.host.clone())?;
    plan.destination = Some(Destination::Ssh { target, identity });
    hunt::hunt(&args.hunt, &plan, &host, &hunt::runtime()?)
}

/// The machine that was named.
pub(super) fn host(args: &MachineArgs) -> Result<(Host, SshTarget), Failure> {
    let target: SshTarget = args.target.parse()?;
    if let Some(file) = &args.identity
        && let Err(error) = std::fs::File::open(file)
    {
        let message = format!("--identity {} cannot be read: {error}", file.display());
        return Err(Failure::new(exit::USAGE, message));
    }
    let environment = Environment::new(std::env::vars_os());
    let config = Config { target: target.clone(), identity: args.identity.clone(), environment };
    Ok((Host::Ssh(leakhunt_host::Ssh::new(config)), target))
}
