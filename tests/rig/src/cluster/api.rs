//! What the API server answers, apart from `exec`.

use serde_json::{Value, json};

use super::http::Request;
use super::pods::Running;
use super::{NAMESPACE, State, World};

/// A status, and a body.
pub(super) type Answer = (u16, Value);

pub(super) fn answer(world: &World, request: &Request) -> Answer {
    let mut state = world.state();
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match parts[..] {
        ["version"] => {
            (200, json!({ "major": "1", "minor": "34", "gitVersion": "v1.34.0", "platform": "linux/amd64" }))
        }
        ["api"] => (200, json!({ "kind": "APIVersions", "versions": ["v1"] })),
        ["apis"] => (200, groups(&state)),
        ["api", "v1"] => (200, resources("v1", &[("pods", "Pod", "po"), ("services", "Service", "svc")])),
        ["apis", "apps", "v1"] => (200, resources("apps/v1", &[("deployments", "Deployment", "deploy")])),
        ["apis", "metrics.k8s.io", "v1beta1"] => {
            (200, resources("metrics.k8s.io/v1beta1", &[("pods", "PodMetrics", "")]))
        }
        ["api", "v1", "namespaces", namespace, "pods"] => allowed(&state, "list", "pods", "", namespace)
            .unwrap_or_else(|| {
                let pods: Vec<Value> = chosen(&state, namespace, request).map(Running::json).collect();
                (200, json!({ "kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": pods }))
            }),
        ["api", "v1", "namespaces", namespace, "pods", name] => {
            allowed(&state, "get", "pods", name, namespace).unwrap_or_else(|| {
                match state.pod(name).filter(|_| namespace == NAMESPACE) {
                    Some(pod) => (200, pod.json()),
                    None => not_found("pods", name),
                }
            })
        }
        ["apis", "apps", "v1", "namespaces", namespace, "deployments", name] => {
            allowed(&state, "get", "deployments", name, namespace).unwrap_or_else(|| deployment(&state, name))
        }
        ["apis", "metrics.k8s.io", "v1beta1", "namespaces", namespace, "pods"]
            if !state.memory.is_empty() =>
        {
            let items: Vec<Value> =
                chosen(&state, namespace, request).filter_map(|pod| metrics(&state, pod)).collect();
            let kind = "PodMetricsList";
            (
                200,
                json!({ "kind": kind, "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {}, "items": items }),
            )
        }
        _ => status(404, "NotFound", "the server could not find the requested resource"),
    }
}

fn groups(state: &State) -> Value {
    let group = |name: &str, version: &str| {
        let version = json!({ "groupVersion": format!("{name}/{version}"), "version": version });
        json!({ "name": name, "versions": [version], "preferredVersion": version })
    };
    let mut groups = vec![group("apps", "v1")];
    if !state.memory.is_empty() {
        groups.push(group("metrics.k8s.io", "v1beta1"));
    }
    json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups })
}

fn resources(version: &str, kinds: &[(&str, &str, &str)]) -> Value {
    let resource = |(name, kind, short): &(&str, &str, &str)| {
        let short: Vec<&str> = Some(*short).filter(|short| !short.is_empty()).into_iter().collect();
        let singular = kind.to_lowercase();
        json!({ "name": name, "singularName": singular, "namespaced": true, "kind": kind, "shortNames": short,
            "verbs": ["get", "list"] })
    };
    let all: Vec<Value> = kinds.iter().map(resource).collect();
    json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": all })
}

/// The pods that a request's label selector takes: equalities, joined by commas.
fn chosen<'s>(state: &'s State, namespace: &str, request: &Request) -> impl Iterator<Item = &'s Running> {
    let labels: Vec<(String, String)> = request
        .all("labelSelector")
        .flat_map(|selector| selector.split(','))
        .filter_map(|part| part.split_once('=').map(|(label, value)| (label.to_owned(), value.to_owned())))
        .collect();
    let here = namespace == NAMESPACE;
    state
        .pods
        .iter()
        .filter(move |pod| here && labels.iter().all(|(label, value)| pod.is_labelled(label, value)))
}

fn metrics(state: &State, pod: &Running) -> Option<Value> {
    let (_, used) = state.memory.iter().find(|(name, _)| name == pod.name())?;
    let containers = json!([{ "name": "app", "usage": { "cpu": "12m", "memory": format!("{used}Mi") } }]);
    Some(
        json!({ "metadata": { "name": pod.name(), "namespace": NAMESPACE }, "timestamp": "2026-11-30T12:00:00Z",
        "window": "30s", "containers": containers }),
    )
}

fn deployment(state: &State, name: &str) -> Answer {
    let Some((name, label)) = state.deployments.iter().find(|(known, _)| known == name) else {
        return not_found("deployments.apps", name);
    };
    let (key, value) = label.split_once('=').unwrap_or((label, ""));
    let body = json!({ "kind": "Deployment", "apiVersion": "apps/v1",
        "metadata": { "name": name, "namespace": NAMESPACE }, "spec": { "selector": { "matchLabels": { key: value } } } });
    (200, body)
}

/// An answer, where this user may not.
pub(super) fn allowed(
    state: &State,
    verb: &str,
    resource: &str,
    name: &str,
    namespace: &str,
) -> Option<Answer> {
    let may_not = |(known, of): &(String, String)| known == verb && of == resource;
    state.forbidden.iter().any(may_not).then(|| {
        let kind = resource.split('/').next().unwrap_or_default();
        let what = if name.is_empty() { kind.to_owned() } else { format!("{kind} \"{name}\"") };
        let message = format!(
            "{what} is forbidden: User \"dev\" cannot {verb} resource \"{resource}\" in API group \"\" in the namespace \"{namespace}\""
        );
        status(403, "Forbidden", &message)
    })
}

pub(super) fn not_found(kind: &str, name: &str) -> Answer {
    let (code, mut body) = status(404, "NotFound", &format!("{kind} \"{name}\" not found"));
    body["details"] = json!({ "name": name, "kind": kind });
    (code, body)
}

pub(super) fn status(code: u16, reason: &str, message: &str) -> Answer {
    let body = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
        "reason": reason, "code": code });
    (code, body)
}
