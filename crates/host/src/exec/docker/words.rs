//! The words by which refusals are known: Docker's, as a daemon of 20.10 and a client of 28 printed them, and those of Podman and of its
//! runtimes, which have not been tried.

use std::sync::Arc;

use super::Docker;
use crate::Error;
use crate::no_place::NoContainer;
use crate::output::Recognise;
use crate::tail::clean;

/// Recognises a refusal in a line of what the program prints.
pub(crate) fn recognise(docker: &Docker) -> Recognise {
    let docker = docker.clone();
    Arc::new(move |line| refusal(line).map(|why| error(&docker, why)))
}

pub(super) fn error(docker: &Docker, why: NoContainer) -> Error {
    Error::Container { engine: docker.engine.program(), container: docker.container.to_string(), why }
}

fn refusal(line: &str) -> Option<NoContainer> {
    let has = |words: &str| line.contains(words);
    let detail = || leakhunt_text::cut(&clean(line, 200));
    if has("No such container")
        || has("No such object")
        || has("no such object")
        || has("no such container")
        || has("no container with name or ID")
    {
        Some(NoContainer::Missing { running: Vec::new() })
    } else if has("is not running") || has("container state improper") {
        Some(NoContainer::Down { state: "not running".into() })
    } else if has("is paused") {
        Some(NoContainer::Down { state: "paused".into() })
    } else if has("is restarting, wait until") {
        Some(NoContainer::Down { state: "restarting".into() })
    } else if has("permission denied while trying to connect") {
        Some(NoContainer::Forbidden { detail: detail() })
    } else if has("Cannot connect to the Docker daemon")
        || has("Cannot connect to Podman")
        || has("cannot access containerd socket")
    {
        Some(NoContainer::Daemon { detail: detail() })
    } else if (has("executable file") && has("not found"))
        || (has("OCI runtime exec failed") && has("no such file"))
    {
        Some(NoContainer::NoShell)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&NoContainer>) {
        assert_eq!(refusal(line).as_ref(), expected, "{line}");
    }

    #[test]
    fn what_docker_refuses_with() {
        let missing = NoContainer::Missing { running: Vec::new() };
        check("Error response from daemon: No such container: nosuch", Some(&missing));
        check("Error: No such object: nosuch", Some(&missing));
        let down = |state: &str| NoContainer::Down { state: state.into() };
        check("Error response from daemon: Container 06db is not running", Some(&down("not running")));
        check(
            "Error response from daemon: Container app1 is paused, unpause the container before exec",
            Some(&down("paused")),
        );
        check(
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"sh\": executable file not found in \
             $PATH: unknown",
            Some(&NoContainer::NoShell),
        );
        let line = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
        check(line, Some(&NoContainer::Daemon { detail: line.into() }));
        assert!(matches!(
            refusal(
                "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock"
            ),
            Some(NoContainer::Forbidden { .. })
        ));
        check("Error: no container with name or ID \"x\" found: no such container", Some(&missing));
        check("listening on port 3000", None);
    }
}
