//! `leakhunt kubectl`: a hunt in a pod.

use std::path::PathBuf;

use clap::ArgGroup;
use leakhunt_capture::Destination;
use leakhunt_host::exec::kubectl::{Asked, Cluster, Kubectl, Target, choose};
use leakhunt_host::exec::{Config, Exec, Tool};
use leakhunt_host::{CommandLine, Environment, Host};
use leakhunt_text::Line;
use tokio::runtime::Runtime;

use crate::failure::Failure;
use crate::{exit, fleet, hunt, terminal};

/// Which pod.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("which").required(true).args(["pod", "selector"])))]
pub(crate) struct PodArgs {
    /// The pod, by its name; or what keeps pods running, as deploy/NAME (also sts/, ds/, rs/, svc/, job/), of which one that is ready is
    /// taken: the one with the most memory by `kubectl top`, else the one that was restarted most, else the oldest
    #[arg(value_name = "POD")]
    pub(crate) pod: Option<String>,

    /// A pod with these labels, chosen in the same way
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub(crate) selector: Option<String>,

    /// The namespace [default: that of the context]
    #[arg(short, long, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,

    /// The container [default: the only one, the one that the pod names as its default, or the one in which Node.js runs]
    #[arg(short, long, value_name = "CONTAINER")]
    pub(crate) container: Option<String>,

    /// The context of your kubeconfig [default: the current one]
    #[arg(long, value_name = "CONTEXT")]
    pub(crate) context: Option<String>,

    /// The kubeconfig [default: kubectl's own: KUBECONFIG, ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
}

impl PodArgs {
    fn asked(&self) -> Result<Asked, Failure> {
        let target = match (&self.pod, &self.selector) {
            (Some(pod), _) => pod.parse()?,
            (None, Some(selector)) => Target::Selector(selector.parse()?),
            // Clap asks for one of them.
            (None, None) => return Err(Failure::new(exit::USAGE, "name a pod, or labels with -l")),
        };
        let kubeconfig = self.kubeconfig.as_ref().map(|file| {
            file.canonicalize().map_err(|error| {
                Failure::new(exit::USAGE, format!("--kubeconfig {} cannot be read: {error}", file.display()))
            })
        });
        let context = self.context.as_ref().map(|name| name.parse()).transpose()?;
        Ok(Asked {
            target,
            namespace: self.namespace.as_ref().map(|name| name.parse()).transpose()?,
            container: self.container.as_ref().map(|name| name.parse()).transpose()?,
            cluster: Cluster { context, kubeconfig: kubeconfig.transpose()? },
        })
    }

    /// The one container that is meant, once kubectl was asked.
    pub(super) fn kubectl(&self, runtime: &Runtime) -> Result<Kubectl, Failure> {
        let environment = Environment::new(std::env::vars_os());
        Ok(runtime.block_on(choose(self.asked()?, &environment))?)
    }

    /// The hunt there, as one can type it.
    pub(super) fn typed(kubectl: &Kubectl) -> String {
        let args = [vec!["kubectl".to_owned(), kubectl.pod.to_string()], kubectl.options()].concat();
        CommandLine { program: "leakhunt".into(), args }.to_string()
    }
}

pub(super) fn host(kubectl: &Kubectl) -> Host {
    let environment = Environment::new(std::env::vars_os());
    Host::Exec(Exec::new(Config { tool: Tool::Kubectl(kubectl.clone()), environment }))
}

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) which: PodArgs,

    #[command(flatten)]
    pub(crate) hunt: hunt::Options,
}

pub(crate) fn run(args: &Args, root: &clap::Command) -> Result<u8, Failure> {
    let runtime = hunt::runtime()?;
    let kubectl = args.which.kubectl(&runtime)?;
    if let Some(why) = kubectl.chosen.as_deref().filter(|_| !args.hunt.quiet) {
        terminal::say(&[Line::own("  pod  ").text(why)]);
    }
    let mut plan = hunt::plan(&args.hunt, kubectl.pod.to_string())?;
    plan.destination = Some(Destination::Kubectl {
        context: kubectl.cluster.context.clone(),
        kubeconfig: kubectl.cluster.kubeconfig.clone(),
        namespace: kubectl.namespace.clone(),
        pod: kubectl.pod.clone(),
        container: kubectl.container.clone(),
    });
    let host = host(&kubectl);
    let which = [vec![kubectl.pod.to_string()], kubectl.options()].concat();
    fleet::hunt_there(&args.hunt, plan, &host, ("kubectl", &which), &runtime, root)
}
