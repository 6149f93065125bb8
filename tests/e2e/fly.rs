//! Hunts in machines of Fly.io, by a stand-in that plays flyctl's argument forms; what runs behind it is real.

use std::path::Path;
use std::process::Command;

use leakhunt_rig::Fly;
use serde_json::{Value, json};

use crate::hosts::{FOUR, Leak, check_found, check_receipt};
use crate::support::{Hunt, Ran, node, scratch};

const ID: &str = "3d8d9014b32d68";

#[track_caller]
fn fly(machines: &Value) -> Fly {
    let fly = Fly::start(&node(24)).expect("it can be written");
    fly.has(machines).unwrap();
    fly
}

fn machine(id: &str, state: &str) -> Value {
    json!({ "id": id, "name": format!("name-of-{id}"), "state": state, "region": "fra", "instance_id": "01HX",
        "updated_at": "2026-11-30T17:35:47Z", "events": [{ "type": "start", "timestamp": 1 }] })
}

fn leakhunt(fly: &Fly, scratch: &Path) -> Command {
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.envs(fly.env()).env("XDG_STATE_HOME", scratch.join("state"));
    leakhunt
}

fn start(fly: &Fly, args: &[&str]) -> Hunt {
    let scratch = scratch();
    let leakhunt = leakhunt(fly, scratch.path());
    Hunt::spawn_in(scratch, leakhunt, args, None)
}

fn run(fly: &Fly, args: &[&str]) -> Ran {
    start(fly, args).end()
}

#[test]
fn a_hunt_from_end_to_end_in_the_only_machine_that_is_started() {
    let fly = fly(&json!([machine("1781973f03e589", "stopped"), machine(ID, "started")]));
    let mut leak = Leak::start(24);
    let looked = run(&fly, &["doctor", "fly", "-a", "shop", "--pid", &leak.pid()]);
    looked.code(0).left_nothing_here();
    looked.prints("go: leakhunt fly --app=shop --machine=3d8d9014b32d68 --pid");
    looked.prints("3d8d9014b32d68 (name-of-3d8d9014b32d68, fra, started)");
    assert!(!leak.listens());

    let ran = run(&fly, &[&["fly", "-a", "shop", "--pid", &leak.pid()], &FOUR[..]].concat());
    ran.code(0).left_nothing_here();
    check_receipt(&ran);
    check_found(&ran, "leak.js");
    assert_eq!(ran.session_json()["target"], "machine 3d8d9014b32d68 of the Fly.io app shop");
    leak.is_as_it_was(&ran);
}

#[test]
fn a_killed_hunt_closes_the_inspector_and_is_cleaned_up() {
    let fly = fly(&json!([machine(ID, "started"), machine("1781973f03e589", "started")]));
    let mut leak = Leak::start(24);
    let args = ["fly", "-a", "shop", "--machine", ID, "--pid", &leak.pid(), "--growth", "1GB"];
    let mut hunt = start(&fly, &args);
    let state = hunt.scratch.path().to_owned();
    hunt.wait_for("\"event\":\"snapshot_done\"");
    assert!(leak.listens());
    hunt.signal("KILL");
    let killed = hunt.end();
    leak.closes_within_10_s(&killed.stderr);
    let cleaned = killed.again(leakhunt(&fly, &state), &["cleanup"]);
    let said = String::from_utf8_lossy(&[cleaned.stdout, cleaned.stderr].concat()).into_owned();
    assert!(cleaned.status.success() && said.contains("1 finished: nothing is left"), "{said}");
    killed.left_nothing_here();
}

#[test]
fn a_machine_that_ends_in_the_midst_of_a_hunt() {
    let fly = fly(&json!([machine(ID, "started")]));
    let leak = Leak::start(24);
    let args = ["fly", "-a", "shop", "--pid", &leak.pid(), "--growth", "1GB", "--samples", "3"];
    let mut hunt = start(&fly, &args);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    let mut ended = machine(ID, "stopped");
    let exit = json!({ "exit_event": { "exit_code": 137, "oom_killed": true } });
    ended["events"] = json!([{ "type": "exit", "timestamp": 2, "request": exit }, ended["events"][0]]);
    fly.has(&json!([ended])).unwrap();
    drop(leak);
    hunt.end()
        .code(33)
        .says("the machine ran out of memory and was killed (oom_killed)")
        .says("kept 1 complete snapshot")
        .left_nothing_here();
}

#[test]
fn what_stands_against_a_hunt_is_said() {
    let both = json!([machine(ID, "started"), machine("1781973f03e589", "started")]);
    let fly = fly(&both);
    run(&fly, &["fly", "-a", "shop"])
        .code(30)
        .says("several machines that are started: 3d8d9014b32d68 (name-of-3d8d9014b32d68, fra, started), 1781973f03e589")
        .says("name one with --machine");
    run(&fly, &["fly", "-a", "other"]).code(30).says("flyctl finds no app other").says("`fly apps list`");
    run(&fly, &["fly", "-a", "shop", "--machine", "nosuch"])
        .code(30)
        .says("the Fly.io app shop has no machine nosuch; it has 3d8d9014b32d68");
    fly.has(&json!([machine(ID, "suspended")])).unwrap();
    run(&fly, &["fly", "-a", "shop"])
        .code(30)
        .says("has no machine that is started: 3d8d9014b32d68 (name-of-3d8d9014b32d68, fra, suspended)")
        .says("`fly machine start 3d8d9014b32d68 -a shop`");
    run(&fly, &["fly", "-a", "shop", "--machine", ID])
        .code(30)
        .says("the machine 3d8d9014b32d68 of the Fly.io app shop is suspended");
    fly.has(&json!([])).unwrap();
    run(&fly, &["fly", "-a", "shop"])
        .code(30)
        .says("has no machine that is started")
        .says("`fly status -a shop`");
    fly.log_out().unwrap();
    run(&fly, &["fly", "-a", "shop"]).code(30).says("flyctl is not logged in").says("`fly auth login`");
}
