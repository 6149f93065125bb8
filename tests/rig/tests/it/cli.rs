//! The commands of the real CLI, unmodified, against the loopback Heroku.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use leakhunt_rig::{App, Call, Fault, Login, Options, State};
use rustix::process::Signal;
use serde_json::Value;

use crate::{Running, dyno, eventually, heroku, rig, start, text};

#[test]
fn what_reads_the_platform_reads_the_rig() {
    let rig = rig(App::Banner);
    let app = rig.app_name();
    let listed = heroku(&rig, &["ps", "--app", app]);
    assert!(text(&listed.stdout).contains("web.1: up"), "{listed:?}");
    let json = |arguments: &[&str]| -> Value {
        let output = heroku(&rig, arguments);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let dynos = json(&["ps", "--app", app, "--json"]);
    assert_eq!((&dynos[0]["name"], &dynos[0]["state"]), (&"web.1".into(), &"up".into()), "{dynos}");
    assert_eq!(
        json(&["features:info", "runtime-heroku-exec", "--app", app, "--json"])["enabled"],
        Value::Bool(true)
    );
    let info = json(&["apps:info", "--app", app, "--json"]);
    assert_eq!((&info["app"]["name"], &info["app"]["generation"]), (&app.into(), &"cedar".into()));
    assert_eq!(text(&heroku(&rig, &["auth:whoami"]).stdout), "dev@example.com\n");
    assert!(rig.audit().iter().all(|call| !call.changes()), "{:?}", rig.audit());
    assert_eq!(rig.clients(), Vec::<String>::new());
}

#[test]
fn a_login_without_api_key_is_found() {
    let rig = start(&Options { login: Login::Netrc, ..Options::default() });
    let token = heroku(&rig, &["auth:token"]);
    assert_eq!(text(&token.stdout).trim(), rig.token(), "{token:?}");
}

#[test]
fn ps_exec_runs_in_the_dyno() {
    let rig = rig(App::Banner);
    let command = "echo \"$(id -un) in $PWD\"; tr '\\0' ' ' < /proc/1/cmdline; node -p 6*7";
    let output = heroku(&rig, &["ps:exec", "--app", rig.app_name(), "--", command]);
    let lines = text(&output.stdout);
    for expected in ["dyno in /app", "ps-run /run/main", "42"] {
        assert!(lines.contains(expected), "{output:?}");
    }
    let calls = rig.audit();
    assert!(calls.contains(&Call::Exec { method: "PUT".into(), path: "/api/v2/web.1".into() }), "{calls:?}");
    assert!(calls.contains(&Call::Tunnel { dyno: "web.1".into() }), "{calls:?}");
}

#[test]
fn ps_forward_reaches_the_inspector() {
    let rig = rig(App::Banner);
    let dyno = dyno(&rig);
    let app = dyno.node_pid().expect("the app runs");
    let process = dyno.processes().into_iter().find(|process| process.pid == app).expect("it is listed");
    assert!(process.catches_usr1());
    process.signal(Signal::USR1).unwrap();
    eventually("the inspector opens", || dyno.inspector_ports() == [9229]);

    // The port is free now, and almost surely still when the CLI has started.
    let port =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|probe| probe.local_addr()).unwrap().port();
    let mut cli =
        Running::start(rig.heroku().args(["ps:forward", &format!("{port}:9229"), "--app", rig.app_name()]));
    let listens = cli.lines().any(|line| line.starts_with("Use CTRL+C"));
    assert!(listens, "ps:forward ended: is another one running here, whose proxy has port 1080?");
    let mut connection = None;
    eventually("the port is open", || {
        connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok();
        connection.is_some()
    });
    let mut connection = connection.unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    connection.write_all(b"GET /json/version HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    // The inspector keeps the connection open after its answer.
    let mut answer = [0; 1024];
    let length = connection.read(&mut answer).unwrap();
    assert!(text(&answer[..length]).contains("200 OK"), "{}", text(&answer[..length]));
    drop(cli);
    assert!(dyno.alive() && dyno.answers());
    assert_eq!(dyno.leftovers(), []);
}

#[test]
fn logs_tail_follows_the_dyno() {
    let rig = rig(App::Banner);
    let arguments = ["logs", "--tail", "--app", rig.app_name(), "--dyno", "web.1"];
    let mut cli = Running::start(rig.heroku().args(arguments).stdin(Stdio::null()));
    let mut lines = cli.lines();
    assert!(lines.any(|line| line.ends_with("app[web.1]: shop listens on 5000")), "what was");
    dyno(&rig).stop();
    assert!(lines.any(|line| line.ends_with("heroku[web.1]: State changed from up to down")), "what comes");
}

#[test]
fn enabling_the_feature_restarts_every_dyno() {
    let rig = start(&Options { faults: vec![Fault::FeatureOff], dynos: 2, ..Options::default() });
    let output = heroku(&rig, &["features:enable", "runtime-heroku-exec", "--app", rig.app_name()]);
    assert!(output.status.success(), "{output:?}");
    assert!(rig.audit().iter().any(Call::changes), "{:?}", rig.audit());
    for dyno in rig.dynos() {
        eventually("it came up again", || dyno.boots() == 2 && dyno.state() == State::Up);
        assert!(!dyno.alive(), "the leaked heap is gone");
    }
}
