//! What a program can check of the house's invariants and clippy cannot: who may depend on whom, who may do I/O, that
//! nothing of one machine is in the tree, and that the tests of SECURITY.md are there.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::{setup, tools};

/// Direct dependencies that a crate of the house must never get, with the reason that a failure prints.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (
        "leakhunt-heap",
        &["tokio", "clap", "ureq", "ssh2", "indicatif", "jiff"],
        "heap is pure: bytes in, facts out",
    ),
    ("leakhunt-diagnosis", &["tokio", "clap", "ureq", "ssh2", "indicatif", "jiff"], "diagnosis is pure"),
    (
        "leakhunt-capture",
        &["leakhunt-heap", "leakhunt-diagnosis", "clap", "indicatif", "ssh2", "ureq"],
        "a hunt ends with files",
    ),
    (
        "leakhunt-inspector",
        &["leakhunt-host", "clap", "indicatif", "ssh2"],
        "inspector is given a connected stream",
    ),
    (
        "leakhunt-host",
        &["leakhunt-inspector", "clap", "indicatif", "tokio-tungstenite"],
        "host runs and forwards, nothing else",
    ),
    (
        "leakhunt-text",
        &[
            "tokio",
            "clap",
            "ureq",
            "indicatif",
            "anstream",
            "leakhunt-heap",
            "leakhunt-diagnosis",
            "leakhunt-report",
        ],
        "text is pure, and below everything",
    ),
    ("leakhunt-report", &["tokio", "clap", "ureq", "indicatif"], "report writes findings, nothing else"),
];

/// Words that only some crates may use in their sources: the word, the folders allowed, the reason.
const WORDS: &[(&str, &[&str], &str)] = &[
    ("std::env::", &["crates/cli/src"], "only cli reads the environment"),
    ("process::exit", &["crates/cli/src/main.rs"], "only main ends the process"),
    ("anstream::", &["crates/cli/src/terminal.rs"], "lines for people go through terminal.rs"),
    ("std::io::stdout()", &["crates/cli/src/terminal.rs"], "what is printed goes through terminal.rs"),
    ("set_message", &["crates/cli/src/progress.rs"], "the live line is written in one place"),
    (
        "serde_json::to_",
        &["crates/inspector/src/wire.rs", "crates/heap/src/interfaces.rs"],
        "JSON that somebody may look at is written by leakhunt_text::json",
    ),
    // browser.rs is a test from its first line: its module is declared under cfg(test).
    ("process::Command", &["crates/host", "crates/report/src/html/browser.rs"], "only host starts processes"),
];

/// Files longer than this are a sign of a crowded room.
const LONGEST_FILE: usize = 700;

pub(crate) fn run() -> anyhow::Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    let mut found = Vec::new();
    dependencies(&sh, &mut found)?;
    sources(&sh, &mut found)?;
    promises(&sh, &mut found)?;
    if !found.is_empty() {
        bail!("tidy found {}:\n  {}", found.len(), found.join("\n  "));
    }
    deny(&sh)
}

fn dependencies(sh: &Shell, found: &mut Vec<String>) -> anyhow::Result<()> {
    let metadata = cmd!(sh, "cargo metadata --format-version 1 --no-deps --locked").quiet().read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    for package in metadata["packages"].as_array().context("cargo metadata names no packages")? {
        let name = package["name"].as_str().unwrap_or_default();
        let normal: BTreeSet<&str> = package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dependency| dependency["kind"].is_null())
            .filter_map(|dependency| dependency["name"].as_str())
            .collect();
        for (_, banned, reason) in FORBIDDEN.iter().filter(|(krate, ..)| *krate == name) {
            for dependency in banned.iter().filter(|banned| normal.contains(*banned)) {
                found.push(format!("{name} depends on {dependency}: {reason}"));
            }
        }
    }
    Ok(())
}

fn sources(sh: &Shell, found: &mut Vec<String>) -> anyhow::Result<()> {
    let files = cmd!(sh, "git ls-files -- *.rs").quiet().read()?;
    for file in files.lines() {
        let Ok(text) = sh.read_file(file) else { continue };
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            found.push(format!("{file}: {lines} lines; split it by what it is about"));
        }
        if !is_product(file) {
            continue;
        }
        let code = product_code(&text);
        for (word, allowed, reason) in WORDS {
            if code.contains(word) && !allowed.iter().any(|folder| file.starts_with(folder)) {
                found.push(format!("{file}: uses {word}: {reason}"));
            }
        }
    }
    Ok(())
}

/// Each test that SECURITY.md names, as `file::test`, is there.
fn promises(sh: &Shell, found: &mut Vec<String>) -> anyhow::Result<()> {
    let files = cmd!(sh, "git ls-files -- *.rs").quiet().read()?;
    let text = sh.read_file("SECURITY.md")?;
    // What stands between two backticks is every second part.
    for (module, test) in text.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::")) {
        let holds = |file: &str| {
            file.ends_with(&format!("/{module}.rs"))
                && sh.read_file(file).is_ok_and(|text| text.contains(&format!("fn {test}(")))
        };
        if !files.lines().any(holds) {
            found.push(format!("SECURITY.md: no file {module}.rs has a test {test}"));
        }
    }
    Ok(())
}

/// Tests, examples and tasks may do what the product may not.
fn is_product(file: &str) -> bool {
    file.starts_with("crates/")
        && !["/tests/", "/examples/", "/fuzz/"].iter().any(|folder| file.contains(folder))
}

/// The text without comments and without the tests at its end.
fn product_code(text: &str) -> String {
    let end = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|start| text.find(start)).min();
    text[..end.unwrap_or(text.len())].lines().filter(|line| !line.trim_start().starts_with("//")).collect()
}

/// Licences, bans and sources of all dependencies, by the rules of deny.toml. Advisories need a network: see CI's workflow.
fn deny(sh: &Shell) -> anyhow::Result<()> {
    let root = setup::cargo_deny(sh)?;
    let program = root.join("bin/cargo-deny");
    cmd!(sh, "{program} --log-level error check --hide-inclusion-graph bans licenses sources")
        .quiet()
        .run()?;
    Ok(())
}
