//! Which crate may depend on which, and what a crate's charter keeps out of it.

use std::collections::BTreeSet;

use anyhow::Context;
use serde_json::Value;

/// The edges that are allowed between the crates of this workspace: who, on whom. ARCHITECTURE.md draws them.
const ALLOWED: &[(&str, &[&str])] = &[
    ("leakhunt-heap", &[]),
    ("leakhunt-profile", &[]),
    ("leakhunt-text", &[]),
    ("leakhunt-files", &[]),
    ("leakhunt-inspector", &[]),
    ("leakhunt-host", &["leakhunt-text"]),
    ("leakhunt-diagnosis", &["leakhunt-heap", "leakhunt-profile", "leakhunt-text"]),
    ("leakhunt-report", &["leakhunt-diagnosis", "leakhunt-heap", "leakhunt-text"]),
    ("leakhunt-capture", &["leakhunt-files", "leakhunt-host", "leakhunt-inspector", "leakhunt-text"]),
    ("leakhunt-incident", &["leakhunt-files", "leakhunt-host", "leakhunt-text"]),
    (
        "leakhunt",
        &[
            "leakhunt-capture",
            "leakhunt-diagnosis",
            "leakhunt-files",
            "leakhunt-heap",
            "leakhunt-host",
            "leakhunt-incident",
            "leakhunt-report",
            "leakhunt-text",
        ],
    ),
    ("leakhunt-rig", &[]),
    ("xtask", &[]),
];

/// What only the tests of a crate may depend on. Those of heap want its own snapshots made by hand, a feature that is off.
const ALLOWED_IN_TESTS: &[(&str, &[&str])] = &[
    ("leakhunt", &["leakhunt-rig"]),
    ("leakhunt-heap", &["leakhunt-heap"]),
    ("leakhunt-host", &["leakhunt-rig"]),
];

/// Crates of others that a charter keeps out, with the reason that a failure prints.
const KEPT_OUT: &[(&str, &[&str], &str)] = &[
    (
        "leakhunt-heap",
        &["tokio", "clap", "ureq", "ssh2", "indicatif", "jiff", "anstream"],
        "heap is pure: bytes in, facts out",
    ),
    (
        "leakhunt-profile",
        &["tokio", "clap", "ureq", "ssh2", "indicatif", "jiff", "anstream"],
        "profile is pure: bytes in, facts out",
    ),
    (
        "leakhunt-diagnosis",
        &["tokio", "clap", "ureq", "ssh2", "indicatif", "jiff", "anstream"],
        "diagnosis is pure: facts in, a judgement out",
    ),
    (
        "leakhunt-capture",
        &["clap", "indicatif", "ssh2", "ureq", "anstream"],
        "capture emits events and never draws",
    ),
    ("leakhunt-inspector", &["clap", "indicatif", "ssh2", "ureq"], "inspector is given a connected stream"),
    ("leakhunt-host", &["clap", "indicatif", "tokio-tungstenite"], "host runs and forwards, nothing else"),
    (
        "leakhunt-incident",
        &["clap", "indicatif", "ssh2", "ureq", "anstream", "annotate-snippets"],
        "incident decides, and never draws",
    ),
    (
        "leakhunt-text",
        &["tokio", "clap", "ureq", "indicatif", "anstream"],
        "text is pure, and below everything",
    ),
    ("leakhunt-report", &["tokio", "clap", "ureq", "indicatif"], "report writes findings, nothing else"),
];

/// What stands against the rules in the output of `cargo metadata`, and how many edges there are between our crates.
pub(super) fn check(metadata: &Value) -> anyhow::Result<(Vec<String>, usize)> {
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut found = Vec::new();
    let mut edges = 0;
    for package in packages {
        let name = package["name"].as_str().context("a package without a name")?;
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let on = dependency["name"].as_str().context("a dependency without a name")?;
            let in_tests = dependency["kind"] == "dev";
            if ours.contains(on) {
                edges += 1;
                let lists = if in_tests { &[ALLOWED, ALLOWED_IN_TESTS][..] } else { &[ALLOWED] };
                if !lists.iter().any(|list| has(list, name, on)) {
                    found.push(format!(
                        "{name} depends on {on}: xtask/src/tidy/crates.rs does not allow this edge"
                    ));
                }
            }
            let kept_out = KEPT_OUT.iter().find(|(krate, list, _)| *krate == name && list.contains(&on));
            if let Some((.., reason)) = kept_out.filter(|_| !in_tests) {
                found.push(format!("{name} depends on {on}: {reason}"));
            }
        }
    }
    Ok((found, edges))
}

fn has(list: &[(&str, &[&str])], from: &str, to: &str) -> bool {
    list.iter().any(|(krate, on)| *krate == from && on.contains(&to))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is found where a crate has this one dependency.
    fn of(krate: &str, on: &str, kind: &Value) -> Vec<String> {
        let package = |name: &str| json!({ "name": name, "dependencies": [] });
        let mut packages: Vec<Value> = ALLOWED.iter().map(|(name, _)| package(name)).collect();
        let at = ALLOWED.iter().position(|(name, _)| *name == krate).expect("a crate of ours");
        packages[at]["dependencies"] = json!([{ "name": on, "kind": kind }]);
        check(&json!({ "packages": packages })).expect("metadata").0
    }

    #[test]
    fn an_edge_that_is_not_listed() {
        assert_eq!(of("leakhunt-capture", "leakhunt-heap", &Value::Null).len(), 1);
        assert_eq!(of("leakhunt-heap", "leakhunt-text", &json!("build")).len(), 1);
        assert_eq!(of("leakhunt-host", "leakhunt-rig", &Value::Null).len(), 1, "in tests only");
    }

    #[test]
    fn an_edge_that_is_listed() {
        assert!(of("leakhunt-capture", "leakhunt-host", &Value::Null).is_empty());
        assert!(of("leakhunt-host", "leakhunt-rig", &json!("dev")).is_empty());
    }

    #[test]
    fn what_a_charter_keeps_out() {
        assert_eq!(
            of("leakhunt-heap", "tokio", &Value::Null),
            ["leakhunt-heap depends on tokio: heap is pure: bytes in, facts out"]
        );
        assert!(of("leakhunt-heap", "tokio", &json!("dev")).is_empty());
        assert!(of("leakhunt-host", "tokio", &Value::Null).is_empty());
    }
}
