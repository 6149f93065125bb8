//! What SIGUSR1 may do to a process, and what the receipt says of it: hunts on this machine, before programs that a signal would
//! end, that are not what they are called, or that nobody named.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::programs::{Program, near};
use crate::support::{Hunt, QUICK, Ran, node};
use crate::terminal::Terminal;

/// `leakhunt ARGS…` on this machine, with journals of its own.
fn leakhunt(args: &[&str]) -> Ran {
    let journals = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    command.env("XDG_STATE_HOME", journals.path());
    Hunt::spawn(command, args, None).end()
}

#[track_caller]
fn hunted(program: &Program, more: &[&str]) -> Ran {
    leakhunt(&[&["local", "--pid", &program.pid().to_string()], &QUICK[..], more].concat())
}

/// What the session's receipt says of the inspector.
#[track_caller]
fn inspector(ran: &Ran) -> String {
    let session = ran.session_json();
    let undone = session["teardown"]["undone"].as_array().unwrap();
    let line = undone.iter().find(|line| line["what"] == "inspector").expect("a line about the inspector");
    line["how"].as_str().unwrap().to_owned()
}

#[test]
fn near_a_limit_the_hunt_and_doctor_say_the_same() {
    let mut program = Program::near(22, "ulimit -n 128;", "files", 3);
    let ran = hunted(&program, &[]);
    // Node.js may have taken one more for itself meanwhile.
    ran.code(20).says(" of 128 file descriptors are free").says("prlimit").left_nothing_here();
    assert_eq!(inspector(&ran), "no signal was sent");
    let looked = leakhunt(&["doctor", "local", "--json", "--pid", &program.pid().to_string()]);
    looked.code(20);
    let document: Value = serde_json::from_str(&looked.stdout).unwrap();
    assert_eq!(document["look"]["chosen"]["short"][0]["of"], "descriptors");
    // No consent lifts it.
    hunted(&program, &["--yes", "--accept", "memory,pause"]).code(20);
    assert!(program.lives() && !program.was_signalled(), "{}", program.said());
}

#[test]
fn workers_that_hold_the_descriptors() {
    // Each worker holds some ten: 20 of them leave less than 32 of 256.
    let mut program = Program::near(24, "ulimit -n 256;", "workers", 20);
    let held = std::fs::read_dir(format!("/proc/{}/fd", program.pid())).unwrap().count();
    let ran = hunted(&program, &[]);
    ran.code(if 256 - held < 32 { 20 } else { 0 }).left_nothing_here();
    assert!(program.lives() && !program.inspector_is_open());
}

/// Node.js passes the signal on: every worker's inspector would open, and stay open.
#[test]
fn a_clusters_primary_is_not_signalled_and_its_workers_neither() {
    let mut program = Program::near(22, "", "cluster", 2);
    let ran = hunted(&program, &[]);
    ran.code(31).says("the primary of a cluster").says("`--pid ").left_nothing_here();
    assert_eq!(inspector(&ran), "no signal was sent");
    leakhunt(&["doctor", "local", "--pid", &program.pid().to_string()]).code(31);
    assert!(program.lives() && !program.was_signalled(), "{}", program.said());
}

/// A shell that ends at SIGUSR1, by a name of Node.js's.
fn only_called_node(folder: &Path) -> Program {
    let copied = folder.join("calico-node");
    std::fs::copy("/bin/bash", &copied).unwrap();
    let line = "trap 'exit 0' USR1; echo ready; while :; do sleep 0.1; done";
    let program = Program::start(&copied.display().to_string(), &["-c", line]);
    program.wait_for("ready");
    program
}

#[test]
fn what_is_only_called_node_needs_a_yes_and_its_end_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = only_called_node(folder.path());
    hunted(&program, &[]).code(21).says("nothing proves").says("`--yes`").left_nothing_here();
    hunted(&program, &["--accept", "memory,pause,exposure"]).code(21);
    leakhunt(&["doctor", "local", "--pid", &program.pid().to_string()]).code(21);
    assert!(program.lives());
    let ran = hunted(&program, &["--yes"]);
    ran.code(33).says("the process ended after SIGUSR1: this hunt ended it").left_nothing_here();
    assert_eq!(
        inspector(&ran),
        format!("process {} ended after SIGUSR1, and its port with it", program.pid())
    );
    assert!(!program.lives());
}

#[test]
fn a_port_that_another_has_is_a_no_go_for_both() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port().to_string();
    let (program, script) = (node(22).display().to_string(), near().display().to_string());
    let mut program = Program::start(&program, &[&format!("--inspect-port={port}"), &script]);
    program.wait_for("ready");
    let ran = hunted(&program, &[]);
    ran.code(32).says(&format!("another program listens on its port {port}; nothing was signalled"));
    assert_eq!(inspector(&ran), "no signal was sent");
    leakhunt(&["doctor", "local", "--pid", &program.pid().to_string()]).code(32);
    assert!(program.lives() && !program.was_signalled());
}

/// A shell of its own for the hunt, which is gone when it has sent the signal and before it says so.
fn shell_that_goes(folder: &Path) -> String {
    let shell = folder.join("sh");
    let text = "#!/bin/sh\n\
                exec /bin/sh -c \"$(printf '%s' \"$2\" | sed 's/^  tries=0; strange=0$/  kill -9 $$/')\"\n";
    std::fs::write(&shell, text).unwrap();
    std::fs::set_permissions(&shell, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

#[test]
fn where_the_answer_never_came_the_receipt_says_that_it_does_not_know() {
    let (folder, journals) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut program = Program::near(24, "", "none", 0);
    let mut command = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    command.env("XDG_STATE_HOME", journals.path()).env("PATH", shell_that_goes(folder.path()));
    let pid = program.pid().to_string();
    let args = [&["local", "--pid", &pid], &QUICK[..]].concat();
    let ran = Hunt::spawn(command, &args, None).end();
    assert!(program.was_signalled(), "{}", program.said());
    // It was signalled, its inspector was found by its port, and closed.
    ran.code(30).left_nothing_here();
    let said = inspector(&ran);
    assert!(said.contains("does not listen on port") && said.contains("the answer never came"), "{said}");
    assert!(program.lives() && !program.inspector_is_open());
}

/// `leakhunt local` in a world of its own, in which nothing runs but what this line starts.
fn alone(line: &str) -> Command {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut command = Command::new("unshare");
    let line = format!("{line} exec '{}' \"$@\"", env!("CARGO_BIN_EXE_leakhunt"));
    command.args(["--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", &line, "sh"]);
    command.env("XDG_STATE_HOME", &folder).current_dir(folder);
    command
}

/// Starts Node.js there and waits until it is up.
fn started(major: u32, script: &Path) -> String {
    let node = node(major);
    let up = "until grep -q 'SigCgt:.*[2367abefABEF]..$' /proc/$!/status; do sleep 0.05; done";
    format!("'{}' --inspect-port=0 '{}' >/dev/null 2>&1 & {up};", node.display(), script.display())
}

#[test]
fn a_person_is_asked_about_a_process_that_nobody_named() {
    for (said, code) in [("n\n", 21), ("y\n", 0)] {
        let command = alone(&started(22, &near()));
        let mut terminal = Terminal::spawn(command, &[&["local"], &QUICK[..]].concat());
        terminal.wait_for("Hunt there? [y/N]");
        let shown = terminal.shown();
        for told in ["would signal process", "near.js", ", user ", "up for"] {
            assert!(shown.contains(told), "{told}: {shown}");
        }
        terminal.type_in(said);
        assert_eq!(terminal.end(), Some(code), "{}", terminal.shown());
    }
}

#[test]
fn a_script_goes_on_where_one_process_fits_and_says_which_first() {
    let ran = Hunt::spawn(alone(&started(24, &near())), &[&["local"], &QUICK[..]].concat(), None).end();
    ran.code(0).says("near.js").says("up for").left_nothing_here();
    let events = ran.events();
    let (chosen, signalled) = (events.find("\"event\":\"chosen\""), events.find("\"order\":\"signal "));
    assert!(chosen.unwrap() < signalled.unwrap(), "{events}");
}

#[test]
fn what_is_nobodys_app_is_not_chosen_and_said() {
    let folder = tempfile::tempdir().unwrap();
    for (name, told) in
        [("jest.js", "is a test runner"), ("webpack", "is a build"), ("npm-cli.js", "is a package manager")]
    {
        let script = folder.path().join(name);
        std::fs::write(&script, "setInterval(() => {}, 1000)\n").unwrap();
        let ran = Hunt::spawn(alone(&started(22, &script)), &[&["local"], &QUICK[..]].concat(), None).end();
        ran.code(31).says(told).left_nothing_here();
        assert!(!ran.events().contains("\"order\":\"signal "), "nothing was sent");
    }
}
