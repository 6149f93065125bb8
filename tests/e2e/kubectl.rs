//! Hunts in pods, by the real kubectl, of a loopback Kubernetes whose containers are real processes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use leakhunt_rig::{Cluster, Pod};
use serde_json::json;

use crate::hosts::{FOUR, check_found, check_receipt};
use crate::support::{Hunt, Ran, node, poll, scratch};

/// Leaks some hundred kilobytes a second.
const LEAK: &str = "const kept = [];
setInterval(() => { for (let i = 0; i < 60; i++) kept.push({ order: i, lines: [i] }); }, 50);
console.log('ready');
";
const INSPECTOR: u16 = 9229;
/// A hunt that is still waiting when something happens to it.
const LONG: [&str; 4] = ["--growth", "1GB", "--samples", "3"];

#[track_caller]
fn cluster() -> Cluster {
    Cluster::start().expect("it comes up (what it needs is installed by `cargo xtask setup`)")
}

/// A pod of the deployment shop.
#[track_caller]
fn leak(cluster: &Cluster, name: &str) {
    cluster.run(Pod::named(name).of("shop").running("app", &node(24), LEAK)).expect("a pod comes up");
}

/// `leakhunt` with a cluster, and journals in a folder.
fn leakhunt(cluster: &Cluster, scratch: &Path) -> Command {
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.envs(cluster.env()).env("XDG_STATE_HOME", scratch.join("state"));
    leakhunt
}

fn start(cluster: &Cluster, args: &[&str]) -> Hunt {
    let scratch = scratch();
    let leakhunt = leakhunt(cluster, scratch.path());
    Hunt::spawn_in(scratch, leakhunt, args, None)
}

fn run(cluster: &Cluster, args: &[&str]) -> Ran {
    start(cluster, args).end()
}

/// Its inspector is closed, and nothing that the hunt started is left in it.
#[track_caller]
fn is_as_it_was(cluster: &Cluster, pod: &str) {
    poll("the app alone", || (cluster.processes(pod).len() == 1).then_some(()));
    assert!(!cluster.listening(pod).contains(&INSPECTOR), "the inspector is open");
}

#[track_caller]
fn closes_within_10_s(cluster: &Cluster, pod: &str) {
    let until = Instant::now() + Duration::from_secs(10);
    while cluster.listening(pod).contains(&INSPECTOR) {
        assert!(Instant::now() < until, "the inspector is open");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_hunt_from_end_to_end_in_a_pod_of_a_deployment() {
    let cluster = cluster();
    cluster.deploy("shop");
    leak(&cluster, "shop-1");
    leak(&cluster, "shop-2");
    cluster.uses("shop-1", 120);
    cluster.uses("shop-2", 312);
    let looked = run(&cluster, &["doctor", "kubectl", "deploy/shop"]);
    looked.code(0).left_nothing_here();
    for expected in [
        "go: leakhunt kubectl shop-2 --namespace=prod --container=app --context=home",
        "shop-2, of 2 pods that are ready: the most memory, 312Mi (kubectl top)",
        "running since 20",
    ] {
        looked.prints(expected);
    }
    is_as_it_was(&cluster, "shop-2");

    let ran = run(&cluster, &[&["kubectl", "deploy/shop"], &FOUR[..]].concat());
    ran.code(0).says("the most memory, 312Mi").left_nothing_here();
    check_receipt(&ran);
    check_found(&ran, "app.js");
    assert_eq!(ran.session_json()["target"], "container app of pod shop-2 in the namespace prod");
    is_as_it_was(&cluster, "shop-2");
    is_as_it_was(&cluster, "shop-1");
}

#[test]
fn a_killed_hunt_closes_the_inspector_and_is_cleaned_up() {
    let cluster = cluster();
    leak(&cluster, "shop-1");
    let mut hunt = start(&cluster, &[&["kubectl", "shop-1", "-n", "prod"], &LONG[..]].concat());
    let state = hunt.scratch.path().to_owned();
    hunt.wait_for("\"event\":\"snapshot_done\"");
    assert!(cluster.listening("shop-1").contains(&INSPECTOR));
    hunt.signal("KILL");
    let killed = hunt.end();
    closes_within_10_s(&cluster, "shop-1");
    let cleaned = killed.again(leakhunt(&cluster, &state), &["cleanup"]);
    let said = String::from_utf8_lossy(&[cleaned.stdout, cleaned.stderr].concat()).into_owned();
    assert!(cleaned.status.success() && said.contains("had closed it by itself"), "{said}");
    assert!(said.contains("1 finished: nothing is left"), "{said}");
    killed.left_nothing_here();
    is_as_it_was(&cluster, "shop-1");
}

#[test]
fn a_container_that_ends_in_the_midst_of_a_hunt() {
    let cluster = cluster();
    for (pod, reason, code, says) in [
        ("shop-1", "OOMKilled", 137, "the container ran out of memory and was killed (OOMKilled)"),
        ("shop-2", "Error", 1, "the container ended (exit code 1)"),
        ("shop-3", "", 0, "the pod was deleted"),
    ] {
        leak(&cluster, pod);
        let mut hunt = start(&cluster, &[&["kubectl", pod], &LONG[..]].concat());
        hunt.wait_for("\"event\":\"snapshot_done\"");
        match reason {
            "" => cluster.delete(pod),
            reason => cluster.restart(pod, reason, code).unwrap(),
        }
        let ran = hunt.end();
        ran.code(33).says(says).says("kept 1 complete snapshot").left_nothing_here();
    }
}

/// Between two snapshots it has cost nothing but itself.
#[test]
fn a_connection_that_is_cut_while_nothing_is_under_way() {
    let cluster = cluster();
    leak(&cluster, "shop-1");
    let args = ["kubectl", "shop-1", "--growth", "1GB", "--samples", "3", "--max-wait", "4s"];
    let mut hunt = start(&cluster, &args);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    cluster.cut(false);
    let ran = hunt.end();
    ran.code(0).says("it is made again, once").left_nothing_here();
    is_as_it_was(&cluster, "shop-1");
}

/// The hunt is over, and the inspector was seen closed: by another command, at once or where the node answers a moment later.
#[test]
fn a_command_that_is_cut_in_the_midst_of_a_snapshot() {
    for node_goes in [false, true] {
        let cluster = cluster();
        let filled = format!(
            "const filled = Array.from({{ length: 600000 }}, (_, i) => ({{ i, text: `${{i}}` }}));\n{LEAK}"
        );
        cluster.run(Pod::named("shop-1").running("app", &node(24), &filled)).expect("a pod comes up");
        let mut hunt = start(&cluster, &[&["kubectl", "shop-1"], &LONG[..]].concat());
        hunt.wait_for("\"event\":\"snapshot_started\"");
        cluster.cut(node_goes);
        if node_goes {
            hunt.wait_for("it is tried three times more");
            cluster.mend();
        }
        let ran = hunt.end();
        ran.code(34)
            .says("the capture is incomplete")
            .says("no longer listens on port 9229")
            .left_nothing_here();
        check_receipt(&ran);
        is_as_it_was(&cluster, "shop-1");
    }
}

/// Nobody can look any more whether the inspector is closed. It closes by itself.
#[test]
fn an_api_server_that_goes_for_good() {
    let cluster = cluster();
    leak(&cluster, "shop-1");
    let mut hunt = start(&cluster, &[&["kubectl", "shop-1"], &LONG[..]].concat());
    hunt.wait_for("\"event\":\"snapshot_done\"");
    cluster.go_down();
    let ran = hunt.end();
    ran.code(40).says("nobody could look whether process").says("leakhunt cleanup").left_nothing_here();
    closes_within_10_s(&cluster, "shop-1");
    is_as_it_was(&cluster, "shop-1");
}

#[test]
fn of_several_containers_the_one_that_is_meant() {
    let cluster = cluster();
    let both = |name: &str| Pod::named(name).beside("mesh").running("app", &node(24), LEAK);
    cluster.run(both("looked-at")).unwrap();
    cluster.run(both("named").annotated("kubectl.kubernetes.io/default-container", "mesh")).unwrap();
    let looked = run(&cluster, &["doctor", "kubectl", "looked-at"]);
    looked.code(0).left_nothing_here();
    looked.prints("--container=app");
    run(&cluster, &["kubectl", "named"]).code(31).says("nothing there runs Node.js").left_nothing_here();
    run(&cluster, &["kubectl", "named", "-c", "nosuch"])
        .code(30)
        .says("pod named in the namespace prod has no container nosuch; it has mesh, app");
    let twice = Pod::named("twice").running("app", &node(24), LEAK).running("api", &node(24), LEAK);
    cluster.run(twice).unwrap();
    run(&cluster, &["kubectl", "twice"])
        .code(31)
        .says("pod twice in the namespace prod has several containers in which Node.js runs: app, api")
        .says("name one with `-c`");
}

#[test]
fn what_stands_against_a_hunt_is_said() {
    let cluster = cluster();
    leak(&cluster, "shop-1");
    run(&cluster, &["kubectl", "nosuch"]).code(30).says("there is no pod nosuch; the pods there: shop-1");
    run(&cluster, &["kubectl", "deploy/nosuch"]).code(30).says("there is no deployment nosuch");
    run(&cluster, &["kubectl", "shop-1", "-n", "other"])
        .code(30)
        .says("there is no pod shop-1 in the namespace other; the pods there: none");
    run(&cluster, &["kubectl", "-l", "app=other"]).code(30).says("no pod belongs to the selector app=other");
    run(&cluster, &["kubectl", "shop-1", "--context", "nosuch"])
        .code(30)
        .says("kubectl knows no such cluster");

    cluster.forbid("create", "pods/exec");
    let looked = run(&cluster, &["doctor", "kubectl", "shop-1"]);
    looked.code(30).left_nothing_here();
    looked.prints("`kubectl auth can-i create pods/exec`");
    cluster.allow_all();
    cluster.forbid("get", "pods");
    run(&cluster, &["kubectl", "shop-1"])
        .code(30)
        .says("User \"dev\" cannot get resource \"pods\"")
        .says("it takes the verb `get` on `pods`");
    cluster.allow_all();

    let bare = Pod::named("bare").running("app", &node(24), LEAK).without_a_shell();
    cluster.run(bare).unwrap();
    run(&cluster, &["kubectl", "bare"])
        .code(30)
        .says("there is no shell in the container app")
        .says("kubectl debug");

    let waits = json!([{ "name": "app", "state": { "waiting": { "reason": "CrashLoopBackOff" } },
        "lastState": { "terminated": { "reason": "OOMKilled", "exitCode": 137 } } }]);
    cluster.pretend("shop-1", json!({ "phase": "Running", "containerStatuses": waits }));
    run(&cluster, &["kubectl", "shop-1"])
        .code(30)
        .says("is waiting (CrashLoopBackOff); it ended before: OOMKilled, exit code 137");
    cluster.pretend(
        "shop-1",
        json!({ "phase": "Pending", "conditions": [
        { "type": "PodScheduled", "status": "False", "message": "0/3 nodes are available" }] }),
    );
    cluster.deploy("shop");
    run(&cluster, &["kubectl", "deploy/shop"])
        .code(30)
        .says("no pod of deployment shop is running: shop-1 is Pending: 0/3 nodes are available");
}

#[test]
fn an_api_server_that_does_not_answer() {
    let env = {
        let gone = cluster();
        let config = std::fs::read_to_string(gone.kubeconfig()).unwrap();
        (gone.env(), config)
    };
    let scratch = scratch();
    let config = scratch.path().join("config");
    std::fs::write(&config, env.1).unwrap();
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.envs(env.0).env("XDG_STATE_HOME", scratch.path().join("state"));
    let file = config.display().to_string();
    let ran = Hunt::spawn_in(scratch, leakhunt, &["kubectl", "shop-1", "--kubeconfig", &file], None).end();
    ran.code(30)
        .says("the cluster's API server cannot be reached")
        .says("kubectl cluster-info")
        .left_nothing_here();
}

/// What leads there is named once to each of the hunts, however it was given.
#[test]
fn each_worker_of_a_pod() {
    let cluster = cluster();
    leak(&cluster, "shop-1");
    let which = ["kubectl", "shop-1", "-n", "prod", "-c", "app", "--context", "home"];
    let brief = ["--each-worker", "--json", "--samples", "2", "--max-wait", "1s"];
    let ran = run(&cluster, &[&which[..], &brief[..]].concat());
    ran.code(0).left_nothing_here();
    let hunted: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let members = hunted["members"].as_array().unwrap();
    assert!(members.len() == 1 && members[0]["exit_code"] == 0, "{hunted:#}");
    is_as_it_was(&cluster, "shop-1");
}
