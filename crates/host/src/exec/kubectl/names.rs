//! Pods, and what leads to them, by their names.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// Whatever a person can name is shorter.
const LONGEST: usize = 1000;

/// A name of Kubernetes: of a pod, a workload, a namespace or a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeName(String);

/// A context of the kubeconfig. Its name can be nearly anything, such as an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextName(String);

/// A label selector, as kubectl reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(String);

/// What leads to a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Itself.
    Pod(KubeName),
    /// What keeps pods running.
    Workload {
        /// Of what kind, by kubectl's word: `deployment`.
        kind: &'static str,
        /// Its name.
        name: KubeName,
    },
    /// Its labels.
    Selector(Selector),
}

/// Each kind that selects pods, by its names: kubectl's first.
const KINDS: [&[&str]; 6] = [
    &["deployment", "deploy", "deployments", "deployments.apps", "deployment.apps"],
    &["statefulset", "sts", "statefulsets", "statefulsets.apps", "statefulset.apps"],
    &["daemonset", "ds", "daemonsets", "daemonsets.apps", "daemonset.apps"],
    &["replicaset", "rs", "replicasets", "replicasets.apps", "replicaset.apps"],
    &["service", "svc", "services"],
    &["job", "jobs", "jobs.batch", "job.batch"],
];
const PODS: [&str; 3] = ["pod", "po", "pods"];

impl KubeName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KubeName {
    type Err = Error;

    /// A DNS subdomain, as Kubernetes has it of all of these.
    fn from_str(text: &str) -> Result<Self, Error> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let valid =
            text.len() <= 253 && text.starts_with(ends) && text.ends_with(ends) && text.chars().all(fits);
        if valid { Ok(Self(text.to_owned())) } else { Err(invalid("Kubernetes", text)) }
    }
}

impl FromStr for ContextName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if is_a_line(text) { Ok(Self(text.to_owned())) } else { Err(invalid("context", text)) }
    }
}

impl FromStr for Selector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if is_a_line(text) { Ok(Self(text.to_owned())) } else { Err(invalid("selector", text)) }
    }
}

impl FromStr for Target {
    type Err = Error;

    /// As kubectl takes it: `NAME`, or `TYPE/NAME`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let Some((kind, name)) = text.split_once('/') else { return Ok(Self::Pod(text.parse()?)) };
        let name = name.parse()?;
        if PODS.contains(&kind) {
            return Ok(Self::Pod(name));
        }
        match KINDS.iter().find(|names| names.contains(&kind)) {
            Some(names) => Ok(Self::Workload { kind: names[0], name }),
            None => Err(invalid("pod, deploy/, sts/, ds/, rs/, svc/ or job/", text)),
        }
    }
}

fn invalid(what: &'static str, value: &str) -> Error {
    Error::InvalidName { what, value: value.to_owned() }
}

fn is_a_line(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control)
}

impl fmt::Display for KubeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ContextName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As kubectl takes it.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod(name) => write!(f, "{name}"),
            Self::Workload { kind, name } => write!(f, "{kind}/{name}"),
            Self::Selector(selector) => write!(f, "-l {selector}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_kubernetes_takes() {
        for good in ["shop", "shop-5d4f8c7b9-x2x7k", "shop.example.com", "0"] {
            assert_eq!(good.parse::<KubeName>().unwrap().to_string(), good);
        }
        for bad in ["", "-it", "Shop", "a b", "a_b", "a;b", "a-", ".a", "é", &"x".repeat(254)] {
            assert!(bad.parse::<KubeName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_target_is_read_as_kubectl_reads_it() {
        let name = || "shop".parse::<KubeName>().unwrap();
        for pod in ["shop", "pod/shop", "po/shop"] {
            assert_eq!(pod.parse::<Target>().unwrap(), Target::Pod(name()), "{pod}");
        }
        for (text, kind) in [("deploy/shop", "deployment"), ("sts/shop", "statefulset"), ("job/shop", "job")]
        {
            assert_eq!(text.parse::<Target>().unwrap(), Target::Workload { kind, name: name() }, "{text}");
        }
        for bad in ["node/shop", "deploy/", "/shop", "deploy/a/b", "deploy/--all"] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_context_can_be_an_arn() {
        for good in ["arn:aws:eks:eu-west-1:1234:cluster/shop", "admin@home"] {
            assert_eq!(good.parse::<ContextName>().unwrap().to_string(), good);
        }
        for bad in ["", "a\nb", &"x".repeat(LONGEST + 1)] {
            assert!(bad.parse::<ContextName>().is_err(), "{bad}");
        }
    }
}
