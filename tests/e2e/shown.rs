//! What hunts and doctors print, from the first line to the last, and the status that they end with: one snapshot of both, by
//! insta. The commands that touch no process are shown by the tests of `crates/cli/tests/output`.

use std::process::Command;

use leakhunt_rig::{App, Fault, Options, Rig};

use crate::hosts::Leak;
use crate::support::{Hunt, Ran, node, rig};

/// What another run has otherwise, and what stands for it; tried in this order.
const FILTERS: [(&str, &str); 12] = [
    // Exit codes stay: with a mark between their digits they are not taken for other numbers.
    (r#"(exit (?:status: )?|"(?:exit_code|schema_version)": )(\d)(\d?)(\d?)"#, "$1·$2·$3·$4"),
    // Where the test ran, and when.
    (r#"/[^\s",:']*/leakhunt-[a-z0-9.-]*-\d{8}T\d{6}Z"#, "SESSION"),
    (r#"[^\s",:']*/leak\.js"#, "/leak.js"),
    (r"in /[^\s,]*/crates/cli, user [^\s,]+", "in /here, user ME"),
    (r#"/[^\s",:']*/target/tools/[^\s",:']*/node\b"#, "/bin/node"),
    (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME"),
    ("shop-[0-9a-f]{8}", "shop"),
    (r#""[0-9a-f]{64}""#, "\"SHA256\""),
    // Who comes first, the one that is waited for or the one that waits.
    (" had already exited| exited", " exited"),
    (r"\d+\.\d+\.\d+", "VERSION"),
    // Its memory, and how long everything took.
    (r"\d+(\.\d+)? (ms|s|min|h|B|kB|MB|GB)\b", "N"),
    (r"\d{2,}(\.\d+)?", "N"),
];

/// In text: what a reading adds, and where a longer number breaks a line or moves what stands beside it.
const TEXT: [(&str, &str); 5] = [
    (r"^    app (memory|event loop): .*$", "    app $1: …"),
    (r"\n {10,}(\S)", " $1"),
    (r"(\S) {2,}", "$1  "),
    // Of several shortest ways in Node's own code any may be the one.
    (r"^    path .*$", "    path  …"),
    // From and to, where they are not the same.
    ("N – N", "N"),
];

/// In JSON: every other number, for some have one digit only by chance.
const JSON: [(&str, &str); 2] = [
    (r#"(": |^ +)\d+(\.\d+)?(,?)$"#, "${1}N$3"),
    // A small heap's snapshot need not take the process above where it has been before: then there is no peak to give.
    (r#""peak": null"#, r#""peak": N"#),
];

#[track_caller]
fn check(name: &str, command: &str, ran: &Ran) {
    let code = ran.code.map_or_else(|| "a signal".to_owned(), |code| format!("exit status: {code}"));
    let mut shown = format!("$ leakhunt {command}\n{code}\n");
    for (stream, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if !text.is_empty() {
            shown += &format!("--- {stream}\n{text}");
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let more: &[(&str, &str)] = if command.contains("--json") { &JSON } else { &TEXT };
    for (from, to) in FILTERS.iter().chain(more).chain(&[("·", "")]) {
        settings.add_filter(&format!("(?m){from}"), *to);
    }
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

/// On an app of the rig.
#[track_caller]
fn on(rig: &Rig, dyno: &str, name: &str, command: &[&str], args: &[&str]) {
    let target = ["--app", rig.app_name(), "--dyno", dyno];
    let all = [command, &target, args].concat();
    let ran = Hunt::spawn(rig.command(env!("CARGO_BIN_EXE_leakhunt")), &all, rig.dyno(dyno).ok()).end();
    check(name, &[command, &["--app", "shop", "--dyno", dyno], args].concat().join(" "), &ran);
    ran.left_nothing();
}

#[test]
fn on_a_dyno() {
    let rig = rig(&Options { node: Some(node(22)), ..Options::default() });
    on(&rig, "web.1", "doctor-heroku", &["doctor", "heroku"], &[]);
    on(&rig, "web.1", "doctor-heroku-json", &["doctor", "heroku"], &["--json"]);
    on(&rig, "web.1", "hunt-heroku", &["heroku"], &["--samples", "1", "--no-report"]);
    on(&rig, "web.1", "hunt-heroku-quiet", &["heroku"], &["--samples", "1", "--quiet"]);
}

#[test]
fn on_a_dyno_without_node() {
    let rig = rig(&Options { app: App::NoNode, ..Options::default() });
    on(&rig, "worker.1", "doctor-no-node", &["doctor", "heroku"], &[]);
    on(&rig, "worker.1", "hunt-no-node", &["heroku"], &[]);
}

#[test]
fn on_an_app_without_the_feature() {
    let rig = rig(&Options { faults: vec![Fault::FeatureOff], ..Options::default() });
    on(&rig, "web.1", "doctor-feature-off", &["doctor", "heroku"], &[]);
    on(&rig, "web.1", "hunt-feature-off", &["heroku"], &[]);
}

#[test]
fn on_this_machine() {
    let leak = Leak::start(22);
    for (name, command, args) in [
        ("hunt-local", &["local"][..], &["--samples", "1", "--no-report"][..]),
        ("hunt-local-json", &["local"], &["--samples", "1", "--no-report", "--json", "--quiet"]),
    ] {
        let pid = leak.pid();
        let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        leakhunt.env("XDG_STATE_HOME", leak.folder.path());
        let ran = Hunt::spawn(leakhunt, &[command, &["--pid", &pid], args].concat(), None).end();
        check(name, &[command, &["--pid", "N"], args].concat().join(" "), &ran);
    }
}
