//! Hunts by a command of one's own: a shell of this machine, and a real OpenSSH client.

use std::path::Path;
use std::process::Command;

use leakhunt_rig::Machine;

use crate::hosts::{FOUR, Leak, check_found, check_receipt, check_session};
use crate::support::{Hunt, QUICK, Ran, poll};

fn hunt(leak: &Leak, exec: &str, args: &[&str]) -> Ran {
    let pid = leak.pid();
    let all = [&["command", "--exec", exec, "--pid", &pid], args].concat();
    Hunt::spawn(leak.leakhunt(), &all, None).end()
}

#[test]
fn by_a_shell_of_this_machine() {
    let mut leak = Leak::start(22);
    let looked = Hunt::spawn(
        leak.leakhunt(),
        &["doctor", "command", "--exec", "sh -c {}", "--pid", &leak.pid()],
        None,
    )
    .end();
    looked.code(0).left_nothing_here();
    assert!(looked.stdout.contains("go: leakhunt command --exec 'sh -c {}' --pid"), "{}", looked.stdout);

    let ran = hunt(&leak, "sh -c {}", &FOUR);
    ran.code(0).left_nothing_here();
    check_receipt(&ran);
    check_found(&ran, "leak.js");
    leak.is_as_it_was(&ran);
    // The audit has what carried the connection: the program that the process lent.
    let relays: Vec<_> =
        ran.events().lines().filter(|line| line.contains("a relay of leakhunt")).map(str::to_owned).collect();
    assert_eq!(relays.len(), 1, "{relays:?}");
}

#[test]
fn what_a_killed_hunt_leaves_is_cleaned_up() {
    let mut leak = Leak::start(22);
    // What it starts beside does not end with its input.
    let exec = r#"sh -c 'sleep 300 & exec sh -c "$0"' {}"#;
    let args = ["command", "--exec", exec, "--pid", &leak.pid(), "--growth", "1GB"];
    let mut hunt = Hunt::spawn(leak.leakhunt(), &args, None);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    let events = hunt.events();
    hunt.signal("KILL");
    let killed = hunt.end();
    leak.closes_within_10_s(&events);
    assert!(killed.remains().iter().any(|left| left.contains("sleep 300")), "{:?}", killed.remains());
    let cleaned = Hunt::spawn(leak.leakhunt(), &["cleanup"], None).end();
    cleaned.code(0).says("had closed it by itself").left_nothing_here();
    killed.left_nothing_here();
    assert!(leak.lives());
    // Nothing is left to be done.
    let again = Hunt::spawn(leak.leakhunt(), &["cleanup"], None).end();
    assert!(again.code(0).stdout.contains("nothing is left of earlier hunts"), "{}", again.stdout);
}

/// The tunnel's command alone is ended: between two snapshots the connection is made again.
#[test]
fn a_relay_that_goes_is_started_again() {
    let mut leak = Leak::start(24);
    let args = [
        "command",
        "--exec",
        "sh -c {}",
        "--pid",
        &leak.pid(),
        "--samples",
        "3",
        "--growth",
        "1GB",
        "--max-wait",
        "6s",
    ];
    let mut hunt = Hunt::spawn(leak.leakhunt(), &args, None);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    let relay = poll("the relay", || relay_of(&leak.pid()));
    let killed = Command::new("kill").args(["-KILL", &relay]).status().unwrap();
    assert!(killed.success());
    let ran = hunt.end();
    ran.code(0).says("it is made again, once").left_nothing_here();
    leak.is_as_it_was(&ran);
}

/// The Node.js that relays to the port of this process.
fn relay_of(pid: &str) -> Option<String> {
    let program = format!("/proc/{pid}/exe\0");
    std::fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
        let command = std::fs::read(entry.path().join("cmdline")).ok()?;
        let name = entry.file_name().into_string().ok()?;
        command.starts_with(program.as_bytes()).then_some(name)
    })
}

#[test]
fn by_the_ssh_of_this_machine() {
    let (machine, mut leak) = (Machine::start().unwrap(), Leak::start(24));
    let target = machine.target().unwrap();
    let (host, port) = target.rsplit_once(':').unwrap();
    let quoted = |path: &Path| format!("'{}'", path.display());
    let known = quoted(&machine.home().join(".ssh/known_hosts"));
    let ssh = format!(
        "ssh -F none -T -o BatchMode=yes -o UserKnownHostsFile={known} -i {} -p {port}",
        quoted(&machine.identity())
    );
    let exec = format!("{ssh} {host} {{}}");
    let ran = hunt(&leak, &exec, &QUICK);
    ran.code(0).left_nothing_here();
    check_session(&ran);
    leak.is_as_it_was(&ran);

    // With a forward of its own, and where the command will not.
    let forward = format!("{ssh} -W 127.0.0.1:{{}} {host}");
    let brief = ["--forward", &forward, "--profile", "sampling", "--duration", "2s"];
    let ran = hunt(&leak, &exec, &brief);
    ran.code(0).left_nothing_here();
    assert!(ran.events().contains("-W"), "{}", ran.events());
    leak.is_as_it_was(&ran);
    machine.take_no_key().unwrap();
    hunt(&leak, &exec, &[]).code(30).says("Permission denied").left_nothing_here();
}

#[test]
fn a_command_that_does_not_lead_to_a_shell() {
    let mut leak = Leak::start(22);
    // It runs nothing; it asks for nothing; it says why.
    hunt(&leak, "true {}", &[]).code(30).says("ended before it was open").left_nothing_here();
    hunt(&leak, "sh -c 'echo the place is closed >&2; exit 4' {}", &[]).code(30).says("the place is closed");
    assert!(leak.lives());
}
