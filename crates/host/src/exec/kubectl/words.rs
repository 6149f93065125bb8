//! The words by which kubectl's refusals are known: those of kubectl 1.34 and of the API server behind it, of containerd and CRI-O.

use std::sync::Arc;

use super::Kubectl;
use crate::Error;
use crate::no_place::NoPod;
use crate::output::Recognise;
use crate::tail::clean;

/// Recognises a refusal in a line of what kubectl prints.
pub(crate) fn recognise(kubectl: &Kubectl) -> Recognise {
    recognise_of(kubectl.place(), kubectl.container.to_string())
}

/// The same of a place that is only asked for.
pub(super) fn recognise_of(place: String, container: String) -> Recognise {
    Arc::new(move |line| {
        let why = refusal(line, &container)?;
        Some(Error::Pod { place: place.clone(), why })
    })
}

fn refusal(line: &str, container: &str) -> Option<NoPod> {
    let has = |words: &str| line.contains(words);
    let after = |words: &str| line.split_once(words).map_or(line, |(_, rest)| rest);
    let detail = |text: &str| leakhunt_text::cut(&clean(text.trim(), 300));
    if has("Error from server (NotFound)") {
        Some(NoPod::Missing { there: Vec::new() })
    } else if has("Error from server (Forbidden)") || (has("is forbidden: User") && has(" cannot ")) {
        let said = after("is forbidden: ");
        let verb = said.split_once(" cannot ").and_then(|(_, rest)| rest.split(' ').next());
        let resource = said.split_once("resource \"").and_then(|(_, rest)| rest.split('"').next());
        Some(NoPod::Forbidden {
            verb: clean(verb.unwrap_or("create"), 40),
            resource: clean(resource.unwrap_or("pods/exec"), 80),
            detail: detail(after("(Forbidden): ")),
        })
    } else if has("You must be logged in to the server")
        || has("Error from server (Unauthorized)")
        || has("getting credentials:")
    {
        Some(NoPod::NotLoggedIn { detail: detail(after("error: ")) })
    } else if has("was refused - did you specify the right host or port?")
        || has("Unable to connect to the server")
    {
        Some(NoPod::Unreachable { detail: detail(line) })
    } else if has("context was not found for specified context")
        || (has("error: context \"") && has("does not exist"))
        || has("no configuration has been provided")
        || has("error loading config file")
    {
        Some(NoPod::NoContext { detail: detail(after("error: ")) })
    } else if has("executable file") && has("not found")
        || (has("OCI runtime exec failed") && has("no such file"))
    {
        Some(NoPod::NoShell { container: container.to_owned() })
    } else if has("cannot exec into a container in a completed pod") {
        Some(NoPod::Down { state: "over".into() })
    } else if has("unable to upgrade connection: container not found") || has("does not have a host assigned")
    {
        Some(NoPod::Down { state: "not running".into() })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&NoPod>) {
        assert_eq!(refusal(line, "app").as_ref(), expected, "{line}");
    }

    #[test]
    fn what_kubectl_refuses_with() {
        check(
            "Error from server (NotFound): pods \"nosuch\" not found",
            Some(&NoPod::Missing { there: Vec::new() }),
        );
        let said = "pods \"shop-1\" is forbidden: User \"dev\" cannot create resource \"pods/exec\" in API group \"\" in the \
                    namespace \"prod\"";
        check(
            &format!("Error from server (Forbidden): {said}"),
            Some(&NoPod::Forbidden {
                verb: "create".into(),
                resource: "pods/exec".into(),
                detail: said.into(),
            }),
        );
        check(
            "error: You must be logged in to the server (Unauthorized)",
            Some(&NoPod::NotLoggedIn { detail: "You must be logged in to the server (Unauthorized)".into() }),
        );
        for line in [
            "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?",
            "Unable to connect to the server: dial tcp: lookup shop.example.com: no such host",
        ] {
            check(line, Some(&NoPod::Unreachable { detail: line.into() }));
        }
        let line = "Error in configuration: context was not found for specified context: nosuch";
        check(line, Some(&NoPod::NoContext { detail: line.into() }));
        for line in [
            "error: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \
             \"5f2\": OCI runtime exec failed: exec failed: unable to start container process: exec: \"sh\": executable file not \
             found in $PATH: unknown",
            "error: Internal error occurred: error executing command in container: time=\"2026-11-30T17:35:47Z\" level=error \
             msg=\"exec failed: unable to start container process: exec: \\\"sh\\\": executable file not found in $PATH\"",
        ] {
            check(line, Some(&NoPod::NoShell { container: "app".into() }));
        }
        check(
            "error: unable to upgrade connection: container not found (\"app\")",
            Some(&NoPod::Down { state: "not running".into() }),
        );
    }

    #[test]
    fn what_is_no_refusal() {
        for line in [
            "command terminated with exit code 137",
            "error: websocket: close 1006 (abnormal closure): unexpected EOF",
            "listening on port 3000",
        ] {
            check(line, None);
        }
    }
}
