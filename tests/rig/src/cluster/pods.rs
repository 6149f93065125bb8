//! Pods, and the processes that are their containers.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{NAMESPACE, shown};
use crate::Error;
use crate::error::Named;
use crate::namespace::Dialer;
use crate::warden::Warden;

const STARTING: Duration = Duration::from_secs(60);

static RUNS: AtomicU32 = AtomicU32::new(0);

/// A pod that is to be.
#[derive(Debug, Clone)]
pub struct Pod {
    name: String,
    labels: Vec<(String, String)>,
    annotations: Vec<(String, String)>,
    containers: Vec<Plan>,
}

/// A container that is to be.
#[derive(Debug, Clone)]
struct Plan {
    name: String,
    /// A Node.js and what it runs; else it only waits.
    program: Option<(PathBuf, String)>,
    shell: bool,
}

impl Pod {
    /// One without containers.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), labels: Vec::new(), annotations: Vec::new(), containers: Vec::new() }
    }

    /// Of the deployment of this name.
    #[must_use]
    pub fn of(mut self, deployment: &str) -> Self {
        self.labels.push(("app".to_owned(), deployment.to_owned()));
        self
    }

    /// With an annotation.
    #[must_use]
    pub fn annotated(mut self, name: &str, value: &str) -> Self {
        self.annotations.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a container that runs this text by this Node.js.
    #[must_use]
    pub fn running(mut self, container: &str, node: &Path, text: &str) -> Self {
        let program = Some((node.to_owned(), text.to_owned()));
        self.containers.push(Plan { name: container.to_owned(), program, shell: true });
        self
    }

    /// With a container in which something else runs.
    #[must_use]
    pub fn beside(mut self, container: &str) -> Self {
        self.containers.push(Plan { name: container.to_owned(), program: None, shell: true });
        self
    }

    /// The last container's image has no shell.
    #[must_use]
    pub fn without_a_shell(mut self) -> Self {
        if let Some(last) = self.containers.last_mut() {
            last.shell = false;
        }
        self
    }
}

/// A pod that runs.
pub(super) struct Running {
    pod: Pod,
    uid: String,
    since: String,
    containers: Vec<Container>,
    /// Its status, where it is not what is seen.
    pub(super) pretended: Option<Value>,
}

/// A container, run or not.
pub(super) struct Container {
    plan: Plan,
    file: PathBuf,
    process: Option<Process>,
    id: String,
    since: String,
    restarts: u32,
    /// How the last run ended.
    last: Option<Value>,
}

/// One run of a container: `unshare`, and the first process of its namespaces, as this machine numbers them.
struct Process {
    unshare: Child,
    init: u32,
}

impl Running {
    pub(super) fn start(pod: Pod, folder: &Path, warden: &Warden) -> Result<Self, Error> {
        let number = RUNS.fetch_add(1, Ordering::Relaxed);
        let mut containers = Vec::new();
        for plan in &pod.containers {
            let folder = folder.join(format!("{}-{number}-{}", pod.name, plan.name));
            std::fs::create_dir(&folder).named(shown(&folder))?;
            let file = folder.join("app.js");
            if let Some((_, text)) = &plan.program {
                std::fs::write(&file, text).named(shown(&file))?;
            }
            let mut container = Container {
                plan: plan.clone(),
                file,
                process: None,
                id: String::new(),
                since: String::new(),
                restarts: 0,
                last: None,
            };
            container.start(warden)?;
            containers.push(container);
        }
        Ok(Self { uid: format!("4b1d-{number}"), since: now(), pod, containers, pretended: None })
    }

    pub(super) fn name(&self) -> &str {
        &self.pod.name
    }

    pub(super) fn is_labelled(&self, label: &str, value: &str) -> bool {
        self.pod.labels.iter().any(|(known, its)| known == label && its == value)
    }

    pub(super) fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|container| container.plan.name == name)
    }

    pub(super) fn stop(&mut self, warden: &Warden) {
        self.containers.iter_mut().for_each(|container| container.stop(warden));
    }

    /// The first container ends in this way, and is started again.
    pub(super) fn restart(&mut self, reason: &str, code: i64, warden: &Warden) -> Result<(), Error> {
        let Some(container) = self.containers.first_mut() else { return Ok(()) };
        container.stop(warden);
        container.last = Some(json!({ "terminated": { "exitCode": code, "reason": reason,
            "startedAt": container.since, "finishedAt": now(), "containerID": container.id } }));
        container.restarts += 1;
        container.start(warden)
    }

    pub(super) fn listening(&self) -> Vec<u16> {
        let Some(init) = self.init() else { return Vec::new() };
        let table =
            |name: &str| std::fs::read_to_string(format!("/proc/{init}/net/{name}")).unwrap_or_default();
        let port = |line: &str| {
            let mut fields = line.split_whitespace();
            let (_, local, _, state) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
            (state == "0A").then(|| u16::from_str_radix(local.rsplit(':').next()?, 16).ok()).flatten()
        };
        format!("{}{}", table("tcp"), table("tcp6")).lines().filter_map(port).collect()
    }

    pub(super) fn processes(&self) -> Vec<String> {
        let space = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
        let Some(inside) = self.init().and_then(|init| space(&init.to_string())) else { return Vec::new() };
        std::fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|pid| space(pid).as_ref() == Some(&inside))
            .map(|pid| std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default())
            .filter(|command| !command.is_empty())
            .map(|command| String::from_utf8_lossy(&command).replace('\0', " "))
            .collect()
    }

    fn init(&self) -> Option<u32> {
        self.containers.first()?.process.as_ref().map(|process| process.init)
    }

    pub(super) fn json(&self) -> Value {
        let map = |pairs: &[(String, String)]| -> Value {
            pairs
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let names: Vec<Value> =
            self.containers.iter().map(|one| json!({ "name": one.plan.name, "image": "shop:1" })).collect();
        let statuses: Vec<Value> = self.containers.iter().map(Container::status).collect();
        let ready = json!({ "type": "Ready", "status": "True" });
        let status = json!({ "phase": "Running", "startTime": self.since, "conditions": [ready],
            "containerStatuses": statuses });
        json!({ "kind": "Pod", "apiVersion": "v1",
            "metadata": { "name": self.pod.name, "namespace": NAMESPACE, "uid": self.uid,
                "labels": map(&self.pod.labels), "annotations": map(&self.pod.annotations) },
            "spec": { "nodeName": "node-1", "containers": names },
            "status": self.pretended.clone().unwrap_or(status) })
    }
}

impl Container {
    /// nsenter's words for it.
    pub(super) fn enter(&self) -> Option<Vec<String>> {
        let init = self.process.as_ref()?.init;
        Some(vec![format!("--target={init}"), "--mount".into(), "--pid".into(), "--net".into()])
    }

    pub(super) fn has_shell(&self) -> bool {
        self.plan.shell
    }

    fn status(&self) -> Value {
        let state = match &self.process {
            Some(_) => json!({ "running": { "startedAt": self.since } }),
            None => json!({ "waiting": { "reason": "ContainerCreating" } }),
        };
        json!({ "name": self.plan.name, "ready": self.process.is_some(), "started": self.process.is_some(),
            "restartCount": self.restarts, "containerID": self.id, "image": "shop:1", "imageID": "", "state": state,
            "lastState": self.last.clone().unwrap_or_else(|| json!({})) })
    }

    fn start(&mut self, warden: &Warden) -> Result<(), Error> {
        let failed = |reason: String| Error::Program { program: "unshare", reason };
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc", "--"]);
        match &self.plan.program {
            Some((node, _)) => command.arg(node).arg(&self.file),
            None => command.args(["sh", "-c", "echo ready; exec sleep 100000"]),
        };
        let mut unshare = command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        warden.guard(unshare.id());
        let stdout = unshare.stdout.take();
        let started = stdout.map(|stdout| ready(stdout, unshare.id()));
        let init = match started {
            Some(Ok(init)) => init,
            other => {
                let _ = unshare.kill();
                let _ = unshare.wait();
                warden.release(unshare.id());
                return Err(other.and_then(Result::err).unwrap_or_else(|| failed("no output".into())));
            }
        };
        // Its thread ends with the dialer; the loopback stays up.
        Dialer::into_network_of(init)?;
        self.process = Some(Process { unshare, init });
        self.id = format!("containerd://{init}-{}", RUNS.fetch_add(1, Ordering::Relaxed));
        self.since = now();
        Ok(())
    }

    fn stop(&mut self, warden: &Warden) {
        if let Some(mut process) = self.process.take() {
            let _ = process.unshare.kill();
            let _ = process.unshare.wait();
            warden.release(process.unshare.id());
        }
    }
}

/// Waits for the program to say `ready`; gives the number of the first process of the namespaces.
fn ready(stdout: std::process::ChildStdout, unshare: u32) -> Result<u32, Error> {
    let failed = |reason: &str| Error::Program { program: "unshare", reason: reason.to_owned() };
    let until = Instant::now() + STARTING;
    let mut lines = BufReader::new(stdout).lines();
    while let Some(Ok(line)) = lines.next() {
        if line.starts_with("ready") {
            // What it prints from now on is nobody's.
            std::thread::spawn(move || lines.for_each(drop));
            let children = std::fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children"));
            let child = children.named("the children of unshare")?;
            return child.trim().parse().map_err(|_| failed("it has no child"));
        }
        if Instant::now() > until {
            return Err(failed("a program did not say that it is ready"));
        }
    }
    Err(failed("a program ended before it was ready"))
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
