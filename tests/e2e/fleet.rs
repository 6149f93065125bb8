//! Several dynos of one app: two leak alike, one differently, one crashes under the hunt, the others are well.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use leakhunt_rig::{App, Fault, Options};
use serde_json::Value;

use crate::support::{Hunt, node, poll, rig, with_sturdy_node};

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn folder(hunt: &Hunt) -> PathBuf {
    poll("the fleet's folder", || {
        let entries = std::fs::read_dir(hunt.scratch.path().join("out")).ok()?;
        entries.flatten().map(|entry| entry.path()).next()
    })
}

#[track_caller]
fn wait_for_a_snapshot(folder: &Path, member: &str) {
    let events = folder.join(format!("{member}.events.ndjson"));
    let deadline = Instant::now() + Duration::from_secs(120);
    while !std::fs::read_to_string(&events).is_ok_and(|text| text.contains("\"event\":\"snapshot_done\"")) {
        assert!(Instant::now() < deadline, "{member} is hunted");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn two_that_leak_alike_and_one_that_does_not() {
    let rig = rig(&Options {
        app: App::Fleet,
        dynos: 8,
        node: Some(node(24)),
        dyno_type: "Performance-L".to_owned(),
        ..Options::default()
    });
    let args = ["--process-type", "web", "--worst", "4", "--parallel", "4"];
    // A machine that is busy with eight dynos predicts long pauses.
    let brief = ["--samples", "5", "--growth", "300KB", "--max-wait", "4s", "--max-pause", "5m"];
    let all = [&["heroku", "--app", rig.app_name()][..], &args, &brief].concat();
    let hunt = Hunt::spawn(rig.command(env!("CARGO_BIN_EXE_leakhunt")), &all, rig.dyno("web.2").ok());
    // The one that is large and well, as soon as it is under way.
    let folder = folder(&hunt);
    wait_for_a_snapshot(&folder, "web.4");
    rig.dyno("web.4").unwrap().crash().unwrap();
    let ran = hunt.end();
    ran.code(0).says("hunted, the most memory first: ").left_nothing();
    for dyno in (1..=8).filter(|number| *number != 4) {
        let dyno = rig.dyno(&format!("web.{dyno}")).unwrap();
        assert!(dyno.alive() && dyno.inspector_ports().is_empty() && dyno.leftovers().is_empty());
    }

    let fleet = json(&folder.join("fleet.json"));
    let members = |leak: &Value| {
        leak["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let leaks: Vec<(Vec<String>, &str)> = fleet["leaks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|leak| (members(leak), leak["sentence"].as_str().unwrap()))
        .collect();
    assert_eq!(leaks.len(), 2, "{leaks:#?}\n{}", ran.stdout);
    assert_eq!(leaks[0].0, ["web.2", "web.5"], "{}", ran.stdout);
    assert!(leaks[0].1.contains("visits"), "{}", leaks[0].1);
    assert_eq!(leaks[1].0, ["web.7"]);
    assert!(leaks[1].1.contains("baskets"), "{}", leaks[1].1);
    let fate =
        |name: &str| fleet["members"].as_array().unwrap().iter().find(|fate| fate["name"] == name).unwrap();
    assert_eq!(fate("web.4")["exit_code"], 33);
    assert_eq!(fate("web.1")["outcome"], "skipped");
    assert!(fate("web.1")["memory"].as_u64().unwrap() > 20_000_000, "it was looked at");
    for session in ["web.2", "web.5", "web.7"].map(|name| fate(name)["folder"].as_str().unwrap()) {
        assert!(Path::new(session).join("report.html").exists());
    }
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    let shown = |text: &str| assert!(page.contains(text), "{text}: {page}");
    shown("web.2 and web.5 leak alike; web.7 leaks otherwise");
    shown("8 looked at, 4 hunted");
    shown("<p class=\"warning\">web.4 failed, exit 33: ");
    shown("data-at=\"up for\"");
    for name in ["web.2", "web.5", "web.7"] {
        let session = Path::new(fate(name)["folder"].as_str().unwrap());
        let session = session.file_name().unwrap().display().to_string();
        shown(&format!("<a href=\"./{session}/report.html\">{name}</a>"));
    }
    let summary = std::fs::read_to_string(folder.join("summary.md")).unwrap();
    assert!(
        summary.contains("web.2, web.5") && ran.stdout.contains("web.2, web.5"),
        "{summary}\n{}",
        ran.stdout
    );
}

/// Nothing leads there any more, so nobody can look: it must be said of which dynos, and where more is told of each.
#[test]
fn where_an_inspector_may_be_open_is_said() {
    let rig = rig(&Options { dynos: 2, ..with_sturdy_node() });
    let args = ["heroku", "--app", rig.app_name(), "-d", "web.1", "-d", "web.2", "--growth", "1GB"];
    let hunt = Hunt::spawn(rig.command(env!("CARGO_BIN_EXE_leakhunt")), &args, rig.dyno("web.1").ok());
    let folder = folder(&hunt);
    for member in ["web.1", "web.2"] {
        wait_for_a_snapshot(&folder, member);
    }
    rig.set(Fault::TunnelClosed);
    rig.cut_tunnels();
    let ran = hunt.end();
    ran.code(40)
        .says("error: teardown not confirmed on web.1, web.2: the inspector may be open")
        .says("hint: `leakhunt cleanup`; what each hunt says of it: ")
        .left_nothing();
    for member in ["web.1", "web.2"] {
        let log = folder.join(format!("{member}.log"));
        ran.says(&log.display().to_string());
    }
    assert_eq!(json(&folder.join("fleet.json"))["exit_code"], 40);
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("web.2 failed, exit 40: teardown not confirmed"), "{page}");
}

#[test]
fn what_does_not_fit_is_told_before_anything_is_asked_of_a_dyno() {
    let rig = rig(&Options { app: App::Healthy, dynos: 2, ..Options::default() });
    let leakhunt = |args: &[&str]| {
        let all = [&["heroku", "--app", rig.app_name()][..], args].concat();
        Hunt::spawn(rig.command(env!("CARGO_BIN_EXE_leakhunt")), &all, None).end()
    };
    leakhunt(&["-d", "web.1", "-d", "web.9"]).code(30).says("has no dyno web.9").says("web.1, web.2");
    leakhunt(&["--process-type", "worker"])
        .code(30)
        .says("no dyno of the type worker")
        .says("its types: web");
    leakhunt(&["--parallel", "3"]).code(2).says("--parallel does nothing with one dyno");
    leakhunt(&["--worst", "3"]).code(2).says("--process-type");
    leakhunt(&["-d", "web.1", "-d", "web.2", "--enable-exec"]).code(2).says("--enable-exec is for one dyno");
    assert!(!rig.audit().iter().any(|call| format!("{call:?}").contains("exec")), "{:?}", rig.audit());
}
