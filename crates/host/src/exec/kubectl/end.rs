//! How a pod, or its container, ended, by Kubernetes' own words.

use std::time::Duration;

use super::Kubectl;
use super::pod::Pod;
use super::survey::look;
use crate::exec::life::{How, Life, PlaceEnd, PlaceKind};
use crate::no_place::NoPod;
use crate::tail::clean;
use crate::{Environment, Error};

/// The node reports an end to the API server some seconds after it.
const PATIENCE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(500);

/// What is known now; `None` where it is the one that it was.
pub(crate) async fn ended(
    kubectl: &Kubectl,
    before: &Life,
    environment: &Environment,
) -> Result<Option<PlaceEnd>, Error> {
    let ask = async || match look(kubectl, environment).await {
        Err(Error::Pod { why: NoPod::Missing { .. }, .. }) => Ok(Some(How::Removed)),
        pod => Ok(tell(before, &pod?, kubectl.container.as_str())),
    };
    PlaceKind::Pod.ended((PATIENCE, POLL), ask).await
}

fn tell(before: &Life, now: &Pod, container: &str) -> Option<How> {
    // Another may have its name, as in a StatefulSet.
    if now.metadata.uid != before.place {
        return Some(How::Removed);
    }
    if now.is_evicted() {
        let why = now.status.message.as_deref().unwrap_or("no reason given");
        return Some(How::Evicted { why: clean(why.trim_end_matches(['.', ' ']), 200) });
    }
    let status = now.status_of(container)?;
    let same = status.container_id.as_deref().unwrap_or_default() == before.run;
    if same && status.state.running.is_some() {
        return now.is_deleted().then_some(How::Removed);
    }
    // Where it runs again, the run that was hunted is the last one.
    let Some(end) = status.state.terminated.as_ref().or(status.last_state.terminated.as_ref()) else {
        return Some(How::Restarted);
    };
    match end.reason.as_deref() {
        Some("OOMKilled") => Some(How::OutOfMemory),
        _ if now.is_deleted() => Some(How::Removed),
        _ => Some(How::Exited { code: end.exit_code }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(pod: Value, expected: Option<&str>) {
        let before = Life { place: "1-2".into(), run: "containerd://a".into(), since: String::new() };
        let shown = format!("{pod}");
        let end = tell(&before, &serde_json::from_value(pod).unwrap(), "app");
        let said = end.map(|how| PlaceEnd { kind: PlaceKind::Pod, how }.to_string());
        assert_eq!(said.as_deref(), expected, "{shown}");
    }

    #[test]
    fn what_kubernetes_says_is_reported() {
        let pod = |id: &str, state: Value, last: Value| {
            json!({ "metadata": { "uid": "1-2" }, "status": { "phase": "Running", "containerStatuses": [
                { "name": "app", "containerID": id, "state": state, "lastState": last } ] } })
        };
        let (runs, none) = (json!({ "running": { "startedAt": "2026-11-30T17:35:47Z" } }), json!({}));
        let over = |code: i64, reason: &str| json!({ "terminated": { "exitCode": code, "reason": reason } });
        check(pod("containerd://a", runs.clone(), none.clone()), None);
        check(pod("containerd://b", runs.clone(), none.clone()), Some("the container was restarted"));
        let killed = "the container ran out of memory and was killed (OOMKilled)";
        check(pod("containerd://b", runs.clone(), over(137, "OOMKilled")), Some(killed));
        check(
            pod("containerd://b", runs.clone(), over(1, "Error")),
            Some("the container ended (exit code 1)"),
        );
        check(pod("containerd://a", over(137, "OOMKilled"), none.clone()), Some(killed));
        let waits = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
        check(pod("containerd://a", waits, over(134, "Error")), Some("the container ended (exit code 134)"));
        let mut another = pod("containerd://a", runs.clone(), none.clone());
        another["metadata"]["uid"] = json!("3-4");
        check(another, Some("the pod was deleted"));
        let mut going = pod("containerd://a", runs, none);
        going["metadata"]["deletionTimestamp"] = json!("2026-11-30T17:36:47Z");
        check(going.clone(), Some("the pod was deleted"));
        going["status"]["reason"] = json!("Evicted");
        going["status"]["message"] = json!("The node was low on resource: memory. ");
        check(going, Some("the pod was evicted (The node was low on resource: memory)"));
    }
}
