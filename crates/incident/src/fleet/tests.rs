//! Which dynos are looked at. A shell script answers in leakhunt's place, and writes down what it was asked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Mutex;

use jiff::Timestamp;
use leakhunt_host::Environment;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Choice, Fleet, FleetEvent, FleetWatch, Hunted, Member, hunt_fleet};
use crate::log::Logged;

/// `doctor` says no of web.4. The process that it finds is smaller than its dyno.
const ANSWERS: &str = r#"#!/bin/sh
echo "$1 $2" >> "$ASKED"
case "$1 $2" in
  "doctor web.4") echo '{ "error": "no Node.js process" }'; exit 31 ;;
  doctor*) echo '{ "look": { "chosen": { "rss": 7, "age_s": 60 } } }' ;;
  *) echo '{ "verdict": "healthy", "resident": { "before": 8 } }' ;;
esac
"#;

struct Ran {
    hunted: Hunted,
    /// Each command, in the order of its start.
    asked: Vec<String>,
    events: Vec<Value>,
}

/// Hunts dynos that have so many MB by the log.
fn ran(choice: Choice, logged: &[Option<u64>]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    script(&at("leakhunt"));
    let member = |(number, memory): (usize, &Option<u64>)| Member {
        name: format!("web.{}", number + 1),
        facts: Vec::new(),
        logged: memory.map(|mb| Logged {
            at: Timestamp::UNIX_EPOCH,
            memory: mb << 20,
            quota: Some(512 << 20),
        }),
        requests_per_minute: Some(100 * (number as u64 + 1)),
        look: vec!["doctor".to_owned(), format!("web.{}", number + 1)],
        hunt: vec!["heroku".to_owned(), format!("web.{}", number + 1)],
    };
    let environment = Environment::new(std::env::vars_os()).with([("ASKED", at("asked"))]);
    let fleet = Fleet {
        name: "shop".to_owned(),
        members: logged.iter().enumerate().map(member).collect(),
        choice,
        parallel: 1,
        program: at("leakhunt"),
        environment,
        out: folder.path().to_owned(),
        tool_version: "0",
    };
    let events = Mutex::new(Vec::new());
    let event = |event: &FleetEvent| events.lock().unwrap().push(serde_json::to_value(event).unwrap());
    let watch = FleetWatch { event: &event, of_hunt: &|_, _| {} };
    let never = CancellationToken::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hunted = runtime.block_on(hunt_fleet(&fleet, &never, &never, watch)).unwrap();
    let asked = fs::read_to_string(at("asked")).unwrap().lines().map(str::to_owned).collect();
    Ran { hunted, asked, events: events.into_inner().unwrap() }
}

fn script(path: &Path) {
    fs::write(path, ANSWERS).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
}

impl Ran {
    fn members(&self) -> Vec<Value> {
        self.hunted.members.iter().map(|fate| serde_json::to_value(fate).unwrap()).collect()
    }

    fn named(&self, event: &str) -> usize {
        self.events.iter().filter(|one| one["event"] == event).count()
    }
}

#[test]
fn those_with_the_most_memory_by_the_log_are_looked_at_and_the_next_where_one_cannot_be_hunted() {
    let ran = ran(Choice::Worst(2), &[Some(100), Some(300), Some(200), Some(400), Some(150)]);
    let asked = ["doctor web.4", "doctor web.2", "doctor web.3", "heroku web.2", "heroku web.3"];
    assert_eq!(ran.asked, asked);
    assert_eq!((ran.named("fleet_logged"), ran.named("fleet_looked")), (5, 3));
    let (looked, logged): (Vec<Value>, Vec<Value>) =
        ran.members().iter().map(|fate| (fate["looked"].clone(), fate["memory"].clone())).unzip();
    assert_eq!(looked, [false, true, true, true, false]);
    // They can be compared with each other.
    assert_eq!(logged, [100, 300, 200, 400, 150].map(|mb: u64| json!(mb << 20)));
    let members = ran.members();
    assert!(members.iter().all(|fate| fate["memory_from"] == "log" && fate["quota"] == 512 << 20));
    assert_eq!(
        (&members[4]["outcome"], &members[4]["reason"]),
        (&json!("skipped"), &json!("others have more memory"))
    );
    assert_eq!(
        (&members[3]["outcome"], &members[3]["error"]),
        (&json!("failure"), &json!("no Node.js process"))
    );
    assert_eq!((&members[1]["verdict"], &members[1]["age_s"]), (&json!("healthy"), &json!(60)));
    assert_eq!(members[1]["facts"], json!({ "traffic": "200 requests/min" }));
    assert_eq!(ran.hunted.differences["traffic"].len(), 5);
}

#[test]
fn all_are_looked_at_where_the_log_does_not_tell_of_each_or_all_are_hunted() {
    let one_lacks = ran(Choice::Worst(1), &[Some(100), None, Some(300)]);
    assert_eq!(one_lacks.asked, ["doctor web.1", "doctor web.2", "doctor web.3", "heroku web.1"]);
    assert_eq!(one_lacks.named("fleet_logged"), 0);
    assert!(one_lacks.members().iter().all(|fate| fate["memory_from"] == "look" && fate["memory"] == 7));

    let all = ran(Choice::All, &[Some(100), Some(200), Some(300), Some(400)]);
    assert_eq!(all.asked.iter().filter(|asked| asked.starts_with("doctor")).count(), 4);
    let members = all.members();
    assert!(members[..3].iter().all(|fate| fate["memory_from"] == "look"));
    // What no look tells, the log does.
    assert_eq!((&members[3]["memory_from"], &members[3]["memory"]), (&json!("log"), &json!(400 << 20)));
}
