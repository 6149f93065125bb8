//! Which pod, and which of its containers.
//!
//! Of several pods that are ready, the one that leaks is best looked for where most memory is: by `kubectl top pod`, if the cluster has
//! metrics. Else it is the one that was restarted most, for what leaks gets killed; and else the oldest, which has leaked for longest.

use std::cmp::Reverse;

use super::pod::{Pod, Pods, asked, got, missing};
use super::words::recognise_of;
use super::{Cluster, KubeName, Kubectl, Selector, Target};
use crate::no_place::NoPod;
use crate::output::Recognise;
use crate::tail::clean;
use crate::{Environment, Error};

const HINT: &str = "install kubectl: https://kubernetes.io/docs/tasks/tools/";
/// By which a pod says where people want to be.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";
/// How many pods an error lists.
const MOST_PODS: usize = 5;

/// Is there a process that runs Node.js? It looks, and no more.
const LOOK: &str = "for p in /proc/[0-9]*; do case $(readlink $p/exe 2>/dev/null) in */node|*/nodejs) echo node; break;; esac; done";

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What leads to the pod.
    pub target: Target,
    /// The namespace, where it is not that of the context.
    pub namespace: Option<KubeName>,
    /// The container, where one was named.
    pub container: Option<KubeName>,
    /// The cluster.
    pub cluster: Cluster,
}

/// Where kubectl is.
pub(super) fn program(environment: &Environment) -> Result<String, Error> {
    let missing = |_| Error::ToolMissing { tool: "kubectl".into(), path: None, hint: HINT };
    let found = which::which_in("kubectl", environment.get("PATH"), ".").map_err(missing)?;
    Ok(found.display().to_string())
}

/// Finds the one container of the one pod.
///
/// # Errors
/// [`Error::ToolMissing`]; [`Error::Pod`] where there is none, none that runs, or more than one container that could be meant.
pub async fn choose(asked: Asked, environment: &Environment) -> Result<Kubectl, Error> {
    program(environment)?;
    let mut asked = asked;
    // Side by side: each takes a start of kubectl. What becomes the current one in that moment, the preflight looks at once more.
    let (context, found) = tokio::join!(context(&asked.cluster, environment), asked.found(environment));
    asked.cluster.context = context;
    let (pod, chosen) = found?;
    let namespace: KubeName = pod.metadata.namespace.parse()?;
    let name: KubeName = pod.metadata.name.parse()?;
    let container = asked.container_of(&pod, &namespace, &name, environment).await?;
    Ok(Kubectl { cluster: asked.cluster, namespace, pod: name, container, chosen })
}

/// The context that was named, or else the current one, by its name: whatever becomes the current one later, the hunt's way out leads to
/// the same cluster.
async fn context(cluster: &Cluster, environment: &Environment) -> Option<super::ContextName> {
    if cluster.context.is_some() {
        return cluster.context.clone();
    }
    let none: Recognise = std::sync::Arc::new(|_: &str| None);
    // Within a pod there is none, and none is needed.
    let answer = asked(cluster, None, &["config", "current-context"], &none, environment).await.ok()?;
    answer.trim().parse().ok()
}

impl Asked {
    /// In words.
    fn place(&self) -> String {
        let what = match &self.target {
            Target::Pod(name) => format!("pod {name}"),
            Target::Workload { kind, name } => format!("{kind} {name}"),
            Target::Selector(selector) => format!("the selector {selector}"),
        };
        match &self.namespace {
            Some(namespace) => format!("{what} in the namespace {namespace}"),
            None => what,
        }
    }

    fn recognise(&self) -> Recognise {
        recognise_of(self.place(), self.container.as_ref().map(ToString::to_string).unwrap_or_default())
    }

    fn error(&self, why: NoPod) -> Error {
        Error::Pod { place: self.place(), why }
    }

    /// The pod, and why it is that.
    async fn found(&self, environment: &Environment) -> Result<(Pod, Option<String>), Error> {
        match &self.target {
            Target::Pod(name) => Ok((self.pod(name, environment).await?, None)),
            Target::Workload { kind, name } => {
                let selector = self.selector_of(kind, name, environment).await?;
                self.best(&selector, environment).await
            }
            Target::Selector(selector) => self.best(selector, environment).await,
        }
    }

    async fn got<T: serde::de::DeserializeOwned>(
        &self,
        args: &[&str],
        environment: &Environment,
    ) -> Result<T, Error> {
        let namespace = self.namespace.as_ref();
        match got(&self.cluster, namespace, args, &self.recognise(), environment).await {
            Err(Error::Pod { why: NoPod::Missing { .. }, .. }) => {
                Err(missing(&self.cluster, namespace, self.place(), environment).await)
            }
            got => got,
        }
    }

    async fn pod(&self, name: &KubeName, environment: &Environment) -> Result<Pod, Error> {
        self.got(&["get", "pod", name.as_str()], environment).await
    }

    /// The labels by which a workload finds its pods.
    async fn selector_of(
        &self,
        kind: &str,
        name: &KubeName,
        environment: &Environment,
    ) -> Result<Selector, Error> {
        let workload: serde_json::Value = self.got(&["get", kind, name.as_str()], environment).await?;
        let none = || self.error(NoPod::NoneRuns { states: Vec::new() });
        selector(&workload["spec"]["selector"]).ok_or_else(none)?.parse()
    }

    /// The best of those with these labels, and why it is.
    async fn best(
        &self,
        selector: &Selector,
        environment: &Environment,
    ) -> Result<(Pod, Option<String>), Error> {
        let with = format!("--selector={selector}");
        let Pods { items } = self.got(&["get", "pods", &with], environment).await?;
        let all = items.len();
        let (running, others): (Vec<Pod>, Vec<Pod>) = items.into_iter().partition(Pod::is_running);
        let (ready, unready): (Vec<Pod>, Vec<Pod>) = running.into_iter().partition(Pod::is_ready);
        let (word, candidates) = if ready.is_empty() { ("running", unready) } else { ("ready", ready) };
        if candidates.is_empty() {
            let state = |pod: &Pod| {
                let state = pod.down(None).unwrap_or_else(|| "not running".to_owned());
                format!("{} is {state}", clean(&pod.metadata.name, 80))
            };
            let states = others.iter().take(MOST_PODS).map(state).collect();
            return Err(self.error(NoPod::NoneRuns { states }));
        }
        let memory = if candidates.len() == 1 { None } else { self.memory(&with, environment).await };
        Ok(choice(candidates, all, word, memory.as_deref()))
    }

    /// What each pod uses, as far as the cluster knows it.
    async fn memory(&self, with: &str, environment: &Environment) -> Option<Vec<(String, u64)>> {
        let none: Recognise = std::sync::Arc::new(|_: &str| None);
        let args = ["top", "pod", "--no-headers", with];
        let table = asked(&self.cluster, self.namespace.as_ref(), &args, &none, environment).await.ok()?;
        let known: Vec<(String, u64)> = table.lines().filter_map(used).collect();
        (!known.is_empty()).then_some(known)
    }

    async fn container_of(
        &self,
        pod: &Pod,
        namespace: &KubeName,
        name: &KubeName,
        environment: &Environment,
    ) -> Result<KubeName, Error> {
        let has: Vec<String> = pod.containers().into_iter().map(str::to_owned).collect();
        let place = format!("pod {name} in the namespace {namespace}");
        let refused = |why: NoPod| Error::Pod { place: place.clone(), why };
        if let Some(container) = &self.container {
            return match pod.has(container.as_str()) {
                true => Ok(container.clone()),
                false => Err(refused(NoPod::NoContainer { name: container.to_string(), has })),
            };
        }
        let by_default = pod.metadata.annotations.get(DEFAULT_CONTAINER).filter(|name| pod.has(name));
        match (has.as_slice(), by_default) {
            ([only], _) => return only.parse(),
            (_, Some(name)) => return name.parse(),
            _ => {}
        }
        if let Some(state) = pod.down(None).filter(|_| !pod.is_running()) {
            return Err(refused(NoPod::Down { state }));
        }
        let mut with_node = Vec::new();
        for one in &has {
            // Where there is no shell, it cannot be hunted there either.
            let container = format!("--container={one}");
            let args = ["exec", name.as_str(), &container, "--", "sh", "-c", LOOK];
            let recognise = recognise_of(place.clone(), one.clone());
            match asked(&self.cluster, Some(namespace), &args, &recognise, environment).await {
                Ok(seen) if seen.trim() == "node" => with_node.push(one.clone()),
                Err(error @ Error::Pod { why: NoPod::Forbidden { .. }, .. }) => return Err(error),
                _ => {}
            }
        }
        match with_node.as_slice() {
            [one] => one.parse(),
            _ => Err(refused(NoPod::Which { has, with_node })),
        }
    }
}

/// One of at least one.
fn choice(
    candidates: Vec<Pod>,
    all: usize,
    word: &str,
    memory: Option<&[(String, u64)]>,
) -> (Pod, Option<String>) {
    let mut candidates = candidates;
    let count = candidates.len();
    let used = |pod: &Pod| {
        memory
            .and_then(|known| known.iter().find(|(name, _)| *name == pod.metadata.name))
            .map(|(_, used)| *used)
    };
    // The first of them is it; those of which nothing is known come last.
    let of = |pod: &Pod| (used(pod), pod.restarts());
    candidates
        .sort_by(|a, b| (Reverse(of(a)), &a.status.start_time).cmp(&(Reverse(of(b)), &b.status.start_time)));
    let best = candidates.swap_remove(0);
    let name = clean(&best.metadata.name, 80);
    let why = match (used(&best), best.restarts()) {
        _ if count == 1 && all == 1 => return (best, None),
        _ if count == 1 => format!("{name}: the only one of {all} pods that is {word}"),
        (Some(used), _) => {
            let mebibytes = used >> 20;
            format!("{name}, of {count} pods that are {word}: the most memory, {mebibytes}Mi (kubectl top)")
        }
        (None, 0) => {
            format!("{name}, of {count} pods that are {word}: the oldest (the cluster gives no metrics)")
        }
        (None, restarts) => format!(
            "{name}, of {count} pods that are {word}: the most restarts, {restarts} (the cluster gives no metrics)"
        ),
    };
    (best, Some(why))
}

/// A line of `kubectl top pod`: name, CPU, memory.
fn used(line: &str) -> Option<(String, u64)> {
    let mut fields = line.split_whitespace();
    let (name, _, memory) = (fields.next()?, fields.next()?, fields.next()?);
    let digits = memory.trim_end_matches(|c: char| !c.is_ascii_digit());
    let shift = match &memory[digits.len()..] {
        "Ki" => 10,
        "Mi" => 20,
        "Gi" => 30,
        "" => 0,
        _ => return None,
    };
    Some((name.to_owned(), digits.parse::<u64>().ok()?.checked_mul(1 << shift)?))
}

/// A workload's selector, as kubectl reads one: labels as they are (a service's), or `matchLabels` and `matchExpressions`.
fn selector(of: &serde_json::Value) -> Option<String> {
    let of = of.as_object()?;
    let structured = of.contains_key("matchLabels") || of.contains_key("matchExpressions");
    let labels = if structured { of.get("matchLabels").and_then(|it| it.as_object()) } else { Some(of) };
    let mut parts: Vec<String> = Vec::new();
    for (label, value) in labels.into_iter().flatten() {
        parts.push(format!("{label}={}", value.as_str()?));
    }
    if structured {
        for expression in of.get("matchExpressions").and_then(|it| it.as_array()).into_iter().flatten() {
            let key = expression["key"].as_str()?;
            let values: Vec<&str> =
                expression["values"].as_array().into_iter().flatten().filter_map(|it| it.as_str()).collect();
            let values = values.join(",");
            parts.push(match expression["operator"].as_str()? {
                "In" => format!("{key} in ({values})"),
                "NotIn" => format!("{key} notin ({values})"),
                "Exists" => key.to_owned(),
                "DoesNotExist" => format!("!{key}"),
                _ => return None,
            });
        }
    }
    (!parts.is_empty()).then(|| parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(name: &str, restarts: u32, since: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": name },
            "status": { "phase": "Running", "startTime": since,
                "containerStatuses": [{ "name": "app", "restartCount": restarts }] },
        }))
        .unwrap()
    }

    #[track_caller]
    fn check(pods: &[(&str, u32, &str)], memory: Option<&[(String, u64)]>, expected: &str) {
        let pods: Vec<Pod> = pods.iter().map(|(name, restarts, since)| pod(name, *restarts, since)).collect();
        let all = pods.len();
        let (chosen, why) = choice(pods, all, "ready", memory);
        assert_eq!(why.unwrap(), expected);
        assert!(expected.starts_with(&chosen.metadata.name));
    }

    #[test]
    fn the_most_memory_then_the_most_restarts_then_the_oldest() {
        let pods = [
            ("a", 0, "2026-11-30T01:00:00Z"),
            ("b", 3, "2026-11-30T02:00:00Z"),
            ("c", 0, "2026-11-29T00:00:00Z"),
        ];
        let memory = [("a".to_owned(), 200 << 20), ("b".to_owned(), 100 << 20)];
        check(&pods, Some(&memory), "a, of 3 pods that are ready: the most memory, 200Mi (kubectl top)");
        check(
            &pods,
            None,
            "b, of 3 pods that are ready: the most restarts, 3 (the cluster gives no metrics)",
        );
        let fresh = [pods[0], pods[2]];
        check(&fresh, None, "c, of 2 pods that are ready: the oldest (the cluster gives no metrics)");
        let (only, why) = choice(vec![pod("a", 0, "")], 1, "ready", None);
        assert_eq!((only.metadata.name.as_str(), why), ("a", None));
        let (_, why) = choice(vec![pod("a", 0, "")], 2, "ready", None);
        assert_eq!(why.as_deref(), Some("a: the only one of 2 pods that is ready"));
    }

    #[test]
    fn a_line_of_top_is_read() {
        assert_eq!(used("shop-1   12m   312Mi"), Some(("shop-1".into(), 312 << 20)));
        assert_eq!(used("shop-1 1 2Gi"), Some(("shop-1".into(), 2 << 30)));
        assert_eq!(used("shop-1 <unknown> <unknown>"), None);
        assert_eq!(used("error: Metrics API not available"), None);
    }

    #[test]
    fn a_selector_is_written_as_kubectl_reads_it() {
        let labels = json!({ "matchLabels": { "app": "shop" }, "matchExpressions": [
            { "key": "tier", "operator": "In", "values": ["web", "api"] }, { "key": "old", "operator": "DoesNotExist" } ] });
        assert_eq!(selector(&labels).as_deref(), Some("app=shop,tier in (web,api),!old"));
        assert_eq!(selector(&json!({ "app": "shop" })).as_deref(), Some("app=shop"));
        assert_eq!(selector(&json!({})), None);
        assert_eq!(selector(&json!(null)), None);
    }
}
