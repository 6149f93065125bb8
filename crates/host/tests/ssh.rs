//! The SSH host against a real OpenSSH server on this machine.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking, as the test does")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use leakhunt_host::ssh::{Config, Forwarding, Passphrases};
use leakhunt_host::{Environment, Error, Host, Platform, Preflight, Reach, Ssh};
use leakhunt_rig::{HostKey, Machine};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SOON: Duration = Duration::from_secs(60);
const SCRIPT: &str = "tell up; while read -r x; do [ \"$x\" = quit ] && exit 5; tell \"got $x\"; done";

fn machine() -> Machine {
    Machine::start().expect("a real OpenSSH server")
}

fn host(machine: &Machine) -> Host {
    Host::Ssh(Ssh::new(config(machine)))
}

fn config(machine: &Machine) -> Config {
    let path = std::env::var_os("PATH").unwrap().into();
    Config {
        target: machine.target().unwrap().parse().unwrap(),
        identity: None,
        config_file: None,
        forward: Forwarding::Auto,
        passphrases: Passphrases::default(),
        environment: Environment::new([("HOME", machine.home()), ("PATH", path)]),
    }
}

/// A name of a configuration that has all that is to be known, for a client without a HOME.
fn named(name: &str, file: PathBuf) -> Config {
    Config {
        target: name.parse().unwrap(),
        identity: None,
        config_file: Some(file),
        forward: Forwarding::Auto,
        passphrases: Passphrases::default(),
        environment: Environment::new([("PATH", std::env::var_os("PATH").unwrap())]),
    }
}

/// The lines of a configuration that lead to it.
fn lines(name: &str, machine: &Machine) -> String {
    format!("Host {name}\n HostName 127.0.0.1\n Port {}\n", machine.port())
}

fn answers(preflight: &Preflight, what: &str) -> Vec<String> {
    preflight.checks.iter().filter(|check| check.what == what).map(|check| check.answer.clone()).collect()
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

/// A port that gives back what it gets.
async fn echo() -> u16 {
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
    port
}

#[tokio::test]
async fn a_port_is_reached_whole_and_nothing_listens_here() {
    let machine = machine();
    let mut forward = host(&machine).forward(echo().await).await.unwrap();
    forward.ready(SOON).await.unwrap();
    assert_eq!(forward.exposure().reach, Reach::OwnerOnly);
    // Two at once, and each of them more than any buffer holds.
    let one = echo_through(forward.connect(SOON).await.unwrap());
    let two = echo_through(forward.connect(SOON).await.unwrap());
    tokio::join!(one, two);
    assert!(forward.stop().await.gone);
}

/// The look beforehand and the shell share one, and the forward's is made while the shell is at work.
#[tokio::test]
async fn a_hunt_logs_in_twice() {
    let machine = machine();
    let host = host(&machine);
    host.preflight().await.unwrap();
    let mut talk = host.open(SCRIPT).await.unwrap();
    let mut forward = host.forward(1).await.unwrap();
    assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("up"));
    assert!(forward.aim(echo().await));
    echo_through(forward.connect(SOON).await.unwrap()).await;
    assert_eq!(machine.logins().unwrap(), 2);
    assert!(forward.stop().await.gone && talk.stop().await.gone);
    // One that nobody needed is over, too.
    assert!(host.forward(1).await.unwrap().stop().await.gone);
}

#[tokio::test]
async fn where_forwarding_is_forbidden_a_command_carries_and_that_is_said() {
    let machine = Machine::configured("AllowTcpForwarding no").unwrap();
    let port = echo().await;
    // Once with a survey before, once without.
    for survey in [true, false] {
        let host = host(&machine);
        if survey {
            let said = answers(&host.preflight().await.unwrap(), "forwarding");
            assert_eq!(said, ["forbidden by the server: a command there carries the connection"]);
        }
        let forward = host.forward(port).await.unwrap();
        echo_through(forward.connect(SOON).await.unwrap()).await;
        let command = forward.command().unwrap().to_string();
        assert!(command.contains("relay"), "{command}");
        assert!(forward.stop().await.gone);
    }
    let only = Host::Ssh(Ssh::new(Config { forward: Forwarding::Tcp, ..config(&machine) }));
    let error = only.forward(port).await.unwrap().connect(SOON).await.unwrap_err();
    assert!(matches!(error, Error::ForwardForbidden { .. }), "{error:?}");
}

#[tokio::test]
async fn a_command_carries_where_that_is_asked_for() {
    let machine = machine();
    let host = Host::Ssh(Ssh::new(Config { forward: Forwarding::Exec, ..config(&machine) }));
    let said = answers(&host.preflight().await.unwrap(), "forwarding");
    assert_eq!(said, ["a command there carries the connection"]);
    let forward = host.forward(echo().await).await.unwrap();
    echo_through(forward.connect(SOON).await.unwrap()).await;
    assert!(forward.stop().await.gone);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = host.forward(closed).await.unwrap().connect(SOON).await.unwrap_err();
    assert!(matches!(&error, Error::Tunnel { what, .. } if what.contains("nothing listens")), "{error:?}");
}

#[tokio::test]
async fn a_name_of_the_configuration_leads_to_its_machine() {
    let machine = machine();
    let user = machine.target().unwrap().split('@').next().unwrap().to_owned();
    let (key, known) = (machine.identity(), machine.known_hosts());
    // Include, Host with a pattern, Match, and a key and a record that lie elsewhere than usual.
    let included = machine.home().join("more");
    std::fs::write(&included, format!("Match host shop-*\n  IdentityFile {}\n", key.display())).unwrap();
    let file = machine
        .ssh_config(&format!(
            "Include {}\n{} User {user}\n UserKnownHostsFile {}\nHost *\n IdentitiesOnly yes\n",
            included.display(),
            lines("shop-*", &machine),
            known.display()
        ))
        .unwrap();
    // `Match host` is of the name that was typed until a HostName changes it, which stands below it here.
    let host = Host::Ssh(Ssh::new(named("shop-1", file)));
    let preflight = host.preflight().await.unwrap();
    assert_eq!(answers(&preflight, "logged in as"), [format!("{user} ({})", key.display())]);
    assert_eq!(answers(&preflight, "host key"), ["on record"]);
}

#[tokio::test]
async fn the_way_leads_through_other_machines() {
    let (a, b, c) = (machine(), machine(), machine());
    a.meet(&b).unwrap();
    a.meet(&c).unwrap();
    let of_all = format!(
        "Host *\n UserKnownHostsFile {}\n IdentityFile {}\n",
        a.known_hosts().display(),
        a.identity().display()
    );
    let file = a
        .ssh_config(&format!(
            "{}{}{} ProxyJump a,b\n{of_all}",
            lines("a", &a),
            lines("b", &b),
            lines("c", &c)
        ))
        .unwrap();
    let host = Host::Ssh(Ssh::new(named("c", file.clone())));
    let through = answers(&host.preflight().await.unwrap(), "through");
    assert!(
        through.len() == 2 && through[0].starts_with("a as ") && through[1].starts_with("b as "),
        "{through:?}"
    );
    let forward = host.forward(echo().await).await.unwrap();
    echo_through(forward.connect(SOON).await.unwrap()).await;
    assert!(forward.stop().await.gone);
    // The same by each one's own configuration.
    a.ssh_config(&format!(
        "{}{} ProxyJump a\n{} ProxyJump b\n{of_all}",
        lines("a", &a),
        lines("b", &b),
        lines("c", &c)
    ))
    .unwrap();
    let host = Host::Ssh(Ssh::new(named("c", file.clone())));
    assert_eq!(answers(&host.preflight().await.unwrap(), "through"), through);
    // Without the one in the middle there is no way.
    drop(b);
    let error = Host::Ssh(Ssh::new(named("c", file.clone()))).preflight().await.unwrap_err();
    assert!(matches!(&error, Error::Tunnel { what, .. } if what.contains("to b ")), "{error:?}");
    // One that leads in a circle has no end.
    a.ssh_config(&format!("{} ProxyJump c\n{} ProxyJump a\n{of_all}", lines("a", &a), lines("c", &c)))
        .unwrap();
    let error = Host::Ssh(Ssh::new(named("c", file))).preflight().await.unwrap_err();
    assert!(matches!(&error, Error::Tunnel { what, .. } if what.contains("ProxyJump")), "{error:?}");
}

#[tokio::test]
async fn a_key_with_a_passphrase_is_asked_for_once_whatever_its_format() {
    const PASSPHRASE: &str = "correct horse";
    let machine = machine();
    let kinds = [
        ("ed25519", "RFC4716"),
        ("rsa", "RFC4716"),
        ("rsa", "PEM"),
        ("rsa", "PKCS8"),
        ("ecdsa", "RFC4716"),
        ("ecdsa", "PEM"),
        ("ecdsa", "PKCS8"),
    ];
    for (kind, format) in kinds {
        let key = machine.key(kind, format, PASSPHRASE).unwrap();
        let locked = Config { identity: Some(key.clone()), ..config(&machine) };
        let error = Host::Ssh(Ssh::new(locked.clone())).preflight().await.unwrap_err();
        let expected = format!("{} has a passphrase", key.display());
        assert!(matches!(&error, Error::NoKey { detail, .. } if detail.contains(&expected)), "{error:?}");
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let ask = move |file: &Path, again: bool| {
            assert_eq!(file, key);
            let turn = count.fetch_add(1, Ordering::SeqCst);
            assert_eq!(again, turn == 1);
            Some(if turn == 0 { "wrong" } else { PASSPHRASE }.to_owned().into())
        };
        let host =
            Host::Ssh(Ssh::new(Config { passphrases: Passphrases::asked_of(Arc::new(ask)), ..locked }));
        host.preflight().await.unwrap_or_else(|error| panic!("{kind} {format}: {error}"));
        host.preflight().await.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 2, "{kind} {format}");
    }
}

/// A real agent with one key, until it is dropped.
struct Agent {
    child: Child,
    socket: PathBuf,
}

impl Agent {
    fn with(key: &Path, folder: &Path) -> Self {
        let socket = folder.join("agent");
        let mut command = Command::new("ssh-agent");
        let child = command.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
        let agent = Self { child, socket };
        let deadline = Instant::now() + SOON;
        while !Command::new("ssh-add")
            .arg("-q")
            .arg(key)
            .env("SSH_AUTH_SOCK", &agent.socket)
            .status()
            .unwrap()
            .success()
        {
            assert!(Instant::now() < deadline, "the agent does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_agent_is_asked_that_the_configuration_names_and_for_the_keys_that_it_names() {
    let machine = machine();
    let user = machine.target().unwrap().split('@').next().unwrap().to_owned();
    let (held, other) =
        (machine.key("ecdsa", "RFC4716", "").unwrap(), machine.key("rsa", "RFC4716", "x").unwrap());
    let agent = Agent::with(&held, &machine.home());
    // The agent alone can open the door.
    std::fs::remove_file(&held).unwrap();
    let reached = async |keys: &str| {
        let agent = format!(
            " UserKnownHostsFile {}\n IdentityAgent {}\n",
            machine.known_hosts().display(),
            agent.socket.display()
        );
        let file =
            machine.ssh_config(&format!("{} User {user}\n{agent}{keys}", lines("shop", &machine))).unwrap();
        Host::Ssh(Ssh::new(named("shop", file))).preflight().await
    };
    let by_agent = |preflight: &Preflight| {
        answers(preflight, "logged in as")[0].starts_with(&format!("{user} (agent, "))
    };
    assert!(by_agent(&reached("").await.unwrap()));
    // Its public half is still there to say which of the agent's is meant.
    let only = |key: &Path| format!(" IdentitiesOnly yes\n IdentityFile {}\n", key.display());
    let error = reached(&only(&other)).await.unwrap_err();
    assert!(
        matches!(&error, Error::NoKey { detail, .. } if detail.contains("has a passphrase")),
        "{error:?}"
    );
    for key in [held.clone(), held.with_extension("pub")] {
        let preflight = reached(&only(&key)).await.unwrap();
        assert!(by_agent(&preflight), "{preflight:?}");
    }
}

#[tokio::test]
async fn a_new_host_key_is_taken_where_the_configuration_takes_it_and_a_changed_one_is_not() {
    let machine = machine();
    machine.trust_none().unwrap();
    let file = machine.ssh_config("StrictHostKeyChecking accept-new\n").unwrap();
    let known = machine.known_hosts();
    let takes = || {
        let file = file.clone();
        Host::Ssh(Ssh::new(Config { config_file: Some(file), ..config(&machine) }))
    };
    let said = answers(&takes().preflight().await.unwrap(), "host key");
    assert_eq!(said, ["on no record, and taken as it is (StrictHostKeyChecking accept-new)"]);
    assert!(!known.exists(), "nothing is put on record");
    machine.trust(HostKey::Strange).unwrap();
    let error = takes().preflight().await.unwrap_err();
    assert!(matches!(&error, Error::HostKey { what, .. } if what.contains("in between")), "{error:?}");
}

#[tokio::test]
async fn a_proxy_command_is_left_to_ssh() {
    let machine = machine();
    let file = machine.ssh_config("Host shop\n ProxyCommand nc %h %p\n").unwrap();
    let error = Host::Ssh(Ssh::new(named("shop", file.clone()))).preflight().await.unwrap_err();
    let expected = format!("`leakhunt command --exec 'ssh -T -F {} shop {{}}'`", file.display());
    assert!(error.hint().unwrap().ends_with(&expected), "{:?}", error.hint());
    std::fs::write(&file, "Bogus yes\n").unwrap();
    let error = Host::Ssh(Ssh::new(named("shop", file))).preflight().await.unwrap_err();
    assert!(error.to_string().contains("line 1: Bad configuration option"), "{error}");
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
