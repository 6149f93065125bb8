//! Hunts in containers of a real Docker daemon, which the tests of this process share.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use leakhunt_rig::{Container, Docker};

use crate::hosts::{FOUR, check_found, check_receipt};
use crate::support::{Hunt, Ran, node, poll, scratch};

/// Leaks some hundred kilobytes a second, and fills a heap at first where it is told to.
const LEAK: &str = "const kept = [];
const filled = Array.from({ length: +(process.env.FILL ?? 0) }, (_, i) => ({ i, text: `${i}` }));
setInterval(() => { for (let i = 0; i < 60; i++) kept.push({ order: i, lines: [i] }); }, 50);
console.log('ready', filled.length);
";
const INSPECTOR: u16 = 9229;

fn docker() -> &'static Docker {
    static DOCKER: OnceLock<Docker> = OnceLock::new();
    DOCKER.get_or_init(|| {
        Docker::start(&node(22))
            .expect("Docker runs here (what it needs is installed by `cargo xtask setup`, as root)")
    })
}

#[track_caller]
fn container(options: &[&str]) -> Container<'static> {
    docker().container(LEAK, options).expect("a container comes up")
}

/// `leakhunt`, with a daemon, and journals in a folder.
fn leakhunt(daemon: &str, scratch: &Path) -> Command {
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.env("DOCKER_HOST", daemon).env("XDG_STATE_HOME", scratch.join("state"));
    leakhunt
}

fn start(args: &[&str]) -> Hunt {
    let scratch = scratch();
    let leakhunt = leakhunt(&docker().host(), scratch.path());
    Hunt::spawn_in(scratch, leakhunt, args, None)
}

fn run(args: &[&str]) -> Ran {
    start(args).end()
}

/// It lives, its inspector is closed, and nothing that the hunt started is left in it.
#[track_caller]
fn is_as_it_was(container: &Container<'_>) {
    assert!(container.is_running().unwrap(), "it lives");
    assert!(!container.listening().unwrap().contains(&INSPECTOR), "the inspector is open");
    poll("the app alone", || (container.processes().unwrap().len() == 1).then_some(()));
}

#[test]
fn a_hunt_from_end_to_end() {
    let container =
        container(&["--memory", "512m", "--read-only", "--user", "1000:1000", "--cap-drop", "ALL"]);
    let looked = run(&["doctor", "docker", container.name()]);
    looked.code(0).left_nothing_here();
    assert!(
        looked.stdout.contains(&format!("go: leakhunt docker {}", container.name())),
        "{}",
        looked.stdout
    );
    assert!(looked.stdout.contains("537 MB"), "the limit of the container: {}", looked.stdout);
    is_as_it_was(&container);

    let ran = run(&[&["docker", container.name()], &FOUR[..]].concat());
    ran.code(0).left_nothing_here();
    check_receipt(&ran);
    check_found(&ran, "/app/app.js");
    assert_eq!(ran.session_json()["target"], format!("container {}", container.name()));
    is_as_it_was(&container);
}

#[test]
fn a_hunt_in_an_image_of_musl() {
    let container = docker().musl_container(LEAK, &["--memory", "512m"]).expect("a container comes up");
    let ran = run(&[&["docker", container.name()], &FOUR[..]].concat());
    ran.code(0).left_nothing_here();
    check_receipt(&ran);
    check_found(&ran, "/app/app.js");
    is_as_it_was(&container);
}

#[test]
fn a_killed_hunt_closes_the_inspector_and_is_cleaned_up() {
    let container = container(&[]);
    let mut hunt = start(&["docker", container.name(), "--growth", "1GB"]);
    let state = hunt.scratch.path().to_owned();
    hunt.wait_for("\"event\":\"snapshot_done\"");
    assert!(container.listening().unwrap().contains(&INSPECTOR));
    hunt.signal("KILL");
    let killed = hunt.end();
    let until = Instant::now() + Duration::from_secs(10);
    while container.listening().unwrap().contains(&INSPECTOR) {
        assert!(Instant::now() < until, "the inspector is open");
        std::thread::sleep(Duration::from_millis(50));
    }
    let cleaned = killed.again(leakhunt(&docker().host(), &state), &["cleanup"]);
    let said = String::from_utf8_lossy(&[cleaned.stdout, cleaned.stderr].concat()).into_owned();
    assert!(cleaned.status.success() && said.contains("had closed it by itself"), "{said}");
    assert!(said.contains("1 finished: nothing is left"), "{said}");
    killed.left_nothing_here();
    is_as_it_was(&container);
}

#[test]
fn a_snapshot_that_would_not_fit_the_container_is_refused() {
    let container = container(&["--memory", "160m", "--memory-swap", "160m", "-e", "FILL=600000"]);
    let ran = run(&["docker", container.name(), "--samples", "2"]);
    ran.code(20).says("168 MB").says("--profile sampling").left_nothing_here();
    is_as_it_was(&container);
}

#[test]
fn a_container_that_ends_in_the_midst_of_a_hunt() {
    let args = ["--growth", "1GB", "--samples", "3"];
    for (end, says) in [
        (&["kill"][..], "the container was killed (exit code 137)"),
        (&["restart", "-t", "0"], "the container was restarted"),
        // Killed first, and then removed: which of both is seen is a matter of the moment.
        (&["rm", "-f"], "the container was "),
    ] {
        let container = container(&[]);
        let mut hunt = start(&[&["docker", container.name()], &args[..]].concat());
        hunt.wait_for("\"event\":\"snapshot_done\"");
        docker().run(&[end, &[container.name()]].concat()).unwrap();
        let ran = hunt.end();
        ran.code(33).says(says).says("kept 1 complete snapshot").left_nothing_here();
    }
}

/// The kernel's doing, by the limit of the container.
#[test]
fn a_container_that_runs_out_of_memory_in_the_midst_of_a_hunt() {
    const EATS: &str = "const kept = []; let eats = false;
process.on('SIGUSR2', () => { eats = true; });
setInterval(() => { if (eats) kept.push(Buffer.alloc(8 << 20, 1)); }, 10);
console.log('ready');
";
    let container = docker().container(EATS, &["--memory", "300m", "--memory-swap", "300m"]).unwrap();
    let mut hunt = start(&["docker", container.name(), "--growth", "1GB", "--samples", "3"]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    docker().run(&["kill", "--signal", "USR2", container.name()]).unwrap();
    hunt.end()
        .code(33)
        .says("the container ran out of memory and was killed (OOMKilled)")
        .left_nothing_here();
}

#[test]
fn what_stands_against_a_hunt_is_said() {
    let running = container(&["-e", "PATH=/bin"]);
    let nosuch = run(&["docker", "nosuch"]);
    nosuch.code(30).says("there is no container nosuch").says(running.name()).left_nothing_here();
    run(&["docker", running.name()]).code(30).says("there is no shell in the container").left_nothing_here();
    run(&["doctor", "docker", running.name()]).code(30);
    is_as_it_was(&running);
    docker().run(&["pause", running.name()]).unwrap();
    run(&["docker", running.name()]).code(30).says("is paused");
    docker().run(&["unpause", running.name()]).unwrap();
    docker().run(&["kill", running.name()]).unwrap();
    run(&["docker", running.name()]).code(30).says("is exited");
    run(&["docker", "-it"]).code(2);
    run(&["docker", "x", "--program", "lxc"]).code(2);

    let elsewhere = |host: &str| {
        let scratch = scratch();
        let leakhunt = leakhunt(host, scratch.path());
        Hunt::spawn_in(scratch, leakhunt, &["docker", "shop"], None).end()
    };
    elsewhere("unix:///nonexistent/socket").code(30).says("the daemon cannot be reached");
    let program = run(&["docker", "shop", "--program", "nerdctl"]);
    program.code(30).says("nerdctl was not found on PATH").says("--program");
}
