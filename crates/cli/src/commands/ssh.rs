//! `leakhunt ssh`: a hunt on any machine behind SSH.

use leakhunt_capture::Destination;
use leakhunt_host::ssh::{Config, SshTarget};
use leakhunt_host::{Environment, Host, Ssh};

use super::hunt;
use crate::args;
use crate::failure::{Failure, exit};

pub(crate) fn run(args: &args::Ssh) -> Result<u8, Failure> {
    let (host, target) = host(&args.machine)?;
    // A path that is no text cannot be kept in a journal.
    let whole = args.machine.identity.as_ref().and_then(|file| file.canonicalize().ok());
    let identity = whole.filter(|file| file.to_str().is_some());
    let mut plan = hunt::plan(&args.hunt, target.host.clone())?;
    plan.destination = Some(Destination::Ssh { target, identity });
    hunt::hunt(&args.hunt, &plan, &host, &hunt::runtime()?)
}

/// The machine that was named.
pub(super) fn host(args: &args::MachineArgs) -> Result<(Host, SshTarget), Failure> {
    let target: SshTarget = args.target.parse()?;
    if let Some(file) = &args.identity
        && let Err(error) = std::fs::File::open(file)
    {
        let message = format!("--identity {} cannot be read: {error}", file.display());
        return Err(Failure::new(exit::USAGE, message));
    }
    let environment = Environment::new(std::env::vars_os());
    let config = Config { target: target.clone(), identity: args.identity.clone(), environment };
    Ok((Host::Ssh(Ssh::new(config)), target))
}
