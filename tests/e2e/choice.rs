//! Which process is taken, in the shapes in which Node.js is found in production.

use std::io::Read as _;
use std::process::{Command, Stdio};

use leakhunt_rig::{App, Options};

use crate::support::{Hunt, QUICK, Ran, hunt, node, poll, rig};

/// Hunts on an app and takes the process that owns its port (or a worker of that).
#[track_caller]
fn check(app: App, major: u32) {
    let rig = rig(&Options { app, node: Some(node(major)), ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();
    let owner = dyno.node_pid().expect("somebody owns the port");
    let ran = hunt(&rig, &QUICK);
    ran.code(0).left_nothing();
    let pid = ran.session_json()["process"]["pid"].as_u64().unwrap() as u32;
    let chosen = dyno.processes().into_iter().find(|process| process.pid == pid).expect("it lives on");
    assert!(chosen.is_node());
    assert!(pid == owner || chosen.ppid == owner, "{pid} is neither the owner {owner} nor its worker");
    assert!(dyno.alive() && dyno.answers());
}

#[test]
fn under_npm() {
    check(App::Banner, 26);
}

#[test]
fn under_yarn() {
    check(App::BannerYarn, 20);
}

#[test]
fn an_es_module() {
    check(App::BannerEsm, 18);
}

#[test]
fn a_cluster_of_four() {
    check(App::Cluster, 22);
}

#[test]
fn under_pm2() {
    check(App::Pm2, 22);
}

#[test]
fn a_retitled_process() {
    check(App::Retitled, 24);
}

#[test]
fn under_node_watch() {
    check(App::Watch, 22);
}

#[test]
fn two_equal_candidates_are_named() {
    let rig = rig(&Options { app: App::TwoEqual, ..Options::default() });
    let dyno = rig.dyno("worker.1").unwrap();
    let candidates: Vec<u32> = dyno
        .processes()
        .iter()
        .filter(|process| process.is_node() && process.cmdline.contains("work.js"))
        .map(|process| process.pid)
        .collect();
    let ran = hunt(&rig, &[&["--dyno", "worker.1"], &QUICK[..]].concat());
    ran.code(31).left_nothing();
    assert_eq!(candidates.len(), 2);
    for pid in &candidates {
        ran.says(&format!("--pid {pid}"));
    }
    // And one of them is taken when it is named.
    let pid = candidates[1].to_string();
    let ran = hunt(&rig, &[&["--dyno", "worker.1", "--pid", &pid], &QUICK[..]].concat());
    ran.code(0).left_nothing();
    assert_eq!(ran.session_json()["process"]["pid"].as_u64().unwrap(), u64::from(candidates[1]));
}

#[test]
fn no_node_at_all() {
    let rig = rig(&Options { app: App::NoNode, ..Options::default() });
    hunt(&rig, &[&["--dyno", "worker.1"], &QUICK[..]].concat())
        .code(31)
        .says("no Node process")
        .left_nothing();
}

#[test]
fn a_starting_process_is_waited_for_never_killed() {
    let config = vec![("HOLD_S".to_owned(), "12".to_owned())];
    let rig = rig(&Options { app: App::SlowStart, config, ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();
    let held = poll("the process is there", || {
        dyno.processes()
            .into_iter()
            .find(|process| process.is_node() && process.cmdline.starts_with("node server.js"))
    });
    assert!(!held.catches_usr1(), "the signal would kill it now");
    let mut hunt = Hunt::start(&rig, &QUICK);
    hunt.wait_for("\"order\":\"signal ");
    let ran = hunt.end();
    ran.code(0).left_nothing();
    assert!(dyno.alive());
    assert_eq!(ran.session_json()["process"]["pid"].as_u64().unwrap(), u64::from(held.pid));
}

#[test]
fn a_process_that_never_catches_the_signal_is_left_alone() {
    let rig = rig(&Options { app: App::DisabledSigusr1, node: Some(node(22)), ..Options::default() });
    let ran = hunt(&rig, &QUICK);
    ran.code(32).says("does not catch SIGUSR1").left_nothing();
    assert!(!ran.events().contains("\"order\":\"signal "), "nothing was sent");
    assert!(rig.dyno("web.1").unwrap().alive());
}

/// What doctor says of an app that was started with these options in a folder that has these files.
fn doctor_of(major: u32, options: &[&str], files: &[(&str, &str)]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [&[("app.js", "setInterval(() => {}, 1000); console.log('up');")], files].concat() {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut app = Command::new(node(major))
        // Others may hunt here, too.
        .arg("--inspect-port=0")
        .args(options)
        .arg("app.js")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut up = [0; 2];
    app.stdout.as_mut().unwrap().read_exact(&mut up).unwrap();
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.env("XDG_STATE_HOME", folder.path());
    let ran = Hunt::spawn(leakhunt, &["doctor", "local", "--pid", &app.id().to_string()], None).end();
    assert!(app.try_wait().unwrap().is_none(), "it lives");
    app.kill().unwrap();
    app.wait().unwrap();
    ran
}

/// Under the permission model Node.js opens no inspector, unless another option allows it.
#[test]
fn under_the_permission_model_nothing_is_sent_unless_it_allows_an_inspector() {
    let permission = ["--permission", "--allow-fs-read=*"];
    let ran = doctor_of(26, &permission, &[]);
    ran.code(32).prints("never caught (--permission): no signal opens the inspector");
    ran.prints("no signal opens its inspector, and none was sent");
    doctor_of(26, &[&permission[..], &["--allow-inspector"]].concat(), &[]).code(0);
}

#[test]
fn a_lock_in_a_configuration_file_is_named() {
    let locked = ("node.config.json", "{ \"nodeOptions\": {\n  \"disable-sigusr1\" : true } }");
    let allowed =
        "{\"nodeOptions\":{\"permission\":true,\"allow-inspector\":true,\"allow-fs-read\":[\"*\"]}}";
    for major in [24, 26] {
        let ran = doctor_of(major, &["--experimental-default-config-file"], &[locked]);
        ran.code(32)
            .prints("never caught (--disable-sigusr1 in node.config.json): no signal opens the inspector");
        ran.prints("it was started with --disable-sigusr1 in node.config.json");
        let named = ["--experimental-config-file=other.json"];
        let closed = allowed.replace("\"allow-inspector\":true,", "");
        doctor_of(major, &named, &[("other.json", &closed)]).code(32).prints("(--permission in other.json)");
        doctor_of(major, &named, &[("other.json", allowed)]).code(0);
        // What nobody was told to read locks nothing.
        doctor_of(major, &[], &[locked]).code(0);
    }
}

#[test]
fn an_app_with_its_own_handler_is_signalled_once() {
    let rig = rig(&Options { app: App::OwnHandler, ..Options::default() });
    let ran = hunt(&rig, &QUICK);
    ran.code(32).says("handler of its own").left_nothing();
    let counted = rig.dyno("web.1").unwrap().get("/signals").unwrap();
    assert_eq!(counted.body.trim(), "1");
}
