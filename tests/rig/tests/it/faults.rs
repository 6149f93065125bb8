//! Each fault, as the real CLI or a bare TCP client meets it.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use leakhunt_rig::{App, Call, Fault, Options, Rig, State};

use crate::{Running, dyno, eventually, heroku, rig, start, text};

/// `ps:exec` under a fault of the platform: its exit status, and what stderr says.
#[track_caller]
fn check_exec(rig: &Rig, fault: Fault, status: i32, says: &str) {
    rig.set(fault);
    let output = heroku(rig, &["ps:exec", "--app", rig.app_name(), "--", "true"]);
    rig.clear(fault);
    assert_eq!(output.status.code(), Some(status), "{fault:?}: {output:?}");
    assert!(text(&output.stderr).contains(says), "{fault:?}: {output:?}");
}

#[test]
fn the_cli_refuses_before_it_connects() {
    let rig = rig(App::Banner);
    check_exec(&rig, Fault::ShieldSpace, 2, "This feature is restricted for Shield Private Spaces");
    check_exec(&rig, Fault::Fir, 2, "This command is unavailable for this app.");
    check_exec(&rig, Fault::LegacyExecUrl, 2, "It looks like you're using the Heroku Exec addon");
    check_exec(&rig, Fault::NoApp, 2, "Couldn't find that app.");
    check_exec(&rig, Fault::BadToken, 1, "The token provided to HEROKU_API_KEY is invalid.");
    check_exec(&rig, Fault::TwoFactor, 1, "Two-factor authentication requires an interactive terminal.");
    let reached = rig.audit().into_iter().find(|call| !matches!(call, Call::Api { .. }));
    assert_eq!(reached, None);
    assert!(rig.audit().iter().all(|call| !call.changes()));
}

#[test]
fn with_the_feature_off_the_cli_asks_and_does_nothing_unanswered() {
    let rig = start(&Options { faults: vec![Fault::FeatureOff], ..Options::default() });
    let mut command = rig.heroku();
    command.args(["ps:exec", "--app", rig.app_name(), "--", "true"]).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(text(&output.stdout).contains("requires a dyno restart"), "{output:?}");
    assert!(rig.audit().iter().all(|call| !call.changes()));
    assert!(dyno(&rig).alive());
}

#[test]
fn a_crashed_dyno_and_a_closed_tunnel() {
    let rig = rig(App::Banner);
    check_exec(&rig, Fault::WrongHostKey, 1, "There was an error connecting to the dyno!");
    check_exec(&rig, Fault::TunnelClosed, 1, "There was an error connecting to the dyno!");
    dyno(&rig).crash().unwrap();
    check_exec(&rig, Fault::TunnelStalled, 2, "Could not connect to dyno!");
    assert_eq!(dyno(&rig).state(), State::Crashed);
}

#[test]
fn a_hanging_exec_manager_hangs_the_cli() {
    let rig = start(&Options { faults: vec![Fault::ExecManagerHangs], ..Options::default() });
    let arguments = ["ps:exec", "--app", rig.app_name(), "--", "true"];
    let mut cli = Running::start(rig.heroku().args(arguments).stdin(Stdio::piped()));
    let asked = |call: &Call| matches!(call, Call::Exec { .. });
    assert!(rig.wait_for_call(Duration::from_secs(120), asked), "{:?}", rig.audit());
    assert!(cli.is_alive());
    assert_eq!(rig.clients().len(), 1, "{:?}", rig.clients());
    drop(cli);
    assert_eq!(rig.clients(), Vec::<String>::new());
}

/// A connection to the SSH entrance, which greets with a line of its own.
#[track_caller]
fn tunnel(rig: &Rig) -> TcpStream {
    let connection = TcpStream::connect(dyno(rig).tunnel()).expect("the entrance is open");
    connection.set_read_timeout(Some(Duration::from_secs(20))).expect("not zero");
    connection
}

const GREETING: &[u8] = b"SSH-2.0-OpenSSH";

#[test]
fn tunnels_are_closed_cut_stalled_and_slow() {
    let rig = rig(App::Banner);
    let mut greeting = [0; GREETING.len()];
    tunnel(&rig).read_exact(&mut greeting).unwrap();
    assert_eq!(greeting, GREETING);

    rig.set(Fault::TunnelCutAfter(5));
    let mut all = Vec::new();
    // Cut connections end by FIN or RST, as real ones do.
    let _ = tunnel(&rig).read_to_end(&mut all);
    assert_eq!(all, &GREETING[..5]);
    rig.clear(Fault::TunnelCutAfter(0));

    rig.set(Fault::TunnelStalledAfter(7));
    let mut stalled = tunnel(&rig);
    stalled.read_exact(&mut greeting[..7]).unwrap();
    stalled.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert_eq!(stalled.read(&mut greeting).unwrap_err().kind(), ErrorKind::WouldBlock, "silent, not closed");
    rig.clear(Fault::TunnelStalledAfter(0));

    rig.set(Fault::TunnelLatency(Duration::from_millis(300)));
    let start = Instant::now();
    tunnel(&rig).read_exact(&mut greeting).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
    rig.clear(Fault::TunnelLatency(Duration::ZERO));

    // The greeting takes its time on the line, so what follows it comes later.
    rig.set(Fault::TunnelSlow(100));
    let mut slow = tunnel(&rig);
    slow.read_exact(&mut greeting).unwrap();
    let start = Instant::now();
    slow.write_all(b"SSH-2.0-test\r\n").unwrap();
    let mut rest = [0; 200];
    slow.read_exact(&mut rest).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(200), "{:?}", start.elapsed());
    rig.clear(Fault::TunnelSlow(0));

    rig.set(Fault::TunnelClosed);
    eventually("the port refuses", || {
        TcpStream::connect(dyno(&rig).tunnel())
            .is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
    });
    rig.clear(Fault::TunnelClosed);
    eventually("the port is open again", || TcpStream::connect(dyno(&rig).tunnel()).is_ok());
}

#[test]
fn tunnels_are_cut_and_stalled_on_command() {
    let rig = rig(App::Banner);
    let mut greeting = [0; GREETING.len()];
    rig.stall_tunnels();
    let mut connection = tunnel(&rig);
    connection.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert_eq!(connection.read(&mut greeting).unwrap_err().kind(), ErrorKind::WouldBlock);
    rig.resume_tunnels();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    connection.read_exact(&mut greeting).unwrap();
    rig.cut_tunnels();
    let mut rest = Vec::new();
    let ended = connection.read_to_end(&mut rest);
    assert!(ended.is_ok() || ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
    tunnel(&rig).read_exact(&mut greeting).expect("new tunnels open");
    let is_tunnel = |cmdline: &str| cmdline.starts_with("sshd: ") && !cmdline.contains("[listener]");
    let no_server_left = || !dyno(&rig).processes().iter().any(|process| is_tunnel(&process.cmdline));
    eventually("the servers of ended tunnels are gone", no_server_left);
}
