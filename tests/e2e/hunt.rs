//! The main job.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use leakhunt_rig::{App, Call, Options, Pace};
use serde_json::Value;

use crate::support::{Hunt, QUICK, hunt, node, rig};

#[test]
fn six_whole_snapshots_a_receipt_and_an_app_as_it_was() {
    let rig = rig(&Options { node: Some(node(22)), ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();
    let visitor = dyno.visit(Pace::default()).unwrap();
    let ran = hunt(&rig, &["--growth", "200KB", "--max-wait", "20s", "--all-samples"]);
    let visits = visitor.seen();
    ran.code(0).left_nothing();

    let session = ran.session_json();
    let snapshots = ran.snapshots();
    assert_eq!(snapshots.len(), 6, "{}", ran.stderr);
    for (snapshot, told) in snapshots.iter().zip(session["snapshots"].as_array().unwrap()) {
        let text = std::fs::read(snapshot).unwrap();
        let json: Value = serde_json::from_slice(&text).expect("a snapshot is JSON");
        let fields = json["snapshot"]["meta"]["node_fields"].as_array().unwrap().len();
        let count = json["snapshot"]["node_count"].as_u64().unwrap();
        assert_eq!(json["nodes"].as_array().unwrap().len() as u64, count * fields as u64);
        assert_eq!(told["bytes"].as_u64().unwrap(), text.len() as u64);
        assert_eq!(told["id_space"], 1);
        assert_eq!(std::fs::metadata(snapshot).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(ran.session()).unwrap().permissions().mode() & 0o777, 0o700);

    // The sentence that all this is for.
    let leak = "leak: setInterval callback in DiscountBanner (components/DiscountBanner.js:9)";
    assert!(ran.stdout.contains(leak), "{}", ran.stdout);

    let undone = session["teardown"]["undone"].as_array().unwrap();
    assert!(undone.iter().all(|line| line["seen"] == "verified"), "{undone:?}");
    let what: BTreeSet<&str> = undone.iter().filter_map(|line| line["what"].as_str()).collect();
    assert!(
        what.is_superset(&["inspector", "debugging session", "tunnel", "remote shell"].into()),
        "{what:?}"
    );

    // The app stood still for the snapshots and the GCs, and at no other time.
    assert!(dyno.alive() && visits.answered > 0);
    assert!(visits.failed.is_empty(), "{:?}", visits.failed);
    let longest =
        session["snapshots"].as_array().unwrap().iter().filter_map(|s| s["pause_ms"].as_u64()).max();
    let gap = visits.longest_gap().as_millis() as u64;
    assert!(gap <= longest.unwrap() + 1_000, "the app was silent for {gap} ms, {longest:?} ms were reported");
}

/// Nothing listens on this machine then, so the bare CLI needs no consent.
#[test]
fn a_command_carries_the_connection_where_that_is_asked_for() {
    let rig = rig(&Options { node: Some(node(24)), ..Options::default() });
    for bare in [&[][..], &["--no-preload"]] {
        let ran = hunt(&rig, &[&["--forward", "exec"], bare, &QUICK[..]].concat());
        ran.code(0).left_nothing();
        assert_eq!(ran.snapshots().len(), 2);
        let events = ran.events();
        assert!(!events.contains("ps:forward"), "{events}");
        assert!(events.matches("\"event\":\"command\"").count() >= 2, "{events}");
    }
}

#[test]
fn object_ids_mean_the_same_objects_in_all_snapshots() {
    let rig = rig(&Options { node: Some(node(24)), ..Options::default() });
    let ran = hunt(&rig, &QUICK);
    ran.code(0).left_nothing();
    let ids = ran.snapshots().iter().map(|path| named_ids(path)).collect::<Vec<_>>();
    let shared: Vec<_> = ids[0].iter().filter_map(|(id, what)| Some((what, ids[1].get(id)?))).collect();
    let agree = shared.iter().filter(|(a, b)| a == b).count();
    assert!(shared.len() > 10_000 && agree * 100 >= shared.len() * 99, "{agree} of {} agree", shared.len());
}

fn named_ids(path: &std::path::Path) -> std::collections::HashMap<u64, (u64, String)> {
    let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let fields: Vec<&str> = json["snapshot"]["meta"]["node_fields"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let at = |name| fields.iter().position(|field| *field == name).unwrap();
    let (kind, name, id) = (at("type"), at("name"), at("id"));
    let strings = json["strings"].as_array().unwrap();
    let numbers: Vec<u64> = json["nodes"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    numbers
        .chunks(fields.len())
        .map(|node| {
            (node[id], (node[kind], strings[node[name] as usize].as_str().unwrap_or_default().to_owned()))
        })
        .collect()
}

#[test]
fn both_routes_bring_it_home() {
    let rig = rig(&Options { node: Some(node(18)), ..Options::default() });
    for route in ["file", "stream"] {
        let ran = hunt(&rig, &[&QUICK[..], &["--route", route]].concat());
        ran.code(0).left_nothing();
        assert_eq!(ran.session_json()["snapshots"][1]["route"], route);
    }
}

#[test]
fn json_is_one_document_on_stdout() {
    let rig = rig(&Options::default());
    let ran = hunt(&rig, &[&QUICK[..], &["--json"]].concat());
    ran.code(0).left_nothing();
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    assert_eq!(document["snapshots"].as_array().unwrap().len(), 2);
    assert_eq!(document["session"].as_str().unwrap(), ran.session().to_str().unwrap());
}

#[test]
fn quiet_prints_the_answer_only() {
    let rig = rig(&Options::default());
    let ran = hunt(&rig, &[&QUICK[..], &["--quiet"]].concat());
    ran.code(0).left_nothing();
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.contains("2 snapshots"), "{}", ran.stdout);
}

#[test]
fn an_inspector_that_was_open_is_used_and_left_open() {
    let rig = rig(&Options { app: App::BannerInspected, ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();
    let before = dyno.inspector_ports();
    assert!(!before.is_empty());
    let ran = hunt(&rig, &QUICK);
    ran.code(0).says("open already").left_nothing_here();
    assert_eq!(dyno.inspector_ports(), before);
    assert_eq!(dyno.leftovers(), []);
    assert!(!ran.events().contains("\"order\":\"signal "), "it was not signalled");
}

#[test]
fn two_hunts_side_by_side() {
    let rigs = [rig(&Options::default()), rig(&Options::default())];
    let hunts = rigs.each_ref().map(|rig| Hunt::start(rig, &QUICK));
    for hunt in hunts {
        hunt.end().code(0).left_nothing();
    }
}

#[test]
fn one_ps_exec_and_one_ps_forward() {
    let rig = rig(&Options::default());
    hunt(&rig, &QUICK).code(0).left_nothing();
    // One pair of credentials and one tunnel for ps:exec, one of each for the forward's only connection.
    let audit = rig.audit();
    assert_eq!(audit.iter().filter(|call| matches!(call, Call::Exec { .. })).count(), 2, "{audit:?}");
    assert_eq!(audit.iter().filter(|call| matches!(call, Call::Tunnel { .. })).count(), 2, "{audit:?}");
    let api = |call: &&Call| matches!(call, Call::Api { .. }) && call.changes();
    assert_eq!(audit.iter().filter(api).count(), 0, "{audit:?}");
}

#[test]
fn ctrl_c_tears_down() {
    let rig = rig(&Options::default());
    let mut hunt = Hunt::start(&rig, &["--growth", "1GB"]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    hunt.signal("INT");
    let ran = hunt.end();
    ran.code(130).says("interrupted while sampling").left_nothing();
    assert_eq!(ran.snapshots().len(), 1);
}

#[test]
fn sigterm_tears_down() {
    let rig = rig(&Options::default());
    let mut hunt = Hunt::start(&rig, &["--growth", "1GB"]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    hunt.signal("TERM");
    hunt.end().code(143).left_nothing();
}

#[test]
fn a_bare_cli_hunts_too_and_says_what_it_exposes() {
    let rig = rig(&Options::default());
    let ran = hunt(&rig, &[&QUICK[..], &["--no-preload", "--accept", "exposure"]].concat());
    ran.code(0).says("every interface").left_nothing();
}

#[test]
fn a_snapshot_that_would_cost_too_much_is_refused_with_the_numbers() {
    let rig = rig(&Options::default());
    let ran = hunt(&rig, &[&QUICK[..], &["--max-pause", "1ms"]].concat());
    ran.code(20).says("snapshot refused: peak").says("--max-pause").left_nothing();
    assert!(ran.snapshots().is_empty());
}
