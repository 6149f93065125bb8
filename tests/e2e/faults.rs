//! Each way in which the platform fails: the exit code, the message, and that nothing is left.

use std::time::Duration;

use leakhunt_rig::{Call, Fault, Options, Rig};

use crate::support::{Hunt, QUICK, hunt, rig, with_sturdy_node};

/// Nothing was asked of the app that could change it: no `ps:exec` was begun, nothing was switched.
#[track_caller]
fn check_preflight(fault: Fault, code: i32, message: &str) {
    let rig = rig(&Options { faults: vec![fault], ..Options::default() });
    let ran = hunt(&rig, &QUICK);
    ran.code(code).says(message).left_nothing_here();
    let acted: Vec<_> =
        rig.audit().into_iter().filter(|call| call.changes() || !matches!(call, Call::Api { .. })).collect();
    assert!(acted.is_empty(), "{acted:?}");
    let dyno = rig.dyno("web.1").unwrap();
    assert!(dyno.alive() && dyno.answers() && dyno.inspector_ports().is_empty());
}

#[test]
fn the_exec_feature_is_off() {
    check_preflight(Fault::FeatureOff, 21, "--enable-exec --accept restart");
}

#[test]
fn a_private_space_without_the_buildpack() {
    check_preflight(Fault::PrivateSpace, 30, "exec buildpack");
}

#[test]
fn a_shield_space() {
    check_preflight(Fault::ShieldSpace, 30, "Shield");
}

#[test]
fn no_login() {
    check_preflight(Fault::NotLoggedIn, 30, "heroku login");
}

#[test]
fn a_bad_token() {
    check_preflight(Fault::BadToken, 30, "HEROKU_API_KEY");
}

#[test]
fn a_second_factor() {
    check_preflight(Fault::TwoFactor, 30, "two-factor");
}

#[test]
fn a_busy_platform_is_asked_again() {
    for status in [429, 503] {
        let rig =
            rig(&Options { faults: vec![Fault::ApiAnswers { status, times: 3 }], ..Options::default() });
        let ran = hunt(&rig, &QUICK);
        ran.code(0).says(&format!("3 questions (HTTP {status})")).says("asked again").left_nothing();
    }
}

#[test]
fn a_platform_that_stays_busy() {
    check_preflight(Fault::ApiAnswers { status: 500, times: u32::MAX }, 30, "asked 4 more times");
}

#[test]
fn no_such_app() {
    check_preflight(Fault::NoApp, 30, "no app named");
}

#[test]
fn no_such_dyno() {
    let rig = rig(&Options::default());
    let ran = hunt(&rig, &[&["--dyno", "web.7"], &QUICK[..]].concat());
    ran.code(30).says("no dyno web.7").says("web.1").left_nothing_here();
}

#[test]
fn the_retired_add_on() {
    check_preflight(Fault::LegacyExecUrl, 30, "HEROKU_EXEC_URL");
}

#[test]
fn the_dyno_has_crashed() {
    let rig = rig(&Options::default());
    rig.dyno("web.1").unwrap().crash().unwrap();
    hunt(&rig, &QUICK).code(30).says("web.1 is crashed").left_nothing_here();
}

#[test]
fn no_cli() {
    let rig = rig(&Options::default());
    let mut command = rig.command(env!("CARGO_BIN_EXE_leakhunt"));
    command.env("PATH", "/nonexistent");
    let ran = Hunt::spawn(command, &["heroku", "-a", rig.app_name()], None).end();
    ran.code(30).says("the Heroku CLI was not found").says("hint:").left_nothing_here();
}

#[test]
fn the_exec_manager_hangs() {
    let rig = rig(&Options { faults: vec![Fault::ExecManagerHangs], ..Options::default() });
    hunt(&rig, &QUICK)
        .code(30)
        .says("no answer within 60 s while the remote shell was being opened")
        .says("hint:")
        .left_nothing();
}

#[test]
fn the_tunnel_is_closed() {
    let rig = rig(&Options { faults: vec![Fault::TunnelClosed], ..Options::default() });
    hunt(&rig, &QUICK)
        .code(30)
        .says("SSH connection to web.1 failed")
        .says("from another network")
        .left_nothing();
}

#[test]
fn the_tunnel_is_cut_mid_stream() {
    let rig = rig(&with_sturdy_node());
    let mut hunt = Hunt::start(&rig, &["--growth", "1GB"]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    rig.set(Fault::TunnelClosed);
    rig.cut_tunnels();
    let ran = hunt.end();
    // Nothing leads there any more, so nobody can look: the tool must not claim that the inspector is closed.
    ran.code(40).says("kept 1 complete snapshot").left_nothing();
    assert_eq!(ran.snapshots().len(), 1);
    rig.clear(Fault::TunnelClosed);
    let cleaned = ran.cleanup(&rig, &[]);
    assert_eq!(cleaned.status.code(), Some(0), "{}", String::from_utf8_lossy(&cleaned.stderr));
    assert!(String::from_utf8_lossy(&cleaned.stderr).contains("closed it by itself"));
}

#[test]
fn the_tunnel_is_cut_once_and_the_hunt_goes_on() {
    let rig = rig(&with_sturdy_node());
    let mut hunt = Hunt::start(&rig, &["--samples", "3", "--growth", "500KB", "--max-wait", "20s"]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    rig.cut_tunnels();
    let ran = hunt.end();
    ran.code(0).says("it is made again").says("a new series begins").left_nothing();
    let snapshots = ran.session_json()["snapshots"].clone();
    let series: Vec<_> =
        snapshots.as_array().unwrap().iter().map(|taken| taken["id_space"].clone()).collect();
    assert_eq!(series, [1, 2, 2]);
}

/// A tunnel that breaks while a snapshot streams.
fn cut_within_a_snapshot() -> (Rig, Hunt) {
    let faults = vec![Fault::TunnelCutAfter(1_500_000)];
    let rig = rig(&Options { faults, ..with_sturdy_node() });
    let hunt = Hunt::start(&rig, &[&QUICK[..], &["--route", "stream"]].concat());
    (rig, hunt)
}

#[test]
fn the_tunnel_is_cut_within_a_snapshot() {
    let (_rig, hunt) = cut_within_a_snapshot();
    let ran = hunt.end();
    ran.code(34).says("no snapshot was complete yet").says("hint: run the same command again").left_nothing();
    assert!(ran.snapshots().is_empty());
}

#[test]
fn the_app_ends_a_moment_after_the_tunnel() {
    let (rig, mut hunt) = cut_within_a_snapshot();
    let dyno = rig.dyno("web.1").unwrap();
    hunt.wait_for("dead man's switch armed");
    // While somebody else is connected the dead-man leaves the inspector open.
    let debugger = dyno.connect(9229).unwrap();
    // The process was seen to live when the tunnel broke, and the way out is under way: now there is no shell any more.
    hunt.wait_for("\"what\":\"debugging session\"");
    rig.set(Fault::TunnelClosed);
    rig.cut_tunnels();
    dyno.crash().unwrap();
    drop(debugger);
    let ran = hunt.end();
    ran.code(33).says("is gone, and its port 9229 with it").left_nothing();
    assert!(ran.snapshots().is_empty());
}

#[test]
fn the_tunnel_stalls() {
    let rig = rig(&with_sturdy_node());
    let mut hunt = Hunt::start(&rig, &["--growth", "1GB"]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    rig.stall_tunnels();
    let ran = hunt.end();
    // Nothing moves either way, so nobody can look: the tool must not claim that the inspector is closed.
    ran.code(40).says("heroku ps:restart");
    rig.cut_tunnels();
    ran.left_nothing();
}

#[test]
fn the_tunnel_is_slow() {
    let rig = rig(&Options { faults: vec![Fault::TunnelSlow(500_000)], ..Options::default() });
    hunt(&rig, &QUICK).code(0).left_nothing();
}

#[test]
fn the_tunnel_is_far_away() {
    let rig =
        rig(&Options { faults: vec![Fault::TunnelLatency(Duration::from_millis(80))], ..Options::default() });
    hunt(&rig, &QUICK).code(0).left_nothing();
}

/// What ended the app is told apart, and there is a next step.
#[track_caller]
fn check_death(end: impl FnOnce(&Rig) -> Result<(), leakhunt_rig::Error>, said: &str, hint: &str) {
    let rig = rig(&Options::default());
    let mut hunt = Hunt::start(&rig, &["--growth", "1GB"]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    end(&rig).unwrap();
    let ran = hunt.end();
    ran.code(33).says(said).says("while sampling; kept 1 complete snapshot").says(hint).left_nothing();
    assert_eq!(ran.snapshots().len(), 1);
    // Reading the log makes a session for it; nothing else is more than a look.
    let changed: Vec<_> = rig.audit().into_iter().filter(Call::changes).collect();
    assert!(changed.is_empty(), "{changed:?}");
}

fn web(rig: &Rig) -> leakhunt_rig::Dyno {
    rig.dyno("web.1").unwrap()
}

#[test]
fn the_dyno_is_restarted_mid_hunt() {
    check_death(|rig| web(rig).restart(), "the dyno was restarted on request", "hint: hunt again");
}

#[test]
fn the_dyno_is_cycled_mid_hunt() {
    check_death(|rig| web(rig).cycle(), "the dyno was cycled", "about once a day");
}

#[test]
fn a_deploy_mid_hunt() {
    check_death(Rig::deploy, "the dyno was restarted by release v8", "hint: hunt again");
}

#[test]
fn the_app_crashes_mid_hunt() {
    check_death(|rig| web(rig).crash(), "the app was killed (exit status 137: SIGKILL)", "`heroku logs`");
}

#[test]
fn the_dyno_runs_out_of_memory_mid_hunt() {
    check_death(|rig| web(rig).run_out_of_memory(), "out of memory (Error R15)", "--profile sampling");
}
