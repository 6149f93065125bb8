//! A pod, as the API server tells of it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::{Cluster, KubeName};
use crate::no_place::{DELETING, NoPod};
use crate::output::Recognise;
use crate::question::ask;
use crate::tail::{Tail, clean};
use crate::{CommandLine, Environment, Error, LastLines};

/// kubectl asks for what the cluster has before it asks for a pod, and tries that again.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Pod {
    pub(super) metadata: Metadata,
    pub(super) spec: Spec,
    pub(super) status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) uid: String,
    pub(super) annotations: BTreeMap<String, String>,
    deletion_timestamp: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Spec {
    containers: Vec<Container>,
    init_containers: Vec<Container>,
    ephemeral_containers: Vec<Container>,
    pub(super) node_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Container {
    name: String,
    /// `Always` of an init container that goes on beside the others.
    restart_policy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    phase: String,
    pub(super) reason: Option<String>,
    pub(super) message: Option<String>,
    pub(super) start_time: Option<String>,
    conditions: Vec<Condition>,
    container_statuses: Vec<ContainerStatus>,
    init_container_statuses: Vec<ContainerStatus>,
    ephemeral_container_statuses: Vec<ContainerStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Condition {
    r#type: String,
    status: String,
    message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ContainerStatus {
    name: String,
    pub(super) restart_count: u32,
    #[serde(rename = "containerID")]
    pub(super) container_id: Option<String>,
    pub(super) state: State,
    pub(super) last_state: State,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct State {
    pub(super) running: Option<Running>,
    waiting: Option<Waiting>,
    pub(super) terminated: Option<Terminated>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Running {
    pub(super) started_at: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Waiting {
    reason: Option<String>,
    message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Terminated {
    pub(super) reason: Option<String>,
    pub(super) exit_code: i64,
}

/// A list of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pods {
    pub(super) items: Vec<Pod>,
}

impl Pod {
    /// The names of its containers.
    pub(super) fn containers(&self) -> Vec<&str> {
        self.spec.containers.iter().map(|container| container.name.as_str()).collect()
    }

    /// Has it one of this name? Also one that `kubectl debug` has added.
    pub(super) fn has(&self, name: &str) -> bool {
        self.spec.containers.iter().chain(&self.spec.ephemeral_containers).any(|one| one.name == name)
    }

    pub(super) fn status_of(&self, container: &str) -> Option<&ContainerStatus> {
        let status = &self.status;
        let mut all = status.container_statuses.iter().chain(&status.ephemeral_container_statuses);
        all.find(|one| one.name == container)
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }

    pub(super) fn is_evicted(&self) -> bool {
        self.status.reason.as_deref() == Some("Evicted")
    }

    pub(super) fn is_running(&self) -> bool {
        self.status.phase == "Running" && !self.is_deleted()
    }

    pub(super) fn is_ready(&self) -> bool {
        self.is_running()
            && self.status.conditions.iter().any(|one| one.r#type == "Ready" && one.status == "True")
    }

    /// Of all its containers.
    pub(super) fn restarts(&self) -> u32 {
        self.status.container_statuses.iter().map(|one| one.restart_count).sum()
    }

    /// What stands against a command in this container, or in any: the pod's state in words.
    pub(super) fn down(&self, container: Option<&str>) -> Option<String> {
        let status = &self.status;
        if self.is_deleted() {
            return Some(DELETING.to_owned());
        }
        if self.is_evicted() {
            return Some(with("evicted", status.message.as_deref()));
        }
        if let "Succeeded" | "Failed" = status.phase.as_str() {
            let reason = status.reason.as_deref().or(status.message.as_deref());
            return Some(with(&format!("over ({})", status.phase), reason));
        }
        if let Some(name) = self.initialising() {
            return Some(name);
        }
        let mut statuses = status.container_statuses.iter();
        let one = match container {
            Some(name) => self.status_of(name),
            None => statuses.find(|one| one.state.running.is_none()),
        };
        match one {
            Some(one) => one.down(),
            None if status.phase == "Running" => None,
            None => {
                let condition = status.conditions.iter().find(|one| one.status == "False");
                let phase =
                    if status.phase.is_empty() { "not running".into() } else { clean(&status.phase, 40) };
                Some(with(&phase, condition.and_then(|one| one.message.as_deref())))
            }
        }
    }

    /// The init container that is still to end.
    fn initialising(&self) -> Option<String> {
        if self.status.phase == "Running" {
            return None;
        }
        let beside = |name: &str| {
            self.spec.init_containers.iter().any(|it| it.name == name && it.restart_policy.is_some())
        };
        let left = self.status.init_container_statuses.iter().find(|one| {
            !beside(&one.name) && one.state.terminated.as_ref().is_none_or(|end| end.exit_code != 0)
        })?;
        let name = clean(&left.name, 80);
        match left.down().filter(|_| left.state.running.is_none()) {
            // The ones before it have not ended either, where nothing has begun yet.
            Some(state) => Some(format!("not started: its init container {name} is {state}")),
            None => Some(format!("still running its init container {name}")),
        }
    }
}

impl ContainerStatus {
    fn down(&self) -> Option<String> {
        if self.state.running.is_some() {
            return None;
        }
        if let Some(end) = &self.state.terminated {
            let reason = end.reason.as_deref().unwrap_or("terminated");
            return Some(format!("over ({}, exit code {})", clean(reason, 60), end.exit_code));
        }
        let waiting = self.state.waiting.as_ref();
        let reason = waiting.and_then(|it| it.reason.as_deref()).unwrap_or("no reason given");
        let state = format!("waiting ({})", clean(reason, 60));
        if let Some(end) = &self.last_state.terminated {
            let reason = end.reason.as_deref().unwrap_or("terminated");
            return Some(format!(
                "{state}; it ended before: {}, exit code {}",
                clean(reason, 60),
                end.exit_code
            ));
        }
        Some(with(&state, waiting.and_then(|it| it.message.as_deref())))
    }
}

fn with(state: &str, message: Option<&str>) -> String {
    match message {
        Some(message) => format!("{state}: {}", clean(message, 200)),
        None => state.to_owned(),
    }
}

/// Asks kubectl for something, and gives what it printed.
pub(super) async fn asked(
    cluster: &Cluster,
    namespace: Option<&KubeName>,
    args: &[&str],
    recognise: &Recognise,
    environment: &Environment,
) -> Result<String, Error> {
    let (command, _) = command(cluster, namespace, args);
    ask(&command, environment, recognise, Tail::new(environment), TIMEOUT).await
}

/// The same, where it prints JSON.
pub(super) async fn got<T: serde::de::DeserializeOwned>(
    cluster: &Cluster,
    namespace: Option<&KubeName>,
    args: &[&str],
    recognise: &Recognise,
    environment: &Environment,
) -> Result<T, Error> {
    let all = [args, &["-o", "json"]].concat();
    let (command, short) = command(cluster, namespace, &all);
    let answer = ask(&command, environment, recognise, Tail::new(environment), TIMEOUT).await?;
    serde_json::from_str(answer.trim()).map_err(|error| Error::Command {
        command: short,
        ended: format!("gave no JSON as expected: {error}"),
        last_lines: LastLines::default(),
    })
}

fn command(cluster: &Cluster, namespace: Option<&KubeName>, args: &[&str]) -> (CommandLine, String) {
    let mut words = cluster.words();
    words.extend(namespace.map(|name| format!("--namespace={name}")));
    words.extend(args.iter().map(|word| (*word).to_owned()));
    let command = CommandLine::new("kubectl", words);
    let short = command.short();
    (command, short)
}

/// That a pod is missing, with those there are, for they only make a message better.
pub(super) async fn missing(
    cluster: &Cluster,
    namespace: Option<&KubeName>,
    place: String,
    environment: &Environment,
) -> Error {
    const MOST_NAMES: usize = 10;
    let none: Recognise = std::sync::Arc::new(|_: &str| None);
    let answer = asked(cluster, namespace, &["get", "pods", "-o", "name"], &none, environment).await;
    let answer = answer.unwrap_or_default();
    let name = |line: &str| clean(line.trim().trim_start_matches("pod/"), 80);
    let mut there: Vec<String> = answer.lines().map(name).filter(|name| !name.is_empty()).collect();
    if there.len() > MOST_NAMES {
        there.truncate(MOST_NAMES);
        there.push("…".to_owned());
    }
    Error::Pod { place, why: NoPod::Missing { there } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(status: &Value, expected: Option<&str>) {
        let pod: Pod = serde_json::from_value(json!({
            "metadata": { "name": "shop-1" },
            "spec": {
                "containers": [{ "name": "app" }],
                "initContainers": [{ "name": "mesh", "restartPolicy": "Always" }, { "name": "migrate" }],
            },
            "status": status,
        }))
        .unwrap();
        assert_eq!(pod.down(Some("app")).as_deref(), expected);
    }

    #[test]
    fn what_stands_against_a_command() {
        let app = |state: Value, last: Value| json!([{ "name": "app", "state": state, "lastState": last }]);
        let running = json!({ "running": { "startedAt": "2026-11-30T17:35:47Z" } });
        check(&json!({ "phase": "Running", "containerStatuses": app(running, json!({})) }), None);
        let waiting = json!({ "waiting": { "reason": "CrashLoopBackOff", "message": "back-off 5m0s" } });
        let killed = json!({ "terminated": { "exitCode": 137, "reason": "OOMKilled" } });
        check(
            &json!({ "phase": "Running", "containerStatuses": app(waiting, killed) }),
            Some("waiting (CrashLoopBackOff); it ended before: OOMKilled, exit code 137"),
        );
        let pull = json!({ "waiting": { "reason": "ImagePullBackOff", "message": "no such image" } });
        check(
            &json!({ "phase": "Pending", "containerStatuses": app(pull, json!({})) }),
            Some("waiting (ImagePullBackOff): no such image"),
        );
        check(
            &json!({ "phase": "Pending", "conditions": [
                { "type": "PodScheduled", "status": "False", "message": "0/3 nodes are available" } ] }),
            Some("Pending: 0/3 nodes are available"),
        );
        check(
            &json!({ "phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory." }),
            Some("evicted: The node was low on resource: memory."),
        );
        check(&json!({ "phase": "Succeeded" }), Some("over (Succeeded)"));
    }

    #[test]
    fn init_containers_come_first() {
        let waits = json!([{ "name": "app", "state": { "waiting": { "reason": "PodInitializing" } } }]);
        let init = |state: Value| {
            let running = json!({ "running": {} });
            json!({ "phase": "Pending", "containerStatuses": waits, "initContainerStatuses": [
                { "name": "mesh", "state": running }, { "name": "migrate", "state": state } ] })
        };
        check(&init(json!({ "running": {} })), Some("still running its init container migrate"));
        check(
            &init(json!({ "waiting": { "reason": "CrashLoopBackOff" } })),
            Some("not started: its init container migrate is waiting (CrashLoopBackOff)"),
        );
        check(&init(json!({ "terminated": { "exitCode": 0 } })), Some("waiting (PodInitializing)"));
    }
}
