//! `leakhunt local`: a hunt on this machine.

use leakhunt_host::{Environment, Host, Local};

use super::hunt;
use crate::args;
use crate::failure::Failure;

pub(crate) fn run(args: &args::Local) -> Result<u8, Failure> {
    let mut plan = hunt::plan(&args.hunt, "local".to_owned())?;
    plan.way = vec!["local".to_owned()];
    hunt::hunt(&args.hunt, &plan, &host(), &hunt::runtime()?)
}

/// This machine.
pub(super) fn host() -> Host {
    Host::Local(Local::new(Environment::new(std::env::vars_os())))
}
