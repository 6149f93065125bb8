//! What is wrong with the command line is said before anything is started.

use std::process::Command;

use serde_json::Value;

use crate::support::{Hunt, Ran, scratch};

/// Runs with a PATH on which nothing could be found, so that anything started would fail differently.
fn run(args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    command.env_clear().env("PATH", "/nonexistent");
    Hunt::spawn(command, args, None).end()
}

#[track_caller]
fn check(args: &[&str], flag: &str, message: &str) {
    let ran = run(args);
    ran.code(2).says(flag).says(message).left_nothing_here();
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.events(), "", "nothing was begun");
}

#[test]
fn no_app_at_all() {
    check(&["heroku"], "--app", "no app");
}

#[test]
fn a_size_that_is_none() {
    check(&["heroku", "-a", "x", "--growth", "lots"], "--growth", "2.5MB");
    check(&["heroku", "-a", "x", "--growth", "0MB"], "--growth", "positive");
    check(&["heroku", "-a", "x", "--growth", "5"], "--growth", "5MB for megabytes");
    check(&["heroku", "-a", "x", "--growth", "5XB"], "--growth", "not a unit of size");
}

#[test]
fn a_duration_that_is_none() {
    check(&["heroku", "-a", "x", "--max-wait", "soon"], "--max-wait", "10m");
    check(&["heroku", "-a", "x", "--max-wait", "10"], "--max-wait", "10s for seconds or 10m");
}

#[test]
fn a_number_of_samples_that_is_none() {
    check(&["heroku", "-a", "x", "--samples", "0"], "--samples", "1..=100");
}

#[test]
fn an_app_name_that_no_platform_accepts() {
    check(&["heroku", "-a", "../x; rm"], "app", "not a valid app name");
}

#[test]
fn a_folder_that_cannot_be_written() {
    check(&["heroku", "-a", "x", "--out", "/nonexistent/folder"], "--out", "cannot be written");
}

#[test]
fn an_unknown_flag() {
    check(&["heroku", "-a", "x", "--sample", "3"], "--sample", "--samples");
}

#[test]
fn what_would_do_nothing() {
    check(&["heroku", "-a", "x", "--profile", "sampling", "--samples", "3"], "--samples", "does nothing");
    check(&["heroku", "-a", "x", "--duration", "5s"], "--duration", "--fallback");
    check(&["heroku", "-a", "x", "-q", "-v"], "--quiet", "--verbose");
    check(&["heroku", "-a", "x", "--sources", "nosuch"], "--sources", "No such file");
}

/// With `--json` there is one document on stdout, whatever went wrong; stderr says the same to a person.
#[track_caller]
fn check_json(args: &[&str], code: i32, error: &str, hint: Option<&str>) {
    let ran = run(args);
    ran.code(code).says(error).left_nothing_here();
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    assert_eq!(
        (&document["schema_version"], &document["exit_code"]),
        (&1.into(), &code.into()),
        "{document}"
    );
    assert!(document["error"].as_str().unwrap().contains(error), "{document}");
    match hint {
        Some(hint) => assert!(document["hint"].as_str().unwrap().contains(hint), "{document}"),
        None => assert!(document["hint"].is_null(), "{document}"),
    }
}

#[test]
fn every_failure_is_a_json_document_where_one_is_wanted() {
    check_json(&["heroku", "-a", "x", "--json", "--samples", "0"], 2, "--samples", None);
    check_json(&["heroku", "-a", "x", "--json", "--sample", "3"], 2, "--sample", Some("--samples"));
    check_json(&["heroku", "--json", "-a", "x", "-q", "-v"], 2, "--quiet", None);
    check_json(&["heroku", "-a", "../x", "--json"], 2, "not a valid app name", None);
    check_json(
        &["heroku", "-a", "x", "--no-preload", "--json"],
        21,
        "every interface",
        Some("--accept exposure"),
    );
    check_json(&["heroku", "-a", "x", "--json"], 30, "the Heroku CLI was not found", Some("npm install"));
    check_json(&["doctor", "ssh", "nobody@host:x", "--json"], 2, "host", None);
    check_json(&["cleanup", "--json"], 2, "HOME", None);
    for command in [&["analyze", "nosuch"][..], &["compare", "nosuch", "b"], &["summary", "nosuch"]] {
        check_json(&[command, &["--json"]].concat(), 35, "nosuch", None);
    }
    check_json(&["analyze", "nosuch", "--format", "json"], 35, "nosuch", None);
}

/// A hunt in a folder of its own, on nothing: what is said at its start is said.
fn start_in(prepare: impl FnOnce(&std::path::Path)) -> Ran {
    let scratch = scratch();
    prepare(&scratch.path().join("out"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    // It is no Node.js, so that nothing is done to it.
    let pid = std::process::id().to_string();
    Hunt::spawn_in(scratch, command, &["local", "--pid", &pid], None).end()
}

#[test]
fn a_hunt_without_a_journal_says_so() {
    start_in(|_| {}).code(31).says("no journal can be kept").says("neither XDG_STATE_HOME nor HOME is set");
}

#[test]
fn a_session_folder_that_git_would_take_along() {
    let ran = start_in(|out| std::fs::create_dir(out.join(".git")).unwrap());
    ran.code(31).says("git work tree").says("`leakhunt-*/`").says("--out");
    let ran = start_in(|out| {
        std::fs::create_dir(out.join(".git")).unwrap();
        std::fs::write(out.join(".gitignore"), "leakhunt-*/\n").unwrap();
    });
    assert!(!ran.stderr.contains("work tree"), "{}", ran.stderr);
}

#[test]
fn consent_that_consents_to_nothing() {
    check(&["heroku", "-a", "x", "--accept", "everything"], "--accept", "memory, pause, restart, exposure");
    check(&["heroku", "-a", "x", "--accept", "restart"], "--accept restart", "--enable-exec");
}
