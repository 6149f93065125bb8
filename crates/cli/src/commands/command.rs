//! `leakhunt command`: a hunt in any place in which a command can be run with stdin and stdout.

use leakhunt_capture::Destination;
use leakhunt_host::exec::{Config, Exec, ExecTemplate, ForwardTemplate, Tool};
use leakhunt_host::{CommandLine, Environment, Host};

use crate::failure::Failure;
use crate::{fleet, hunt};

/// How to get there.
#[derive(clap::Args)]
pub(crate) struct WayArgs {
    /// Runs a command there: {} is a command line for a shell there, as one argument. It is split into words as a shell would,
    /// and no shell of this machine sees it. It must ask for nothing, and for no terminal
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) exec: ExecTemplate,

    /// Makes one connection to a port there, {}, by its stdin and stdout [default: a relay that --exec starts there: its own
    /// Node.js, socat, busybox, bash, python3, perl or nc]
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) forward: Option<ForwardTemplate>,
}

impl WayArgs {
    /// The hunt there, as one can type it.
    pub(super) fn typed(&self) -> String {
        let mut args = vec!["command".to_owned(), "--exec".to_owned(), self.exec.to_string()];
        if let Some(forward) = &self.forward {
            args.extend(["--forward".to_owned(), forward.to_string()]);
        }
        CommandLine { program: "leakhunt".into(), args }.to_string()
    }

    pub(super) fn host(&self) -> Host {
        let environment = Environment::new(std::env::vars_os());
        let tool = Tool::Command { exec: self.exec.clone(), forward: self.forward.clone() };
        Host::Exec(Exec::new(Config { tool, environment }))
    }
}

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) way: WayArgs,

    #[command(flatten)]
    pub(crate) hunt: hunt::Options,
}

pub(crate) fn run(args: &Args, root: &clap::Command) -> Result<u8, Failure> {
    let mut plan = hunt::plan(&args.hunt, "command".to_owned())?;
    let WayArgs { exec, forward } = &args.way;
    plan.destination = Some(Destination::Command { exec: exec.clone(), forward: forward.clone() });
    let (host, runtime) = (args.way.host(), hunt::runtime()?);
    fleet::hunt_there(&args.hunt, plan, &host, ("command", &[]), &runtime, root)
}
