//! What is wrong with the command line is said before anything is started.

use std::process::Command;

use crate::support::{Hunt, Ran};

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
    check(&["heroku", "-a", "x", "--growth", "0"], "--growth", "positive");
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
fn consent_that_consents_to_nothing() {
    check(&["heroku", "-a", "x", "--accept", "everything"], "--accept", "memory, pause, restart, exposure");
    check(&["heroku", "-a", "x", "--accept", "restart"], "--accept restart", "--enable-exec");
}
