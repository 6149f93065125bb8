//! A loopback Kubernetes for the real kubectl: an API server over plain http, and pods whose containers are real processes.
//!
//! It answers what a hunt asks of a cluster: pods, one by one and by their labels, the workloads that keep them, their metrics, and
//! `exec`, whose command runs in the container's namespaces behind a WebSocket (`v5.channel.k8s.io`), as a kubelet has it. What a
//! kubelet reports of a container that ends is said here as well: its restarts, and how the last run ended.
//!
//! It is no cluster: nothing is scheduled, pulled or kept up by itself, and a container is a process in namespaces of its own (pids,
//! mounts, network) on the files of this machine. What ends the test's process ends the pods, by the rig's warden.

mod api;
mod exec;
mod http;
mod pods;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use pods::Pod;

use crate::error::Named;
use crate::warden::Warden;
use crate::{Error, tools};
use pods::Running;

/// The namespace of all pods, which the kubeconfig's context names.
pub(crate) const NAMESPACE: &str = "prod";

/// A cluster that runs until it is dropped.
pub struct Cluster {
    world: Arc<World>,
    /// The server.
    serving: tokio::task::AbortHandle,
    // The order of the fields is the order of the end: server, warden, folder.
    _runtime: tokio::runtime::Runtime,
    warden: Arc<Warden>,
    folder: tempfile::TempDir,
    kubectl: String,
}

/// What the server knows.
struct World {
    state: Mutex<State>,
    /// Each change of it cuts the connections of all execs.
    cuts: watch::Sender<u32>,
}

#[derive(Default)]
struct State {
    pods: Vec<Running>,
    /// Name and labels of what keeps pods: deployments.
    deployments: Vec<(String, String)>,
    /// Pods, and what they use, MiB.
    memory: Vec<(String, u64)>,
    /// What this user may not: a verb, and a resource.
    forbidden: Vec<(String, String)>,
    /// Does nobody answer at the node?
    no_node: bool,
}

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cluster {
    /// Starts one without pods.
    ///
    /// # Errors
    /// kubectl is missing, or no port can be had.
    pub fn start() -> Result<Self, Error> {
        let kubectl = tools::kubectl_folder()?.display().to_string();
        let folder = tempfile::Builder::new().prefix("lh-kube-").tempdir().named("a folder for a cluster")?;
        let warden = Arc::new(Warden::new(folder.path())?);
        let world = Arc::new(World { state: Mutex::default(), cuts: watch::Sender::new(0) });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .named("a runtime")?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).named("a port")?;
        let address = listener.local_addr().named("a port")?;
        std::fs::write(folder.path().join("config"), kubeconfig(&format!("http://{address}")))
            .named("a kubeconfig")?;
        let serving = runtime.spawn(http::serve(listener, Arc::clone(&world))).abort_handle();
        Ok(Self { world, serving, _runtime: runtime, warden, folder, kubectl })
    }

    /// The variables for whoever is to reach it: a kubeconfig, a cache of its own, and kubectl first in the PATH.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        vec![
            ("KUBECONFIG", self.kubeconfig().display().to_string()),
            ("KUBECACHEDIR", self.folder.path().join("cache").display().to_string()),
            ("PATH", format!("{}:{path}", self.kubectl)),
        ]
    }

    /// The kubeconfig, whose current context is `home`.
    pub fn kubeconfig(&self) -> std::path::PathBuf {
        self.folder.path().join("config")
    }

    /// Runs a pod, and waits until each program in it has said `ready`.
    ///
    /// # Errors
    /// It does not come up.
    pub fn run(&self, pod: Pod) -> Result<(), Error> {
        let running = Running::start(pod, self.folder.path(), &self.warden)?;
        self.world.state().pods.push(running);
        Ok(())
    }

    /// A deployment whose pods have the label `app=NAME`.
    pub fn deploy(&self, name: &str) {
        self.world.state().deployments.push((name.to_owned(), format!("app={name}")));
    }

    /// What `kubectl top pod` says of a pod; without any the cluster has no metrics.
    pub fn uses(&self, pod: &str, mebibytes: u64) {
        self.world.state().memory.push((pod.to_owned(), mebibytes));
    }

    /// From now on the user may not.
    pub fn forbid(&self, verb: &str, resource: &str) {
        self.world.state().forbidden.push((verb.to_owned(), resource.to_owned()));
    }

    /// Everything is allowed again.
    pub fn allow_all(&self) {
        self.world.state().forbidden.clear();
    }

    /// Cuts the connections of all execs; what they run sees the end of its input. With `for_good`, no new one comes about.
    pub fn cut(&self, for_good: bool) {
        self.world.state().no_node = for_good;
        self.world.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// The node answers again.
    pub fn mend(&self) {
        self.world.state().no_node = false;
    }

    /// The API server goes, and all execs with it; the pods go on.
    pub fn go_down(&self) {
        self.serving.abort();
        self.cut(true);
    }

    /// The container ends, in these words of a kubelet, and runs again.
    ///
    /// # Errors
    /// There is no such pod, or the new run does not come up.
    pub fn restart(&self, pod: &str, reason: &str, code: i64) -> Result<(), Error> {
        let mut state = self.world.state();
        let running = state.pod(pod).ok_or_else(|| no_pod(pod))?;
        running.restart(reason, code, &self.warden)
    }

    /// The pod ends, and is not there any more.
    pub fn delete(&self, pod: &str) {
        let mut state = self.world.state();
        if let Some(running) = state.pod(pod) {
            running.stop(&self.warden);
        }
        state.pods.retain(|one| one.name() != pod);
    }

    /// The pod's status is this from now on, whatever runs.
    pub fn pretend(&self, pod: &str, status: Value) {
        if let Some(running) = self.world.state().pod(pod) {
            running.pretended = Some(status);
        }
    }

    /// The ports that are listened on in the first container of a pod.
    pub fn listening(&self, pod: &str) -> Vec<u16> {
        self.world.state().pod(pod).map(|running| running.listening()).unwrap_or_default()
    }

    /// The command lines of what runs in the first container of a pod.
    pub fn processes(&self, pod: &str) -> Vec<String> {
        self.world.state().pod(pod).map(|running| running.processes()).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut state = self.world.state();
        for pod in &mut state.pods {
            pod.stop(&self.warden);
        }
    }
}

impl State {
    fn pod(&mut self, name: &str) -> Option<&mut Running> {
        self.pods.iter_mut().find(|pod| pod.name() == name)
    }
}

fn no_pod(name: &str) -> Error {
    Error::Program { program: "a pod", reason: format!("there is none of the name {name}") }
}

fn kubeconfig(server: &str) -> String {
    serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "rig", "cluster": { "server": server } }],
        "users": [{ "name": "dev", "user": {} }],
        "contexts": [{ "name": "home", "context": { "cluster": "rig", "user": "dev", "namespace": NAMESPACE } }],
        "current-context": "home",
    })
    .to_string()
}

/// A file that can be run, for messages.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
