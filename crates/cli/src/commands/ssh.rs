//! `leakhunt ssh`: a hunt on any machine behind SSH, or on several.

use std::path::PathBuf;

use leakhunt_capture::Destination;
use leakhunt_host::ssh::{Config, Forwarding, SshTarget};
use leakhunt_host::{CommandLine, Environment, Host, Ssh};

use crate::failure::Failure;
use crate::fleet::{self, MachinesArgs};
use crate::{exit, hunt, passphrase};

/// How to get there.
#[derive(clap::Args)]
pub(crate) struct LoginArgs {
    /// The private key [default: those of ssh's configuration and of the agent, then the usual files in ~/.ssh]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,

    /// The port of the SSH server, where the machine's name has none
    #[arg(short, long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,

    /// Read this configuration of ssh instead of ~/.ssh/config and the machine's
    #[arg(short = 'F', long, value_name = "FILE")]
    pub(crate) ssh_config: Option<PathBuf>,

    /// How a connection to the inspector is carried: by SSH itself (tcp), or by a command there (exec) [default: by SSH, unless
    /// the server forbids that]
    #[arg(long, value_enum, default_value_t = Forward::Auto, hide_default_value = true, value_name = "WAY")]
    pub(crate) forward: Forward,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Forward {
    /// By SSH itself, or by a command there where the server forbids that (AllowTcpForwarding no)
    Auto,
    /// By SSH itself, as `ssh -L` does it
    Tcp,
    /// By a command there that connects to the inspector
    Exec,
}

impl LoginArgs {
    /// The machine that was named.
    pub(super) fn target(&self, named: &str) -> Result<SshTarget, Failure> {
        let mut target: SshTarget = named.parse()?;
        target.port = target.port.or(self.port);
        Ok(target)
    }

    pub(super) fn host(&self, target: &SshTarget) -> Result<Host, Failure> {
        self.check()?;
        Ok(Host::Ssh(Ssh::new(Config {
            target: target.clone(),
            identity: self.identity.clone(),
            config_file: self.ssh_config.clone(),
            forward: match self.forward {
                Forward::Auto => Forwarding::Auto,
                Forward::Tcp => Forwarding::Tcp,
                Forward::Exec => Forwarding::Exec,
            },
            passphrases: passphrase::at_the_terminal(),
            environment: Environment::new(std::env::vars_os()),
        })))
    }

    /// The hunt there, as it would be typed.
    pub(super) fn typed(&self, target: &SshTarget) -> String {
        let mut args = vec!["ssh".to_owned(), target.to_string()];
        for (option, file) in [("--identity", &self.identity), ("--ssh-config", &self.ssh_config)] {
            if let Some(file) = file {
                args.extend([option.to_owned(), file.display().to_string()]);
            }
        }
        CommandLine { program: "leakhunt".into(), args }.to_string()
    }

    /// As a journal keeps it: a path that is no text cannot be kept.
    fn destination(&self, target: SshTarget) -> Destination {
        let whole = |file: &Option<PathBuf>| {
            file.as_ref().and_then(|file| file.canonicalize().ok()).filter(|file| file.to_str().is_some())
        };
        let (identity, config_file) = (whole(&self.identity), whole(&self.ssh_config));
        Destination::Ssh { target, identity, config_file }
    }

    /// A file that cannot be read is learned of before anything is started.
    fn check(&self) -> Result<(), Failure> {
        for (option, file) in [("--identity", &self.identity), ("--ssh-config", &self.ssh_config)] {
            let Some(file) = file else { continue };
            std::fs::File::open(file).map_err(|error| {
                Failure::new(exit::USAGE, format!("{option} {} cannot be read: {error}", file.display()))
            })?;
        }
        Ok(())
    }
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The machine, as `ssh` knows it: a name of ~/.ssh/config, or an address; its host key must be on record in known_hosts. Give
    /// more, and they are hunted side by side
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
        args.target.iter().map(|target| args.login.target(target)).collect::<Result<_, _>>()?;
    match targets.as_slice() {
        [target] => one(args, target.clone(), root),
        targets => several(args, targets, root),
    }
}

fn one(args: &Args, target: SshTarget, root: &clap::Command) -> Result<u8, Failure> {
    let host = args.login.host(&target)?;
    let mut plan = hunt::plan(&args.hunt, target.host.clone())?;
    let which = [target.to_string()];
    plan.destination = Some(args.login.destination(target));
    fleet::hunt_there(&args.hunt, plan, &host, ("ssh", &which), &hunt::runtime()?, root)
}

/// Hunts of more than one, or of those with the most memory.
fn several(args: &Args, targets: &[SshTarget], root: &clap::Command) -> Result<u8, Failure> {
    if args.hunt.pid.is_some() {
        return Err(Failure::new(exit::USAGE, "--pid is of one machine: name one, or leave it out"));
    }
    if args.hunt.each_worker {
        return Err(Failure::new(exit::USAGE, "--each-worker is for one machine: name one"));
    }
    args.login.check()?;
    let out = hunt::writable(&args.hunt.out)?;
    let environment = Environment::new(std::env::vars_os());
    let fleet = fleet::of_machines(&args.machines, targets, (environment, out), root)?;
    fleet::hunt(&args.hunt, &fleet, &hunt::runtime()?)
}
