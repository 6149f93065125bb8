//! `leakhunt fly`: a hunt in a machine of Fly.io.

use leakhunt_capture::Destination;
use leakhunt_host::exec::fly::{Asked, choose};
use leakhunt_host::exec::{Config, Exec, Fly, Tool};
use leakhunt_host::{CommandLine, Environment, Host};
use tokio::runtime::Runtime;

use crate::failure::Failure;
use crate::{fleet, hunt};

/// Which machine.
#[derive(clap::Args)]
pub(crate) struct MachineArgs {
    /// The app
    #[arg(short, long, value_name = "APP")]
    pub(crate) app: String,

    /// The machine, by its id [default: the only one that is started]
    #[arg(long, value_name = "ID")]
    pub(crate) machine: Option<String>,
}

impl MachineArgs {
    /// The one machine that is meant, once flyctl was asked.
    pub(super) fn fly(&self, runtime: &Runtime) -> Result<Fly, Failure> {
        let machine = self.machine.as_ref().map(|id| id.parse()).transpose()?;
        let asked = Asked { app: self.app.parse()?, machine };
        let environment = Environment::new(std::env::vars_os());
        Ok(runtime.block_on(choose(asked, &environment))?)
    }

    /// The hunt there, as one can type it.
    pub(super) fn typed(fly: &Fly) -> String {
        let args = [vec!["fly".to_owned()], fly.options()].concat();
        CommandLine { program: "leakhunt".into(), args }.to_string()
    }
}

pub(super) fn host(fly: &Fly) -> Host {
    let environment = Environment::new(std::env::vars_os());
    Host::Exec(Exec::new(Config { tool: Tool::Fly(fly.clone()), environment }))
}

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) which: MachineArgs,

    #[command(flatten)]
    pub(crate) hunt: hunt::Options,
}

pub(crate) fn run(args: &Args, root: &clap::Command) -> Result<u8, Failure> {
    let runtime = hunt::runtime()?;
    let fly = args.which.fly(&runtime)?;
    let mut plan = hunt::plan(&args.hunt, fly.app.to_string())?;
    let (app, machine, program) = (fly.app.clone(), fly.machine.clone(), fly.program);
    plan.destination = Some(Destination::Fly { app, machine, program });
    let host = host(&fly);
    fleet::hunt_there(&args.hunt, plan, &host, ("fly", &fly.options()), &runtime, root)
}
