//! Several dynos of which the app's log tells how much memory each has, and how many requests it gets.

use std::collections::BTreeSet;
use std::time::Duration;

use leakhunt_rig::{App, Call, Fault, Options, Rig};
use serde_json::{Value, json};

use crate::support::{Hunt, Ran, node, rig};

const MINUTE: Duration = Duration::from_secs(60);

fn three() -> Rig {
    rig(&Options { app: App::Healthy, dynos: 3, node: Some(node(24)), ..Options::default() })
}

/// The runtime metrics of a dyno, as the platform logs them each 20 s.
fn metrics(rig: &Rig, ago: Duration, dyno: &str, mb: u32) {
    let text = format!(
        "source={dyno} dyno=heroku.1.d97d0ea7 sample#memory_total={mb}.00MB sample#memory_rss={mb}.00MB \
         sample#memory_cache=0.00MB sample#memory_swap=0.00MB sample#memory_quota=1024.00MB"
    );
    rig.platform_said(ago, dyno, &text);
}

/// Hunts the one of three that has the most memory.
fn worst(rig: &Rig) -> (Ran, Value) {
    let args = ["heroku", "--app", rig.app_name(), "--process-type", "web", "--worst", "1", "--json"];
    let brief = ["--samples", "2", "--growth", "1GB", "--max-wait", "1s"];
    let all = [&args[..], &brief].concat();
    let ran = Hunt::spawn(rig.command(env!("CARGO_BIN_EXE_leakhunt")), &all, rig.dyno("web.1").ok()).end();
    ran.code(0).left_nothing();
    let fleet = serde_json::from_str(&ran.stdout).unwrap();
    (ran, fleet)
}

/// The dynos into which a tunnel was opened: whatever runs there came through one.
fn entered(rig: &Rig) -> BTreeSet<String> {
    let tunnels = rig.audit().into_iter().filter_map(|call| match call {
        Call::Tunnel { dyno } => Some(dyno),
        _ => None,
    });
    tunnels.collect()
}

fn each(fleet: &Value, key: &str) -> Vec<Value> {
    fleet["members"].as_array().unwrap().iter().map(|fate| fate[key].clone()).collect()
}

#[test]
fn where_the_log_tells_of_each_only_the_chosen_is_entered() {
    let rig = three();
    // As many lines as are kept, so that those of the boot are gone: four requests of five went to web.2.
    for line in 0..1_500_u32 {
        let dyno = if line % 5 == 0 { "web.1" } else { "web.2" };
        let text = format!(
            "at=info method=GET path=\"/?dyno=web.3\" host=shop.example.com request_id=8601b555 fwd=\"204.204.204.204\" \
             dyno={dyno} connect=1ms service=18ms status=200 bytes=13 protocol=https"
        );
        rig.platform_said(Duration::from_millis(u64::from(64_000 - line * 42)), "router", &text);
    }
    for (dyno, mb) in [("web.1", 300), ("web.2", 700), ("web.3", 900)] {
        metrics(&rig, MINUTE, dyno, mb);
    }
    metrics(&rig, Duration::ZERO, "web.3", 200);
    let (ran, fleet) = worst(&rig);
    assert_eq!(entered(&rig), ["web.2".to_owned()].into());
    ran.says("web.2").says("734 MB of 1.1 GB by the app's log").says("hunted, the most memory first: web.2");
    assert_eq!(each(&fleet, "outcome"), ["skipped", "success", "skipped"]);
    assert_eq!(each(&fleet, "looked"), [false, true, false]);
    assert_eq!(each(&fleet, "memory"), [300_u64, 700, 200].map(|mb| json!(mb << 20)));
    assert_eq!(each(&fleet, "memory_from"), ["log", "log", "log"]);
    let traffic = each(&fleet, "facts").into_iter().map(|facts| facts["traffic"].clone());
    assert_eq!(traffic.collect::<Vec<_>>(), ["280 requests/min", "1100 requests/min", "0 requests/min"]);
    assert_eq!(fleet["differences"]["traffic"]["1100 requests/min"], json!(["web.2"]));
    let page =
        std::fs::read_to_string(std::path::Path::new(fleet["folder"].as_str().unwrap()).join("report.html"));
    let page = page.unwrap();
    assert!(page.contains("3 in all, 1 looked at, 1 hunted") && page.contains("1100 requests/min"), "{page}");
    assert!(page.contains("memory of all processes"), "{page}");
}

/// The log only spares looks: without it, or where it is too old of one, the memory of each is looked at.
#[test]
fn where_the_log_does_not_tell_of_each_all_are_entered() {
    let all: BTreeSet<String> = ["web.1", "web.2", "web.3"].map(str::to_owned).into();
    let stale = three();
    for (ago, dyno) in [(Duration::ZERO, "web.1"), (3 * MINUTE, "web.2"), (Duration::ZERO, "web.3")] {
        metrics(&stale, ago, dyno, 300);
    }
    let (_, fleet) = worst(&stale);
    assert_eq!(entered(&stale), all);
    assert_eq!(each(&fleet, "looked"), [true, true, true]);
    assert_eq!(each(&fleet, "memory_from"), ["look", "look", "look"]);
    assert!(each(&fleet, "memory").iter().all(|memory| memory.as_u64().unwrap() < 300 << 20), "{fleet}");

    let unread = three();
    unread.set(Fault::NoLog);
    for dyno in &all {
        metrics(&unread, Duration::ZERO, dyno, 300);
    }
    let (_, fleet) = worst(&unread);
    assert_eq!(entered(&unread), all);
    assert_eq!(each(&fleet, "memory_from"), ["look", "look", "look"]);
    assert!(each(&fleet, "facts").iter().all(|facts| facts["traffic"].is_null()), "{fleet}");
}
