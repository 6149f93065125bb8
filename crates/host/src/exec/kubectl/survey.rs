//! What the API server says of a pod. It is asked, and nothing is run in it.

use std::time::Instant;

use super::pod::{ContainerStatus, Pod, got, missing};
use super::words::recognise;
use super::{Kubectl, choose};
use crate::exec::life::Life;
use crate::findings::{Check, Findings, Source};
use crate::no_place::NoPod;
use crate::tail::clean;
use crate::{Environment, Error};

pub(crate) async fn survey(kubectl: &Kubectl, environment: &Environment) -> Result<Findings<Life>, Error> {
    let start = Instant::now();
    let program = choose::program(environment)?;
    let mut checks = vec![Check::new("program", program, Source::Host, start.elapsed())];
    let asked = Instant::now();
    let pod = match look(kubectl, environment).await {
        Err(Error::Pod { why: NoPod::Missing { .. }, .. }) => {
            return Err(
                missing(&kubectl.cluster, Some(&kubectl.namespace), kubectl.place(), environment).await
            );
        }
        pod => pod?,
    };
    let status = pod.status_of(kubectl.container.as_str());
    let life = life(&pod, status);
    let state = pod.down(Some(kubectl.container.as_str()));
    checks.push(Check::new("pod", told(kubectl, &pod, state.as_deref()), Source::Api, asked.elapsed()));
    if let Some(why) = &kubectl.chosen {
        checks.push(Check::new("chosen", why.clone(), Source::Api, asked.elapsed()));
    }
    let refusal = match state {
        Some(state) => Some(NoPod::Down { state }),
        None if pod.has(kubectl.container.as_str()) => None,
        None => Some(NoPod::NoContainer {
            name: kubectl.container.to_string(),
            has: pod.containers().into_iter().map(str::to_owned).collect(),
        }),
    };
    let refusals = refusal.map(|why| Error::Pod { place: kubectl.place(), why }).into_iter().collect();
    Ok(Findings { facts: life, checks, warnings: Vec::new(), refusals, took: start.elapsed() })
}

/// The pod as it is now.
pub(super) async fn look(kubectl: &Kubectl, environment: &Environment) -> Result<Pod, Error> {
    let args = ["get", "pod", kubectl.pod.as_str()];
    got(&kubectl.cluster, Some(&kubectl.namespace), &args, &recognise(kubectl), environment).await
}

fn life(pod: &Pod, status: Option<&ContainerStatus>) -> Life {
    let since = status.and_then(|one| one.state.running.as_ref()).map(|one| one.started_at.clone());
    Life {
        place: pod.metadata.uid.clone(),
        run: status.and_then(|one| one.container_id.clone()).unwrap_or_default(),
        since: clean(&since.unwrap_or_default(), 40),
    }
}

fn told(kubectl: &Kubectl, pod: &Pod, state: Option<&str>) -> String {
    let mut told = format!("{} in {}, container {}", kubectl.pod, kubectl.namespace, kubectl.container);
    match (state, pod.status_of(kubectl.container.as_str())) {
        (Some(state), _) => told.push_str(&format!(": {state}")),
        (None, Some(status)) => {
            let since = status.state.running.as_ref().map_or("", |one| one.started_at.as_str());
            told.push_str(&format!(": running since {}", clean(since, 40)));
            match status.restart_count {
                0 => {}
                1 => told.push_str(", restarted once"),
                count => told.push_str(&format!(", restarted {count} times")),
            }
            if !pod.is_ready() {
                told.push_str(", not ready");
            }
        }
        (None, None) => {}
    }
    if let Some(node) = &pod.spec.node_name {
        told.push_str(&format!(", on node {}", clean(node, 80)));
    }
    told
}
