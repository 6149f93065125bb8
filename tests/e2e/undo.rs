//! Hunts that were killed, and `leakhunt cleanup`.

use std::path::PathBuf;

use leakhunt_rig::{Options, Rig};
use serde_json::Value;

use crate::support::{Hunt, QUICK, Ran, hunt, poll, rig};

fn journals(rig: &Rig) -> Vec<PathBuf> {
    let folder = rig.home().join(".local/state/leakhunt/hunts");
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Kills a hunt when the session's log holds `text`.
#[track_caller]
fn killed_at(rig: &Rig, text: &str) -> Ran {
    let mut hunt = Hunt::start(rig, &["--growth", "1GB"]);
    hunt.wait_for(text);
    hunt.signal("KILL");
    let ran = hunt.end();
    assert_eq!(ran.code, None, "it was killed");
    assert_eq!(journals(rig).len(), 1);
    ran
}

#[track_caller]
fn check_killed(text: &str, inspector: &str) {
    let rig = rig(&Options::default());
    let ran = killed_at(&rig, text);
    let cleaned = ran.cleanup(&rig, &["--json"]);
    let stderr = String::from_utf8_lossy(&cleaned.stderr).into_owned();
    assert_eq!(cleaned.status.code(), Some(0), "{stderr}");
    let document: Value = serde_json::from_slice(&cleaned.stdout).expect("one JSON document");
    let undone = document["hunts"][0]["teardown"]["undone"].as_array().unwrap();
    let how = undone.iter().filter(|line| line["what"] == "inspector").find_map(|line| line["how"].as_str());
    assert!(how.unwrap_or_default().contains(inspector), "{undone:?}");
    assert_eq!(journals(&rig), [] as [PathBuf; 0]);
    poll("nothing of it is left", || ran.remains().is_empty().then_some(()));
    ran.left_nothing();
    assert!(rig.dyno("web.1").unwrap().alive());
    // And once more: there is nothing to do.
    let again = ran.cleanup(&rig, &[]);
    assert_eq!(again.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&again.stdout).contains("nothing is left of earlier hunts"));
}

#[test]
fn killed_while_it_waits() {
    check_killed("\"event\":\"reading\"", "closed it by itself");
}

/// The inspector was opened, and nothing was planted yet that would close it: cleanup has to.
#[test]
fn killed_before_anything_was_planted() {
    check_killed("\"order\":\"signal ", "");
}

/// Between the making of a child's private folder and the child's start there is a moment at which a hunt can be killed.
#[test]
fn a_private_folder_whose_child_was_never_started() {
    let rig = rig(&Options::default());
    let ran = killed_at(&rig, "\"event\":\"reading\"");
    let journal = std::fs::read_to_string(&journals(&rig)[0]).expect("it can be read");
    let acts = journal.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let [folders] = &acts.filter(|act| act["act"] == "private").collect::<Vec<_>>()[..] else {
        panic!("private folders are journalled once, before there is one:\n{journal}");
    };
    let [within, prefix] = ["within", "prefix"].map(|key| folders["folders"][key].as_str().expect("a name"));
    let folder = PathBuf::from(within).join(format!("{prefix}late"));
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("preload.cjs"), "").expect("a file");
    assert_eq!(ran.cleanup(&rig, &[]).status.code(), Some(0));
    assert!(!folder.exists());
    ran.left_nothing();
}

#[test]
fn the_next_hunt_says_what_a_killed_one_left() {
    let rig = rig(&Options::default());
    let ran = killed_at(&rig, "\"event\":\"snapshot_done\"");
    let next = hunt(&rig, &QUICK);
    next.code(0).says("`leakhunt cleanup` finishes that").left_nothing();
    assert_eq!(journals(&rig).len(), 1, "a hunt does not clean up by itself");
    assert_eq!(ran.cleanup(&rig, &[]).status.code(), Some(0));
    assert_eq!(journals(&rig).len(), 0);
}

#[test]
fn a_hunt_under_way_is_left_alone() {
    let rig = rig(&Options::default());
    let mut under_way = Hunt::start(&rig, &["--samples", "2", "--growth", "1GB", "--max-wait", "15s"]);
    under_way.wait_for("\"event\":\"snapshot_done\"");
    let other = hunt(&rig, &["--dyno", "web.9"]);
    let cleaned = other.cleanup(&rig, &[]);
    assert_eq!(cleaned.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&cleaned.stdout).contains("1 under way, left alone"));
    under_way.end().code(0).left_nothing();
    assert_eq!(journals(&rig).len(), 0);
}
