//! A container of a pod, through the kubectl of whoever hunts.
//!
//! `choose` finds the one pod and the one container that are meant, before anything else is asked; what is named from then on, in the
//! journal too, is that pod in that namespace of that context, whatever a kubeconfig's current context becomes meanwhile.

mod choose;
mod end;
mod names;
mod pod;
mod survey;
mod words;

use std::path::PathBuf;

pub use choose::{Asked, choose};
pub(super) use end::ended;
pub use names::{ContextName, KubeName, Selector, Target};
pub(super) use survey::survey;
pub(super) use words::recognise;

use super::template::ExecTemplate;

/// Which cluster, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cluster {
    /// The context; kubectl's own current one where there is none, as within a pod.
    pub context: Option<ContextName>,
    /// The file that has it, where it is not where kubectl looks.
    pub kubeconfig: Option<PathBuf>,
}

/// One container of one pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kubectl {
    /// The cluster.
    pub cluster: Cluster,
    /// The namespace.
    pub namespace: KubeName,
    /// The pod.
    pub pod: KubeName,
    /// The container.
    pub container: KubeName,
    /// Why this one, where it was chosen among others.
    pub chosen: Option<String>,
}

impl Cluster {
    /// kubectl's words for it.
    fn words(&self) -> Vec<String> {
        let file = self.kubeconfig.iter().map(|file| format!("--kubeconfig={}", file.display()));
        file.chain(self.context.iter().map(|context| format!("--context={context}"))).collect()
    }
}

impl Kubectl {
    /// How a command is run in it.
    #[must_use]
    pub fn template(&self) -> ExecTemplate {
        let mut words = vec!["kubectl".to_owned()];
        words.extend(self.cluster.words());
        words.push(format!("--namespace={}", self.namespace));
        words.extend(["exec", "-i"].map(str::to_owned));
        words.extend([self.pod.to_string(), format!("--container={}", self.container)]);
        words.extend(["--", "sh", "-c", "{}"].map(str::to_owned));
        ExecTemplate::of(words)
    }

    /// The options that lead to it, pod apart.
    #[must_use]
    pub fn options(&self) -> Vec<String> {
        let mut options =
            vec![format!("--namespace={}", self.namespace), format!("--container={}", self.container)];
        options.extend(self.cluster.words());
        options
    }

    pub(super) fn describe(&self) -> String {
        format!("container {} of {}", self.container, self.place())
    }

    fn place(&self) -> String {
        format!("pod {} in the namespace {}", self.pod, self.namespace)
    }
}
