//! `leakhunt docker`: a hunt in a container.

use clap::ValueEnum;
use leakhunt_capture::Destination;
use leakhunt_host::exec::{Config, ContainerName, Docker, Engine, Exec, Tool};
use leakhunt_host::{Environment, Host};

use crate::failure::Failure;
use crate::{fleet, hunt};

/// Which container.
#[derive(clap::Args)]
pub(crate) struct ContainerArgs {
    /// The container, by its name or id
    #[arg(value_name = "CONTAINER")]
    pub(crate) container: String,

    /// The command line by which it is reached, with its own settings: DOCKER_HOST, its context
    #[arg(long, value_enum, default_value_t = Program::Docker, value_name = "PROGRAM")]
    pub(crate) program: Program,
}

/// What speaks as Docker's command line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Program {
    /// Docker's own
    Docker,
    /// Podman's
    Podman,
    /// containerd's
    Nerdctl,
}

impl From<Program> for Engine {
    fn from(program: Program) -> Self {
        match program {
            Program::Docker => Self::Docker,
            Program::Podman => Self::Podman,
            Program::Nerdctl => Self::Nerdctl,
        }
    }
}

impl ContainerArgs {
    pub(super) fn docker(&self) -> Result<Docker, Failure> {
        let container: ContainerName = self.container.parse()?;
        Ok(Docker { container, engine: self.program.into() })
    }

    /// The hunt there, as one can type it.
    pub(super) fn typed(docker: &Docker) -> String {
        let program = match docker.engine {
            Engine::Docker => String::new(),
            other => format!(" --program {other}"),
        };
        format!("leakhunt docker {}{program}", docker.container)
    }
}

pub(super) fn host(docker: &Docker) -> Host {
    let environment = Environment::new(std::env::vars_os());
    Host::Exec(Exec::new(Config { tool: Tool::Docker(docker.clone()), environment }))
}

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) container: ContainerArgs,

    #[command(flatten)]
    pub(crate) hunt: hunt::Options,
}

pub(crate) fn run(args: &Args, root: &clap::Command) -> Result<u8, Failure> {
    let docker = args.container.docker()?;
    let mut plan = hunt::plan(&args.hunt, docker.container.to_string())?;
    let (container, engine) = (docker.container.clone(), docker.engine);
    plan.destination = Some(Destination::Docker { container, engine });
    let (host, runtime) = (host(&docker), hunt::runtime()?);
    let which = [docker.container.to_string()];
    fleet::hunt_there(&args.hunt, plan, &host, ("docker", &which), &runtime, root)
}
