//! The words by which flyctl's refusals are known: those in its source, which has been read and not been tried.

use std::sync::Arc;

use crate::Error;
use crate::no_place::NoMachine;
use crate::output::Recognise;
use crate::tail::clean;

/// Recognises a refusal in a line of what flyctl prints.
pub(super) fn recognise_of(app: String) -> Recognise {
    Arc::new(move |line| refusal(line).map(|why| Error::Machine { app: app.clone(), why }))
}

fn refusal(line: &str) -> Option<NoMachine> {
    let has = |words: &str| line.contains(words);
    let detail = || {
        let said = line.trim();
        leakhunt_text::cut(&clean(said.strip_prefix("Error: ").unwrap_or(said), 300))
    };
    if has("o access token available") || has("You must be authenticated to view this") {
        Some(NoMachine::NotLoggedIn { detail: detail() })
    } else if has("Could not find App") {
        Some(NoMachine::NoApp)
    } else if has("--machine=\"") && has("not found/started") {
        let id = line.split('"').nth(1).unwrap_or_default();
        Some(NoMachine::Down { id: clean(id, 63), state: "not started".into() })
    } else if has("has no started VMs") {
        Some(NoMachine::NoneStarted { states: Vec::new() })
    } else if has("can't establish agent")
        || has("can't build tunnel")
        || has("tunnel unavailable")
        || has("error connecting to SSH server")
    {
        Some(NoMachine::Unreachable { detail: detail() })
    } else if has("exec: \"sh\": executable file not found") {
        Some(NoMachine::NoShell)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&NoMachine>) {
        assert_eq!(refusal(line).as_ref(), expected, "{line}");
    }

    #[test]
    fn what_flyctl_refuses_with() {
        for login in [
            "No access token available. Please login with 'flyctl auth login'",
            "no access token available. Please login with 'flyctl auth login'",
        ] {
            let expected = NoMachine::NotLoggedIn { detail: login.into() };
            check(&format!("Error: {login}"), Some(&expected));
        }
        check("Error: Could not find App \"x\"", Some(&NoMachine::NoApp));
        check("Error: get app: Could not find App \"x\"", Some(&NoMachine::NoApp));
        check(
            "Error: --machine=\"3d8d9014b32d68\" not found/started",
            Some(&NoMachine::Down { id: "3d8d9014b32d68".into(), state: "not started".into() }),
        );
        check("Error: app shop has no started VMs.", Some(&NoMachine::NoneStarted { states: vec![] }));
        let tunnel = "tunnel unavailable: failed probing \"personal\": context deadline exceeded";
        check(&format!("Error: {tunnel}"), Some(&NoMachine::Unreachable { detail: tunnel.into() }));
        check("exec: \"sh\": executable file not found in $PATH", Some(&NoMachine::NoShell));
        check("Connecting to fdaa:0:1:a7b:1::2... complete", None);
        check("listening on port 3000", None);
    }
}
