//! Consent is for one thing: what the flags lift, what a person at a terminal is asked, and what a no leaves undone.

use std::process::Command;

use leakhunt_rig::{Fault, Options, Rig};

use crate::support::{Hunt, QUICK, Ran, hunt, rig, scratch};
use crate::terminal::Terminal;

fn leakhunt() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    command.env_clear().env("PATH", "/nonexistent").current_dir(std::env::temp_dir());
    command
}

fn in_no_terminal(args: &[&str]) -> Ran {
    Hunt::spawn(leakhunt(), args, None).end()
}

const BARE: [&str; 4] = ["heroku", "-a", "x", "--no-preload"];

#[test]
fn a_bare_cli_needs_consent_to_exposure_and_no_other() {
    for consent in [&[][..], &["--accept", "memory,pause"]] {
        let ran = in_no_terminal(&[&BARE[..], consent].concat());
        ran.code(21).says("every interface").says("`--accept exposure`").left_nothing_here();
    }
    for consent in [&["--accept", "memory", "--accept", "exposure"][..], &["--yes"]] {
        // The next thing that is missing is the CLI itself.
        in_no_terminal(&[&BARE[..], consent].concat()).code(30).says("Heroku CLI was not found");
    }
}

#[test]
fn a_person_is_asked_and_anything_but_a_yes_is_a_no() {
    for (said, code) in [("y\n", 30), ("YES\n", 30), ("n\n", 21), ("\n", 21), ("yesterday\n", 21)] {
        let mut terminal = Terminal::spawn(leakhunt(), &BARE);
        terminal.wait_for("Go on without the preload? [y/N]");
        terminal.type_in(said);
        assert_eq!(terminal.end(), Some(code), "{said:?}: {}", terminal.shown());
    }
}

#[test]
fn a_folder_of_the_session_is_not_made_for_a_question() {
    let scratch = scratch();
    let mut command = leakhunt();
    command.current_dir(scratch.path().join("out"));
    let mut terminal = Terminal::spawn(command, &BARE);
    terminal.wait_for("[y/N]");
    terminal.type_in("n\n");
    assert_eq!(terminal.end(), Some(21));
    assert!(terminal.shown().contains("nothing was done"), "{}", terminal.shown());
    assert_eq!(std::fs::read_dir(scratch.path().join("out")).unwrap().count(), 0);
}

/// Nothing was switched, and the app was not restarted.
#[track_caller]
fn check_untouched(rig: &Rig) {
    let changed: Vec<_> = rig.audit().into_iter().filter(leakhunt_rig::Call::changes).collect();
    assert!(changed.is_empty(), "{changed:?}");
    assert!(rig.dyno("web.1").unwrap().alive());
}

fn without_exec() -> Rig {
    rig(&Options { faults: vec![Fault::FeatureOff], ..Options::default() })
}

#[test]
fn one_yes_answers_one_question() {
    let rig = without_exec();
    let ran = hunt(&rig, &["--no-preload", "--enable-exec", "--yes"]);
    ran.code(21).says("restarts every dyno").says("`--accept restart`").left_nothing_here();
    check_untouched(&rig);
}

#[test]
fn a_person_who_does_not_agree_restarts_no_dyno() {
    let rig = without_exec();
    let scratch = scratch();
    let mut command = rig.command(env!("CARGO_BIN_EXE_leakhunt"));
    command.current_dir(scratch.path().join("out"));
    let mut terminal = Terminal::spawn(command, &["heroku", "-a", rig.app_name(), "--enable-exec"]);
    terminal.wait_for("Restart every dyno now? [y/N]");
    terminal.type_in("\n");
    assert_eq!(terminal.end(), Some(21), "{}", terminal.shown());
    check_untouched(&rig);
}

#[test]
fn the_feature_that_is_on_already_is_no_question() {
    let rig = rig(&Options::default());
    hunt(&rig, &[&QUICK[..], &["--enable-exec"]].concat()).code(0).left_nothing();
}

#[test]
fn a_refused_pause_needs_its_own_consent() {
    let rig = rig(&Options::default());
    for consent in ["--yes", "--accept=memory,exposure"] {
        let ran = hunt(&rig, &[&QUICK[..], &["--max-pause", "1ms", consent]].concat());
        ran.code(20).says("snapshot refused: peak").says("`--accept pause`").left_nothing();
        assert!(ran.snapshots().is_empty());
    }
    let ran = hunt(&rig, &[&QUICK[..], &["--max-pause", "1ms", "--accept", "pause"]].concat());
    ran.code(0).says("as asked for").left_nothing();
}
