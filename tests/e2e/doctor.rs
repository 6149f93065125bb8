//! `leakhunt doctor`: it gives the answer and the code that a hunt would give, and does nothing.

use leakhunt_rig::{App, Call, Fault, Options, Rig};
use serde_json::Value;

use crate::support::{Hunt, Ran, node, rig};

/// Asks about a dyno, and sees that nothing was done: no signal that opens an inspector, no forward, no change.
#[track_caller]
fn doctor(rig: &Rig, dyno: &str, args: &[&str]) -> Ran {
    let looked = rig.dyno(dyno).unwrap();
    // The platform's SSH session ends a moment after the shell; what is looked at is what runs Node.js.
    let nodes = || -> Vec<u32> {
        looked.processes().iter().filter(|process| process.is_node()).map(|process| process.pid).collect()
    };
    let before = (looked.inspector_ports(), nodes());
    let mut all = vec!["doctor", "heroku", "-a", rig.app_name(), "-d", dyno];
    all.extend(args);
    let ran = Hunt::spawn(rig.command(env!("CARGO_BIN_EXE_leakhunt")), &all, Some(looked.clone())).end();
    ran.left_nothing_here();
    assert_eq!((looked.inspector_ports(), nodes()), before, "{}", ran.stdout);
    assert_eq!(looked.leftovers(), []);
    assert!(looked.alive());
    let audit = rig.audit();
    assert!(!audit.iter().any(Call::changes), "{audit:?}");
    assert_eq!(ran.events(), "", "no session is begun");
    ran
}

fn tunnels(rig: &Rig) -> usize {
    rig.audit().iter().filter(|call| matches!(call, Call::Tunnel { .. })).count()
}

#[test]
fn a_good_dyno_is_a_go_by_one_ps_exec() {
    let rig = rig(&Options { app: App::OwnHandler, ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();
    let ran = doctor(&rig, "web.1", &[]);
    ran.code(0)
        .prints("listens on $PORT")
        .prints("SIGUSR1 caught")
        .prints("inspector closed")
        .prints("go: leakhunt heroku");
    ran.prints("heap snapshot, by file")
        .prints("sampling profile")
        .prints("guessed from the resident memory");
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
    assert_eq!(tunnels(&rig), 1, "{:?}", rig.audit());
    // The app counts its signals itself.
    assert_eq!(dyno.get("/signals").unwrap().body.trim(), "0");
}

#[test]
fn json_is_one_document() {
    let rig = rig(&Options { node: Some(node(24)), ..Options::default() });
    let owner = rig.dyno("web.1").unwrap().node_pid().unwrap();
    let ran = doctor(&rig, "web.1", &["--json"]);
    ran.code(0);
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    assert_eq!(document["verdict"], "go");
    assert_eq!(document["exit_code"], 0);
    let chosen = &document["look"]["chosen"];
    assert_eq!(chosen["pid"], owner);
    assert_eq!(chosen["sigusr1"], "caught");
    assert_eq!(chosen["inspector"]["state"], "closed");
    let kinds: Vec<&str> =
        chosen["evidence"].as_array().unwrap().iter().filter_map(|one| one["evidence"].as_str()).collect();
    assert_eq!(kinds, ["snapshot-by-file", "snapshot-by-stream", "sampling", "cpu", "timeline"]);
    assert!(
        chosen["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["peak"].as_u64() > chosen["rss"].as_u64())
    );
}

#[test]
fn with_the_exec_feature_off_not_even_ps_exec_is_run() {
    let rig = rig(&Options { faults: vec![Fault::FeatureOff], ..Options::default() });
    doctor(&rig, "web.1", &[]).code(21).prints("no-go (exit 21)").prints("--enable-exec --accept restart");
    assert_eq!(tunnels(&rig), 0);
    assert!(!rig.audit().iter().any(|call| matches!(call, Call::Exec { .. })), "{:?}", rig.audit());
}

#[test]
fn no_node_at_all() {
    let rig = rig(&Options { app: App::NoNode, ..Options::default() });
    doctor(&rig, "worker.1", &[]).code(31).prints("no Node process");
}

#[test]
fn two_equal_candidates_are_named() {
    let rig = rig(&Options { app: App::TwoEqual, ..Options::default() });
    let candidates: Vec<u32> = rig
        .dyno("worker.1")
        .unwrap()
        .processes()
        .iter()
        .filter(|process| process.is_node() && process.cmdline.contains("work.js"))
        .map(|process| process.pid)
        .collect();
    let ran = doctor(&rig, "worker.1", &[]);
    ran.code(31);
    for pid in &candidates {
        ran.prints(&format!("--pid {pid}"));
    }
    doctor(&rig, "worker.1", &["--pid", &candidates[1].to_string()]).code(0).prints("asked for by --pid");
}

#[test]
fn a_process_that_never_catches_the_signal() {
    let rig = rig(&Options { app: App::DisabledSigusr1, node: Some(node(22)), ..Options::default() });
    doctor(&rig, "web.1", &[])
        .code(32)
        .prints("never caught (--disable-sigusr1)")
        .prints("does not catch SIGUSR1");
}

#[test]
fn an_inspector_that_is_open() {
    let rig = rig(&Options { app: App::BannerInspected, ..Options::default() });
    let port = rig.dyno("web.1").unwrap().inspector_ports()[0];
    doctor(&rig, "web.1", &[]).code(0).prints(&format!("open already on port {port}"));
}

#[test]
fn what_only_a_hunt_can_count_is_told_as_a_range() {
    let config = vec![("HEAP_MB".to_owned(), "60".to_owned())];
    let rig = rig(&Options { app: App::Heap, config, memory_limit: Some(512 << 20), ..Options::default() });
    doctor(&rig, "web.1", &[])
        .code(0)
        .prints("depends: whether a snapshot fits the memory goes by the number of objects")
        .prints("of 537 MB are in use");
    doctor(&rig, "web.1", &["--profile", "sampling"]).code(0).prints("--profile sampling");
    let ran = doctor(&rig, "web.1", &["--json"]);
    let document: Value = serde_json::from_str(&ran.code(0).stdout).expect("one JSON document");
    assert_eq!(document["verdict"], "depends");
    let by_file = &document["look"]["chosen"]["evidence"][0];
    assert_eq!(by_file["possible_refusal"], "memory");
    assert!(by_file["least"]["peak"].as_u64() < Some(300_000_000), "{by_file}");
    assert!(by_file["peak"].as_u64() > Some(537_000_000), "{by_file}");
}

#[test]
fn a_dyno_without_a_cgroup_file_is_weighed_by_its_type() {
    let rig = rig(&Options { dyno_type: "Standard-1X".to_owned(), ..Options::default() });
    let ran = doctor(&rig, "web.1", &["--json"]);
    let document: Value = serde_json::from_str(&ran.code(0).stdout).expect("one JSON document");
    let chosen = &document["look"]["chosen"];
    assert_eq!((chosen["limit"].as_u64(), chosen["limit_of"].as_str()), (Some(512 << 20), Some("dyno-type")));
}

#[test]
fn a_dyno_of_an_unknown_type_is_weighed_by_its_metrics_or_as_the_smallest() {
    let rig = rig(&Options { dyno_type: "Quantum-1X".to_owned(), ..Options::default() });
    let limit = || {
        let ran = doctor(&rig, "web.1", &["--json"]);
        let document: Value = serde_json::from_str(&ran.code(0).stdout).expect("one JSON document");
        let chosen = &document["look"]["chosen"];
        (chosen["limit"].as_u64(), chosen["limit_of"].as_str().map(str::to_owned))
    };
    assert_eq!(limit(), (Some(512 << 20), Some("unknown-dyno-type".to_owned())));
    rig.dyno("web.1").unwrap().log_runtime_metrics(2560);
    assert_eq!(limit(), (Some(2560 << 20), Some("runtime-metrics".to_owned())));
}
