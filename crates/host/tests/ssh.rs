//! The SSH host against a real OpenSSH server on this machine.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking, as the test does")]

use std::net::TcpListener;
use std::time::{Duration, Instant};

use leakhunt_host::ssh::Config;
use leakhunt_host::{Environment, Error, Host, Platform, Reach, Ssh};
use leakhunt_rig::{HostKey, Machine};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SOON: Duration = Duration::from_secs(60);
const SCRIPT: &str = "tell up; while read -r x; do [ \"$x\" = quit ] && exit 5; tell \"got $x\"; done";

fn machine() -> Machine {
    Machine::start().expect("a real OpenSSH server")
}

fn host(machine: &Machine) -> Host {
    Host::Ssh(Ssh::new(Config {
        target: machine.target().unwrap().parse().unwrap(),
        identity: None,
        environment: Environment::new([("HOME", machine.home())]),
    }))
}

#[tokio::test]
async fn a_dialogue_from_first_to_last_line() {
    let machine = machine();
    let host = host(&machine);
    let preflight = host.preflight().await.unwrap();
    assert!(
        matches!(&preflight.platform, Platform::Ssh { server } if server.contains("OpenSSH")),
        "{preflight:?}"
    );
    let mut talk = host.open(SCRIPT).await.unwrap();
    assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("up"));
    talk.say(r#"it's $HOME "x" \ ;"#).await.unwrap();
    assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some(r#"got it's $HOME "x" \ ;"#));
    talk.say("quit").await.unwrap();
    assert_eq!(talk.line(SOON).await.unwrap(), None);
    assert_eq!(talk.status(), Some(5));
    assert!(talk.stop().await.gone);
}

#[tokio::test]
async fn stopping_ends_the_remote_script() {
    let machine = machine();
    let mut talk = host(&machine).open("tell $$; while read -r x; do :; done").await.unwrap();
    let pid = talk.line(SOON).await.unwrap().unwrap();
    assert!(talk.stop().await.gone);
    let deadline = Instant::now() + SOON;
    // A zombie is gone too: this machine's process 1 may not reap.
    while std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(Instant::now() < deadline, "the script is still there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_port_is_reached_whole_and_nothing_listens_here() {
    let machine = machine();
    let echo = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = echo.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = echo.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    let mut forward = host(&machine).forward(port).await.unwrap();
    forward.ready(SOON).await.unwrap();
    assert_eq!(forward.exposure().reach, Reach::OwnerOnly);
    // Two at once, and each of them more than any buffer holds.
    let one = echo_through(forward.connect(SOON).await.unwrap());
    let two = echo_through(forward.connect(SOON).await.unwrap());
    tokio::join!(one, two);
    assert!(forward.stop().await.gone);
}

async fn echo_through(connection: leakhunt_host::Connection) {
    let sent: Vec<u8> = (0..8_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let (mut read, mut write) = tokio::io::split(connection);
    let expected = sent.clone();
    let writer = tokio::spawn(async move {
        write.write_all(&sent).await.unwrap();
        write.shutdown().await.unwrap();
    });
    let mut received = Vec::new();
    tokio::time::timeout(SOON, read.read_to_end(&mut received)).await.unwrap().unwrap();
    writer.await.unwrap();
    assert!(received == expected, "{} of {} bytes", received.len(), expected.len());
}

#[tokio::test]
async fn a_closed_port_is_an_error() {
    let machine = machine();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let forward = host(&machine).forward(closed).await.unwrap();
    let error = forward.connect(SOON).await.unwrap_err();
    assert!(matches!(error, Error::Tunnel { .. }), "{error:?}");
}

#[tokio::test]
async fn only_a_host_key_on_record_is_taken() {
    let machine = machine();
    // Another of the server's keys is as good.
    machine.trust(HostKey::Ecdsa).unwrap();
    host(&machine).preflight().await.unwrap();
    // A key that is none of the server's: somebody is in between.
    machine.trust(HostKey::Strange).unwrap();
    let error = host(&machine).preflight().await.unwrap_err();
    assert!(matches!(&error, Error::HostKey { what, .. } if what.contains("in between")), "{error:?}");
    machine.trust_none().unwrap();
    let error = host(&machine).preflight().await.unwrap_err();
    assert!(matches!(&error, Error::HostKey { what, .. } if what.contains("not on record")), "{error:?}");
}

#[tokio::test]
async fn a_key_that_the_server_does_not_take_is_named() {
    let machine = machine();
    machine.take_no_key().unwrap();
    let error = host(&machine).preflight().await.unwrap_err();
    assert!(matches!(&error, Error::NoKey { detail, .. } if detail.contains("id_ed25519")), "{error:?}");
}

#[tokio::test]
async fn a_server_that_dies_breaks_the_dialogue_off() {
    let machine = machine();
    let mut talk = host(&machine)
        .open(&format!("tell up; kill {}; read -r x; kill -9 $PPID; sleep 60", machine.pid()))
        .await
        .unwrap();
    assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("up"));
    talk.say("now").await.unwrap();
    let error = talk.line(SOON).await.unwrap_err();
    assert!(matches!(error, Error::Tunnel { .. }), "{error:?}");
    assert!(talk.stop().await.gone);
}
