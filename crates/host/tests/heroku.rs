//! The Heroku host against a loopback Heroku: the real CLI, a real sshd, real Node.js processes.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking, as the test does")]

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use leakhunt_host::heroku::{Config, Enabled, Generation};
use leakhunt_host::{
    Came, Dialogue, Environment, Error, Forward, Heroku, Host, Listener, Reach, Source, Unsupported,
};
use leakhunt_rig::{APP_PORT, Call, Fault, FirWay, Login, NEWEST_CLI, Options, Rig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// For what has to come, on a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(90);
const SCRIPT: &str = "tell up; while read -r x; do [ \"$x\" = quit ] && exit 5; tell \"got $x\"; done";

fn config(rig: &Rig) -> Config {
    let mut vars: std::collections::BTreeMap<_, _> = std::env::vars().collect();
    vars.extend(rig.env());
    vars.retain(|_, value| !value.is_empty());
    Config {
        app: rig.app_name().parse().unwrap(),
        dyno: "web.1".parse().unwrap(),
        program: None,
        preload: true,
        environment: Environment::new(vars),
    }
}

fn host(config: Config) -> Host {
    Host::Heroku(Heroku::new(config))
}

async fn rig(cli: u32) -> Rig {
    Rig::start(Options { cli, ..Options::default() }).await.unwrap()
}

/// The app's answer to an HTTP request through a forward.
async fn ask_through(forward: &Forward) -> String {
    let mut connection = forward.connect(SOON).await.unwrap();
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(SOON, connection.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

async fn talk_through(talk: &mut Dialogue) {
    assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("up"));
    talk.say(r#"it's $HOME "x" \ ;"#).await.unwrap();
    assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some(r#"got it's $HOME "x" \ ;"#));
    talk.say("quit").await.unwrap();
    assert_eq!(talk.line(SOON).await.unwrap(), None);
    assert_eq!(talk.status(), Some(5));
}

/// Everything a hunt asks of a host, once.
async fn whole_way(host: Host) {
    host.preflight().await.unwrap();
    let mut talk = host.open(SCRIPT).await.unwrap();
    let mut forward = host.forward(APP_PORT).await.unwrap();
    let (reached, listening) = tokio::join!(talk.ready(SOON), forward.ready(SOON));
    reached.unwrap();
    listening.unwrap();
    let exposure = forward.exposure();
    assert_eq!(exposure.reach, Reach::OwnerOnly, "{exposure:?}");
    assert_eq!(exposure.listeners.len(), 2, "the forward and the proxy: {exposure:?}");
    talk_through(&mut talk).await;
    let answer = ask_through(&forward).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (talk, forward) = tokio::join!(talk.stop(), forward.stop());
    assert!(talk.gone && forward.gone, "{talk:?} {forward:?}");
}

#[tokio::test]
async fn the_newest_cli() {
    let rig = rig(NEWEST_CLI).await;
    whole_way(host(config(&rig))).await;
    assert!(!rig.audit().iter().any(Call::changes), "{:?}", rig.audit());
}

#[tokio::test]
#[ignore = "needs the older majors: cargo xtask test --all-clis"]
async fn every_cli() {
    for cli in [8, 9, 10] {
        let rig = rig(cli).await;
        whole_way(host(config(&rig))).await;
        assert!(!rig.audit().iter().any(Call::changes), "{cli}: {:?}", rig.audit());
        by_run_inside(cli, FirWay::Ssh).await;
        by_run_inside(cli, FirWay::Rendezvous).await;
    }
}

#[tokio::test]
async fn a_dyno_of_fir_by_ssh() {
    by_run_inside(NEWEST_CLI, FirWay::Ssh).await;
}

#[tokio::test]
async fn a_dyno_of_fir_by_a_terminal() {
    by_run_inside(NEWEST_CLI, FirWay::Rendezvous).await;
}

/// Everything a hunt asks of a host, once, of one that nobody looked at before.
async fn by_run_inside(cli: u32, way: FirWay) {
    let rig = fir(cli, way).await;
    let host = host(of_fir(&rig));
    let mut talk = host.open(SCRIPT).await.unwrap();
    talk_through(&mut talk).await;
    let mut forward = host.forward(APP_PORT).await.unwrap();
    forward.ready(SOON).await.unwrap();
    assert_eq!(forward.exposure().reach, Reach::OwnerOnly);
    let answer = ask_through(&forward).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("</main>"), "{way:?} {cli}: {answer}");
    let (talk, forward) = tokio::join!(talk.stop(), forward.stop());
    assert!(talk.gone && forward.gone, "{talk:?} {forward:?}");
    assert_eq!(host.relay_memory(), 32 << 20);
}

async fn fir(cli: u32, way: FirWay) -> Rig {
    Rig::start(Options { cli, fir: Some(way), ..Options::default() }).await.unwrap()
}

fn of_fir(rig: &Rig) -> Config {
    let dyno = rig.name_of(&rig.dyno("web.1").unwrap());
    Config { dyno: dyno.parse().unwrap(), ..config(rig) }
}

#[tokio::test]
async fn what_stands_against_a_hunt_on_fir() {
    let rig = fir(NEWEST_CLI, FirWay::Ssh).await;
    let host = || host(of_fir(&rig));
    let found = host().preflight().await.unwrap();
    assert_eq!(found.platform.heroku().unwrap().generation, Generation::Fir);
    rig.set(Fault::NoAccountKey);
    let error = host().preflight().await.unwrap_err();
    rig.clear(Fault::NoAccountKey);
    assert!(matches!(error, Error::NoAccountKey), "{error:?}");
    assert!(!rig.audit().iter().any(Call::changes), "{:?}", rig.audit());

    let check = async |fault, patience, expected: fn(&Error) -> bool| {
        rig.set(fault);
        let mut talk = host().open(SCRIPT).await.unwrap();
        let error = talk.ready(patience).await.unwrap_err();
        rig.clear(fault);
        assert!(expected(&error), "{fault:?}: {error:?}");
        // What the CLI says that it runs is no reason.
        assert!(!error.to_string().contains("stty"), "{error}");
        assert!(talk.stop().await.gone);
    };
    check(Fault::KeyRefused, SOON, |e| matches!(e, Error::KeyRefused { .. })).await;
    check(Fault::UntrustedAddress, SOON, |e| matches!(e, Error::Untrusted { .. })).await;
    check(Fault::NoDyno, SOON, Error::place_is_gone).await;
    check(Fault::TunnelClosed, SOON, |e| matches!(e, Error::Tunnel { .. })).await;
    check(Fault::TunnelStalled, Duration::from_secs(8), |e| matches!(e, Error::TimedOut { .. })).await;
}

/// The standalone installer's `heroku` is a shell script that starts node without `exec`.
#[tokio::test]
async fn the_standalone_installers_wrapper() {
    let rig = rig(NEWEST_CLI).await;
    let mut config = config(&rig);
    let path = config.environment.text("PATH").unwrap();
    let real = which::which_in("heroku", Some(path), "/").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let wrapper = folder.path().join("heroku");
    std::fs::write(&wrapper, format!("#!/usr/bin/env bash\n\"{}\" \"$@\"\n", real.display())).unwrap();
    std::fs::set_permissions(&wrapper, PermissionsExt::from_mode(0o755)).unwrap();
    config.program = Some(wrapper);
    let host = host(config);
    // It has no package.json beside it, so it is asked for its version.
    let preflight = host.preflight().await.unwrap();
    assert_eq!(preflight.checks[0].source, Source::Cli);
    assert_eq!(preflight.platform.heroku().unwrap().cli_version.major, NEWEST_CLI);
    whole_way(host).await;
}

#[tokio::test]
async fn without_the_preload_the_exposure_is_told() {
    let rig = rig(NEWEST_CLI).await;
    let host = host(Config { preload: false, ..config(&rig) });
    let mut forward = host.forward(APP_PORT).await.unwrap();
    // The bare CLI takes port 1080, so there can be one on a machine: others that test it have to end first.
    let deadline = tokio::time::Instant::now() + SOON;
    while let Err(error) = forward.ready(SOON).await {
        assert!(matches!(error, Error::PortTaken { port: 1080 }), "{error}");
        assert!(tokio::time::Instant::now() < deadline, "port 1080 stays taken");
        forward = host.forward(APP_PORT).await.unwrap();
    }
    let exposure = forward.exposure();
    assert_eq!(exposure.reach, Reach::Network, "{exposure:?}");
    assert!(exposure.listeners.contains(&Listener::Tcp("127.0.0.1:1080".parse().unwrap())), "{exposure:?}");
    assert!(ask_through(&forward).await.starts_with("HTTP/1.1 200"));
    assert!(forward.stop().await.gone);
}

/// Each refusal comes from a preflight that only reads.
#[tokio::test]
async fn what_stands_against_a_hunt_is_known_before_anything_is_touched() {
    let rig = rig(NEWEST_CLI).await;
    check_refusal(&rig, Fault::FeatureOff, |e| matches!(e, Error::ExecDisabled { .. })).await;
    let private = |e: &Error| matches!(e, Error::Unsupported(Unsupported::PrivateWithoutBuildpack));
    check_refusal(&rig, Fault::PrivateSpace, private).await;
    check_refusal(&rig, Fault::ShieldSpace, |e| matches!(e, Error::Unsupported(Unsupported::Shield))).await;
    let legacy = |e: &Error| matches!(e, Error::Unsupported(Unsupported::LegacyAddon));
    check_refusal(&rig, Fault::LegacyExecUrl, legacy).await;
    check_refusal(&rig, Fault::BadToken, |e| matches!(e, Error::NotLoggedIn { .. })).await;
    check_refusal(&rig, Fault::TwoFactor, |e| matches!(e, Error::TwoFactor { .. })).await;
    check_refusal(&rig, Fault::NoApp, |e| matches!(e, Error::NoSuchApp { .. })).await;
    check_refusal(&rig, Fault::NoDyno, |e| matches!(e, Error::NoSuchDyno { .. })).await;
    // The CLI is asked for its token here, and says that nobody is logged in.
    check_refusal(&rig, Fault::NotLoggedIn, |e| matches!(e, Error::NotLoggedIn { .. })).await;
    let touched = |call: &Call| call.changes() || !matches!(call, Call::Api { .. });
    assert!(!rig.audit().iter().any(touched), "{:?}", rig.audit());

    let dyno = rig.dyno("web.1").unwrap();
    dyno.crash().unwrap();
    let error = host(config(&rig)).preflight().await.unwrap_err();
    assert!(matches!(&error, Error::DynoDown { state, .. } if state == "crashed"), "{error}");
}

async fn check_refusal(rig: &Rig, fault: Fault, expected: impl Fn(&Error) -> bool) {
    rig.set(fault);
    let error = host(config(rig)).preflight().await.unwrap_err();
    rig.clear(fault);
    assert!(expected(&error), "{fault:?}: {error:?}");
    assert!(!error.to_string().contains(rig.token()));
}

#[tokio::test]
async fn the_clis_own_login_serves() {
    let login = Login::Netrc;
    let rig = Rig::start(Options { login, ..Options::default() }).await.unwrap();
    let preflight = host(config(&rig)).preflight().await.unwrap();
    assert_eq!(preflight.platform.heroku().unwrap().logged_in_as.as_deref(), Some("dev@example.com"));
    assert!(preflight.checks.iter().any(|check| check.what == "token" && check.source == Source::Cli));
}

fn came(error: &Error, expected: Came) -> bool {
    matches!(error, Error::NotConnected { came, .. } if *came == expected)
}

#[tokio::test]
async fn a_tunnel_that_cannot_be_opened_is_an_error_in_time() {
    let rig = rig(NEWEST_CLI).await;
    check_open(&rig, Fault::ExecManagerAnswers(404), SOON, |e| came(e, Came::Credentials)).await;
    check_open(&rig, Fault::WrongHostKey, SOON, |e| came(e, Came::Ssh)).await;
    check_open(&rig, Fault::TunnelClosed, SOON, |e| came(e, Came::Ssh)).await;
    let patience = Duration::from_secs(8);
    check_open(&rig, Fault::ExecManagerHangs, patience, |e| matches!(e, Error::TimedOut { .. })).await;
    check_open(&rig, Fault::TunnelStalled, patience, |e| matches!(e, Error::TimedOut { .. })).await;
    // The feature was switched off after the preflight: the CLI asks whether it may restart every dyno.
    let boots = rig.dyno("web.1").unwrap().boots();
    check_open(&rig, Fault::FeatureOff, SOON, |e| matches!(e, Error::ExecDisabled { .. })).await;
    assert_eq!(rig.dyno("web.1").unwrap().boots(), boots);
    assert!(!rig.audit().iter().any(Call::changes), "{:?}", rig.audit());
}

async fn check_open(rig: &Rig, fault: Fault, patience: Duration, expected: impl Fn(&Error) -> bool) {
    rig.set(fault);
    let mut talk = host(config(rig)).open(SCRIPT).await.unwrap();
    let error = talk.ready(patience).await.unwrap_err();
    rig.clear(fault);
    assert!(expected(&error), "{fault:?}: {error:?}");
    assert!(talk.stop().await.gone);
}

#[tokio::test]
async fn a_tunnel_cut_in_the_middle_is_an_error_and_ends_the_remote_script() {
    let rig = rig(NEWEST_CLI).await;
    let mut talk = host(config(&rig)).open(SCRIPT).await.unwrap();
    assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("up"));
    rig.cut_tunnels();
    let error = talk.line(SOON).await.unwrap_err();
    assert!(matches!(error, Error::Tunnel { .. }), "{error:?}");
    assert!(talk.stop().await.gone);
    let dyno = rig.dyno("web.1").unwrap();
    let deadline = std::time::Instant::now() + SOON;
    while !dyno.leftovers().is_empty() {
        assert!(std::time::Instant::now() < deadline, "left in the dyno: {:?}", dyno.leftovers());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_forward_that_dies_says_why() {
    let rig = rig(NEWEST_CLI).await;
    let mut forward = host(config(&rig)).forward(1).await.unwrap();
    forward.ready(SOON).await.unwrap();
    // Nothing listens on port 1 of the dyno, and the CLI dies of a connection to a closed port.
    let _connection = forward.connect(SOON).await.unwrap();
    let error = tokio::time::timeout(SOON, forward.exited()).await.unwrap();
    assert!(matches!(&error, Error::Tunnel { last_lines, .. } if !last_lines.0.is_empty()), "{error:?}");
    assert!(forward.stop().await.gone);
}

#[tokio::test]
async fn exec_is_switched_on_only_when_that_is_asked_for() {
    let rig = rig(NEWEST_CLI).await;
    let host = host(config(&rig));
    let Host::Heroku(heroku) = &host else { unreachable!() };
    let boots = rig.dyno("web.1").unwrap().boots();
    assert_eq!(heroku.enable_exec().await.unwrap(), Enabled::Already);
    assert_eq!(rig.dyno("web.1").unwrap().boots(), boots);
    rig.set(Fault::FeatureOff);
    assert!(matches!(heroku.enable_exec().await.unwrap(), Enabled::Restarted(_)));
    assert_ne!(rig.dyno("web.1").unwrap().boots(), boots);
    host.preflight().await.unwrap();
}

#[tokio::test]
async fn a_missing_cli_is_named_with_the_way_to_install_it() {
    let config = Config {
        app: "myapp".parse().unwrap(),
        dyno: "web.1".parse().unwrap(),
        program: None,
        preload: true,
        environment: Environment::new([("PATH", "/nowhere")]),
    };
    let error = host(config).preflight().await.unwrap_err();
    assert!(matches!(error, Error::ToolMissing { .. }));
    assert_eq!(error.to_string(), "the Heroku CLI was not found on PATH");
    assert!(error.hint().unwrap().contains("npm install --global heroku"));
}
