//! What hunts take of a dyno's memory, under a limit that the kernel enforces where the rig may.

use leakhunt_rig::{App, Options};
use serde_json::Value;

use crate::support::{Ran, hunt, node, rig};

fn heap(megabytes: u32, kilobytes_a_second: u32) -> Options {
    let var = |name: &str, value: u32| (name.to_owned(), value.to_string());
    Options {
        app: App::Heap,
        node: Some(node(22)),
        config: vec![var("HEAP_MB", megabytes), var("GROWTH_KB", kilobytes_a_second)],
        dyno_type: "Standard-1X".to_owned(),
        memory_limit: Some(512 << 20),
        ..Options::default()
    }
}

fn verdict(ran: &Ran) -> Value {
    let findings = std::fs::read(ran.session().join("findings.json")).unwrap();
    serde_json::from_slice::<Value>(&findings).unwrap()["verdict"].clone()
}

#[test]
fn six_snapshots_of_a_heap_that_grows_fit_the_smallest_dyno() {
    let rig = rig(&heap(10, 100));
    let dyno = rig.dyno("web.1").unwrap();
    let ran = hunt(&rig, &["--growth", "100KB", "--max-wait", "5s", "--all-samples"]);
    ran.code(0).says("of 537 MB").says("app memory").left_nothing();
    assert!(dyno.alive() && dyno.answers());
    assert_eq!(ran.snapshots().len(), 6, "{}", ran.stderr);
    assert!(ran.events().contains("\"event\":\"counted\""), "{}", ran.events());

    let session = ran.session_json();
    let megabytes = |value: &Value| value.as_u64().unwrap() / 1_000_000;
    let (before, after) =
        (megabytes(&session["resident"]["before"]), megabytes(&session["resident"]["after"]));
    assert!(before < after && after < 537, "{}", session["resident"]);
    for snapshot in session["snapshots"].as_array().unwrap() {
        // What a snapshot leaves is less than what was predicted for its peak, and the next one begins there.
        let (rss, peak) = (megabytes(&snapshot["rss"]), megabytes(&snapshot["predicted"]["peak"]));
        assert!(rss <= peak && peak < 537, "{snapshot}");
        assert!(megabytes(&snapshot["rss_after"]) <= peak, "{snapshot}");
    }
}

#[test]
fn what_snapshots_leave_resident_is_no_leak_of_the_apps() {
    let rig = rig(&heap(15, 0));
    let ran = hunt(&rig, &["--samples", "3", "--max-wait", "2s"]);
    ran.code(0).left_nothing();
    let verdict = verdict(&ran);
    assert!(verdict == "healthy" || verdict == "inconclusive", "{verdict}: {}", ran.stdout);
    let resident = &ran.session_json()["resident"];
    let left = resident["after"].as_u64().unwrap() - resident["before"].as_u64().unwrap();
    assert!(left > 50_000_000, "the snapshots have left enough to be taken for a leak: {resident}");
}

#[test]
fn a_dyno_that_shows_no_cgroup_is_weighed_by_its_type() {
    let rig = rig(&Options { memory_limit: None, ..heap(60, 0) });
    let dyno = rig.dyno("web.1").unwrap();
    let refused = hunt(&rig, &["--samples", "2", "--max-wait", "2s"]);
    refused
        .code(20)
        .says("of 537 MB (the dyno type's quota)")
        .says("over the memory limit")
        .says("--profile sampling")
        .left_nothing();
    assert!(refused.snapshots().is_empty());
    assert!(dyno.alive() && dyno.answers());
}
