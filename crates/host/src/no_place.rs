//! Why nothing can be run in a container, a pod or a machine of Fly.io: in words, and what an operator can do about it.

use crate::tail::clean;

/// The state of a pod that is about to go.
pub(crate) const DELETING: &str = "being deleted";

/// Why nothing can be run in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoContainer {
    /// There is none of that name.
    Missing {
        /// Those that run.
        running: Vec<String>,
    },
    /// It is there and does not run.
    Down {
        /// The engine's word for its state: `exited`, `paused`, `restarting`.
        state: String,
    },
    /// There is no shell in its image.
    NoShell,
    /// Nobody answers for the engine.
    Daemon {
        /// What its command line says.
        detail: String,
    },
    /// The engine is there, and not for this user.
    Forbidden {
        /// What its command line says.
        detail: String,
    },
}

/// Why nothing can be run in a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPod {
    /// There is no such pod, or no such workload.
    Missing {
        /// The pods of the namespace.
        there: Vec<String>,
    },
    /// Of a workload or a selector: none of its pods runs.
    NoneRuns {
        /// Those there are, each with its state.
        states: Vec<String>,
    },
    /// It is there and does not run.
    Down {
        /// Its state, as in "waiting (CrashLoopBackOff)".
        state: String,
    },
    /// It has no container of that name.
    NoContainer {
        /// The name as given.
        name: String,
        /// Those that it has.
        has: Vec<String>,
    },
    /// It has several, and which of them is meant cannot be seen.
    Which {
        /// Those that it has.
        has: Vec<String>,
        /// Those of them in which Node.js runs.
        with_node: Vec<String>,
    },
    /// There is no shell in the image.
    NoShell {
        /// The container.
        container: String,
    },
    /// This user may not.
    Forbidden {
        /// What a Role must have, "create".
        verb: String,
        /// On what, "pods/exec".
        resource: String,
        /// The API server's own words.
        detail: String,
    },
    /// The API server does not know who asks.
    NotLoggedIn {
        /// What kubectl says.
        detail: String,
    },
    /// Nobody answers for the cluster.
    Unreachable {
        /// What kubectl says.
        detail: String,
    },
    /// kubectl does not know the cluster.
    NoContext {
        /// What it says.
        detail: String,
    },
}

/// Why nothing can be run in a machine of Fly.io.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoMachine {
    /// flyctl has no token, or one that is not taken.
    NotLoggedIn {
        /// What it says.
        detail: String,
    },
    /// There is no such app, for this account.
    NoApp,
    /// None of its machines is started.
    NoneStarted {
        /// Those there are, each with its state.
        states: Vec<String>,
    },
    /// There is no machine of that id.
    Missing {
        /// The id.
        id: String,
        /// Those there are.
        there: Vec<String>,
    },
    /// It is there and not started.
    Down {
        /// The id.
        id: String,
        /// Fly.io's word for its state.
        state: String,
    },
    /// Several are started.
    Which {
        /// Those.
        started: Vec<String>,
    },
    /// There is no shell in its image.
    NoShell,
    /// The private network cannot be reached.
    Unreachable {
        /// What flyctl says.
        detail: String,
    },
}

impl NoMachine {
    pub(crate) fn message(&self, app: &str) -> String {
        match self {
            Self::NotLoggedIn { detail } => format!("flyctl is not logged in: {detail}"),
            Self::NoApp => format!("flyctl finds no app {app}"),
            Self::NoneStarted { states } if states.is_empty() => {
                format!("the Fly.io app {app} has no machine that is started")
            }
            Self::NoneStarted { states } => {
                format!("the Fly.io app {app} has no machine that is started: {}", list(states))
            }
            Self::Missing { id, there } => {
                format!("the Fly.io app {app} has no machine {id}; it has {}", list(there))
            }
            Self::Down { id, state } => format!("the machine {id} of the Fly.io app {app} is {state}"),
            Self::Which { started } => {
                format!("the Fly.io app {app} has several machines that are started: {}", list(started))
            }
            Self::NoShell => {
                format!("there is no shell in the machine of the Fly.io app {app}: no `sh` on its PATH")
            }
            Self::Unreachable { detail } => format!("the app's private network cannot be reached: {detail}"),
        }
    }

    pub(crate) fn hint(&self, app: &str) -> String {
        match self {
            Self::NotLoggedIn { .. } => "`fly auth login`, or a token in FLY_API_TOKEN".into(),
            Self::NoApp => {
                "`fly apps list` shows those that this account can see; `fly auth whoami` says which it is"
                    .into()
            }
            Self::NoneStarted { states } => match states.first().and_then(|one| one.split(' ').next()) {
                Some(id) => {
                    format!("`fly machine start {id} -a {app}`; the leak has to grow again after a start")
                }
                None => format!("`fly status -a {app}` shows what there is"),
            },
            Self::Missing { .. } => format!("`fly machine list -a {app}` shows them"),
            Self::Down { id, .. } => {
                format!("`fly machine start {id} -a {app}`; the leak has to grow again after a start")
            }
            Self::Which { .. } => "name one with --machine".into(),
            Self::NoShell => "leakhunt needs one there: build the image with a shell".into(),
            Self::Unreachable { .. } => {
                "`fly doctor` looks for the cause; `fly agent restart` restarts the part of flyctl that keeps the connection".into()
            }
        }
    }

    /// Is what ran in it gone for certain? One that is suspended keeps what it has.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Self::Missing { .. } => true,
            Self::Down { state, .. } => ["stopped", "destroyed", "failed"].contains(&state.as_str()),
            _ => false,
        }
    }
}

impl NoContainer {
    pub(crate) fn message(&self, container: &str, engine: &str) -> String {
        match self {
            Self::Missing { running } => {
                format!("there is no container {container}; {engine} runs {}", list(running))
            }
            Self::Down { state } => format!("the container {container} is {state}"),
            Self::NoShell => format!("there is no shell in the container {container}: no `sh` on its PATH"),
            Self::Daemon { detail } => format!("the daemon cannot be reached: {detail}"),
            Self::Forbidden { detail } => format!("the daemon may not be used by this user: {detail}"),
        }
    }

    pub(crate) fn hint(&self, container: &str, engine: &str) -> String {
        match self {
            Self::Missing { .. } => format!(
                "`{engine} ps` shows them; that of a service of Compose is `{engine} compose ps -q SERVICE`; another daemon's are reached \
                 with DOCKER_HOST, or after `docker context use`"
            ),
            Self::Down { state } if state == "paused" => format!("`{engine} unpause {container}`"),
            Self::Down { .. } => {
                format!("`{engine} ps -a` shows why; the leak has to grow again after a start")
            }
            Self::NoShell => {
                "its process can be reached from the machine where it runs, as root there: `leakhunt local --pid PID`".into()
            }
            Self::Daemon { .. } => {
                "start it, or name another: by DOCKER_HOST, `docker context use` or `--program docker|podman|nerdctl`".into()
            }
            Self::Forbidden { .. } => {
                "run it as a user who may use the daemon: of the group docker, or root".into()
            }
        }
    }

    /// Is what ran in it gone for certain? One that is paused keeps what it has.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Self::Missing { .. } => true,
            Self::Down { state } => state != "paused",
            Self::NoShell | Self::Daemon { .. } | Self::Forbidden { .. } => false,
        }
    }
}

impl NoPod {
    /// `place` as in "pod shop-1 in the namespace prod".
    pub(crate) fn message(&self, place: &str) -> String {
        match self {
            Self::Missing { there } => format!("there is no {place}; the pods there: {}", list(there)),
            Self::NoneRuns { states } if states.is_empty() => format!("no pod belongs to {place}"),
            Self::NoneRuns { states } => format!("no pod of {place} is running: {}", states.join("; ")),
            Self::Down { state } => format!("{place} is {state}"),
            Self::NoContainer { name, has } => {
                format!("{place} has no container {name}; it has {}", list(has))
            }
            Self::Which { has, with_node } if with_node.is_empty() => {
                format!("{place} has several containers, and Node.js was seen in none of them: {}", list(has))
            }
            Self::Which { with_node, .. } => {
                format!("{place} has several containers in which Node.js runs: {}", list(with_node))
            }
            Self::NoShell { container } => {
                format!(
                    "there is no shell in the container {container} of {place}: its image has no `sh` on its PATH"
                )
            }
            Self::Forbidden { detail, .. } => format!("the cluster does not allow it: {detail}"),
            Self::NotLoggedIn { detail } => format!("not logged in to the cluster: {detail}"),
            Self::Unreachable { detail } => format!("the cluster's API server cannot be reached: {detail}"),
            Self::NoContext { detail } => format!("kubectl knows no such cluster: {detail}"),
        }
    }

    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Missing { .. } => {
                "`kubectl get pods -A` shows those of all namespaces; name another with `-n`, another cluster with `--context`"
                    .into()
            }
            Self::NoneRuns { .. } | Self::Down { .. } => {
                "`kubectl describe pod` shows why; the leak has to grow again after a start".into()
            }
            Self::NoContainer { .. } | Self::Which { .. } => "name one with `-c`".into(),
            Self::NoShell { container } => format!(
                "leakhunt needs one there: build the image with a shell. `kubectl debug -it POD --image=node:22 --target={container}` adds a \
                 container with one, from which a person can look at the processes of {container}"
            ),
            Self::Forbidden { verb, resource, .. } => format!(
                "it takes the verb `{verb}` on `{resource}` (`kubectl auth can-i {verb} {resource}`); a hunt needs `get` on `pods` and \
                 `create` on `pods/exec`, by a Role in that namespace"
            ),
            Self::NotLoggedIn { .. } => {
                "log in to the cluster again: `kubectl auth whoami` must answer".into()
            }
            Self::Unreachable { .. } => {
                "`kubectl cluster-info` must answer: look at the network, a VPN, and the context (`--context`, `--kubeconfig`)"
                    .into()
            }
            Self::NoContext { .. } => {
                "`kubectl config get-contexts` lists them; name one with `--context`, or a file with `--kubeconfig`".into()
            }
        }
    }

    /// Is what ran in it gone for certain? A pod that is being deleted has time to end.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Self::Missing { .. } => true,
            Self::Down { state } => state != DELETING,
            _ => false,
        }
    }
}

/// Names that others gave, for a message.
fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { clean(&names.join(", "), 1000) }
}
