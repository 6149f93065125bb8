//! The lighter evidence: asked for, and instead of a snapshot that is refused.

use std::os::unix::fs::PermissionsExt as _;

use leakhunt_rig::{App, Options};
use serde_json::{Value, json};

use crate::support::{Hunt, QUICK, Ran, hunt, node, rig};

const BRIEF: [&str; 4] = ["--profile", "sampling", "--duration", "4s"];

/// The two cuts of a profile.
const CUTS: [&str; 2] = ["1.heapprofile", "2.heapprofile"];

/// Both cuts of the profile are whole, private, and of the form that DevTools opens; gives the document of the reports.
#[track_caller]
fn check_profile(ran: &Ran) -> Value {
    let (session, told) = (ran.session(), ran.session_json());
    for (file, at) in CUTS.iter().zip(0..) {
        let path = session.join(file);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read(&path).unwrap();
        let profile: Value = serde_json::from_slice(&text).expect("a profile is JSON");
        // DevTools' SamplingHeapProfile: a tree of call frames with sizes, and the samples.
        assert!(
            profile["head"]["callFrame"]["functionName"].is_string()
                && profile["head"]["children"].is_array()
        );
        assert!(!profile["samples"].as_array().unwrap().is_empty());
        let told = &told["profiles"][at];
        assert_eq!((&told["file"], &told["bytes"]), (&json!(file), &json!(text.len())));
        assert_eq!(told["sha256"].as_str().unwrap().len(), 64);
    }
    serde_json::from_slice(&std::fs::read(session.join("findings.json")).unwrap()).unwrap()
}

#[test]
fn a_sampling_profile_names_the_lines_that_allocate_what_lives() {
    let rig = rig(&Options { app: App::Heap, node: Some(node(26)), ..Options::default() });
    let ran = hunt(&rig, &BRIEF);
    ran.code(0).left_nothing();
    let findings = check_profile(&ran);
    let first = &findings["allocations"][0];
    assert_eq!(first["location"]["file"], "/app/server.js");
    // order() itself, or the timer that it is inlined into.
    let line = first["location"]["line"].as_u64().unwrap();
    assert!([10, 11, 19, 20].contains(&line), "{first}");
    assert!(first["share"].as_f64().unwrap() > 0.5, "{first}");
    assert!(ran.stdout.contains(&format!("/app/server.js:{line}")), "{}", ran.stdout);
    let summary = std::fs::read_to_string(ran.session().join("summary.md")).unwrap();
    assert!(
        summary.contains(&format!("/app/server.js:{line}")) && summary.contains("event loop"),
        "{summary}"
    );
    assert!(!findings.to_string().contains("leakhunt"), "what we allocate ourselves is not the app's");
    // Each cut needs a collection, V8's own; and there is no snapshot.
    let time = &ran.session_json()["app_time"];
    assert_eq!((time["collections"].as_u64(), time["snapshots_ms"].as_f64()), (Some(2), Some(0.0)));
    assert!(time["evaluated_ms"].as_f64().unwrap() > 0.0, "{time}");

    // The folder, and the two files alone, can be analysed again.
    for paths in [vec![ran.session()], CUTS.map(|file| ran.session().join(file)).into()] {
        let again = rig.command(env!("CARGO_BIN_EXE_leakhunt"));
        let paths = paths.iter().map(|path| path.to_str().unwrap());
        let args: Vec<&str> = ["analyze", "--json"].into_iter().chain(paths).collect();
        let again = Hunt::spawn(again, &args, None).end();
        let document: Value = serde_json::from_str(&again.code(0).stdout).unwrap();
        assert_eq!(document["allocations"], findings["allocations"]);
    }
}

#[test]
fn sixty_megabytes_in_a_small_dyno_are_refused_with_numbers_and_the_lighter_evidence_is_taken() {
    let config = vec![("HEAP_MB".to_owned(), "60".to_owned())];
    let rig = rig(&Options { app: App::Heap, config, memory_limit: Some(512 << 20), ..Options::default() });
    let dyno = rig.dyno("web.1").unwrap();

    let refused = hunt(&rig, &QUICK);
    refused
        .code(20)
        .says("snapshot refused: peak")
        .says("of 537 MB")
        .says("over the memory limit")
        .left_nothing();
    refused.says("--profile sampling").says("--fallback sampling");
    assert!(refused.snapshots().is_empty());
    let refused = hunt(&rig, &["--json", "--accept", "pause"]);
    let document: Value = serde_json::from_str(&refused.code(20).stdout).expect("one JSON document");
    assert_eq!(document["exit_code"], 20);
    assert!(document["error"].as_str().unwrap().starts_with("snapshot refused"), "{document}");
    assert!(document["hint"].as_str().unwrap().contains("`--accept memory`"), "{document}");
    assert!(dyno.alive() && dyno.answers());

    let ran = hunt(&rig, &["--fallback", "sampling", "--duration", "4s", "--json"]);
    ran.code(0).says("snapshot refused: peak").says("as agreed to by --fallback").left_nothing();
    let findings = check_profile(&ran);
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    assert_eq!(document["allocations"], findings["allocations"]);
    assert_eq!(document["profiles"][1]["file"], "2.heapprofile");
    assert!(document["warnings"][0].as_str().unwrap().contains("snapshot refused"));
    assert!(ran.snapshots().is_empty());
    assert!(dyno.alive() && dyno.answers());
}

#[test]
fn all_kinds_of_evidence_come_in_one_session_the_lightest_first() {
    let config = vec![("BANNERS".to_owned(), "400".to_owned())];
    let rig = rig(&Options { app: App::Banner, config, node: Some(node(22)), ..Options::default() });
    let ran = hunt(
        &rig,
        &["--profile", "heap,cpu,sampling", "--duration", "4s", "--samples", "2", "--growth", "100kB"],
    );
    ran.code(0).left_nothing();
    let told = ran.session_json();
    let taken = |of: &str| -> Vec<Value> {
        told[of].as_array().unwrap().iter().map(|one| one["file"].clone()).collect()
    };
    assert_eq!(taken("profiles"), ["1.heapprofile", "2.heapprofile", "1.cpuprofile"]);
    assert_eq!(taken("snapshots"), ["1.heapsnapshot", "2.heapsnapshot"]);
    let event_loop = &told["profiles"][2]["event_loop"];
    assert!(event_loop["max_delay_ms"].as_f64() >= event_loop["mean_delay_ms"].as_f64(), "{event_loop}");
    assert!(event_loop["utilization"].as_f64().unwrap() > 0.0, "{event_loop}");
    assert!(told["app_time"]["profiles_ms"].as_f64().unwrap() > 0.0);
    let findings: Value =
        serde_json::from_slice(&std::fs::read(ran.session().join("findings.json")).unwrap()).unwrap();
    assert_eq!(findings["cpu"]["event_loop"], *event_loop);
    let busy = findings["cpu"]["functions"].as_array().unwrap();
    let own = |one: &Value| {
        one["location"]["file"].as_str().is_some_and(|file| file.starts_with("/app/components/"))
    };
    assert!(busy.iter().any(own), "{busy:#?}");
    assert!(!findings.to_string().contains("leakhunt"), "what we do ourselves is not the app's");
    ran.says("1.cpuprofile");
}

/// DevTools trusts the number of functions that the header tells, and Node 20 tells too few.
#[test]
fn a_timeline_comes_by_consent_with_the_stacks_of_what_lives() {
    for major in [20, 26] {
        let config = vec![("HEAP_MB".to_owned(), "8".to_owned())];
        let rig = rig(&Options { app: App::Heap, node: Some(node(major)), config, ..Options::default() });
        let asked = ["--profile", "timeline", "--duration", "3s"];
        let refused = hunt(&rig, &asked);
        refused.code(21).says("notes every allocation for 3 s").says("`--accept timeline`").left_nothing();
        let ran = hunt(&rig, &[&asked[..], &["--accept", "timeline"]].concat());
        ran.code(0).says("1.heaptimeline").left_nothing();
        let (session, told) = (ran.session(), ran.session_json());
        let text = std::fs::read(session.join("1.heaptimeline")).unwrap();
        let timeline: Value = serde_json::from_slice(&text).unwrap();
        let functions = timeline["trace_function_infos"].as_array().unwrap().len() / 6;
        assert_eq!(timeline["snapshot"]["trace_function_count"], functions, "Node {major}");
        let kept = &told["profiles"][0];
        assert_eq!((&kept["profile"], &kept["bytes"]), (&json!("timeline"), &json!(text.len())));
        let findings: Value =
            serde_json::from_slice(&std::fs::read(session.join("findings.json")).unwrap()).unwrap();
        let lines: Vec<u64> = findings["allocations"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["location"]["file"] == "/app/server.js")
            .filter_map(|one| one["location"]["line"].as_u64())
            .collect();
        assert!([10, 11, 19, 20].iter().any(|line| lines.contains(line)), "Node {major}: {findings:#}");
        assert!(rig.dyno("web.1").unwrap().answers());
    }
}

#[test]
fn an_interrupted_cpu_profile_leaves_no_profiler_behind() {
    let rig = rig(&Options::default());
    let mut hunt = Hunt::start(&rig, &["--profile", "cpu", "--duration", "10m"]);
    hunt.wait_for("\"profile\":\"cpu\"");
    hunt.signal("INT");
    let ran = hunt.end();
    ran.code(130).says("interrupted while profiling").left_nothing();
    assert!(!ran.session().join("1.cpuprofile").exists());
}

#[test]
fn a_hunt_ends_when_its_answer_is_certain_unless_all_snapshots_are_wanted() {
    let rig = rig(&Options { app: App::Banner, node: Some(node(24)), ..Options::default() });
    let few = hunt(&rig, &["--growth", "300kB", "--samples", "9"]);
    few.code(0).says("the answer is certain after").left_nothing();
    let taken = few.snapshots().len();
    assert!((4..9).contains(&taken), "{taken} snapshots");
    assert!(few.stdout.contains("leak: "), "{}", few.stdout);
    let all = hunt(&rig, &["--growth", "300kB", "--samples", "5", "--all-samples"]);
    all.code(0).left_nothing();
    assert_eq!(all.snapshots().len(), 5);
}

#[test]
fn auto_names_the_holder_with_two_snapshots() {
    let rig = rig(&Options { app: App::Banner, node: Some(node(24)), ..Options::default() });
    let ran = hunt(&rig, &["--profile", "auto", "--growth", "600kB"]);
    ran.code(0).says("the answer is certain after 2 of 6 snapshots").left_nothing();
    assert!(ran.stdout.contains("leak: ") && ran.stdout.contains("DiscountBanner"), "{}", ran.stdout);
    assert_eq!(ran.snapshots().len(), 2);
    // What was seen of it is all there.
    let told = ran.session_json();
    assert_eq!(told["observations"].as_array().map(Vec::len), Some(5));
    let profiles: Vec<&str> =
        told["profiles"].as_array().unwrap().iter().filter_map(|one| one["file"].as_str()).collect();
    assert_eq!(profiles, CUTS);

    let refused = hunt(&rig, &["--profile", "auto,heap"]);
    refused.code(2).says("--profile heap does nothing beside auto");
}

#[test]
fn where_no_snapshot_fits_auto_ends_with_what_it_has() {
    let config = vec![("HEAP_MB".to_owned(), "60".to_owned())];
    let rig = rig(&Options { app: App::Heap, config, memory_limit: Some(512 << 20), ..Options::default() });
    let ran = hunt(&rig, &["--profile", "auto", "--growth", "500kB", "--duration", "20s"]);
    ran.code(0).says("snapshot refused: peak").says("the answer rests on what there is").left_nothing();
    let findings = check_profile(&ran);
    assert_eq!(findings["verdict"], "inconclusive");
    let sentence = findings["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("the JavaScript heap "), "{sentence}");
    assert!(sentence.contains("/app/server.js:"), "{sentence}");
    assert!(ran.snapshots().is_empty());
    assert!(rig.dyno("web.1").unwrap().answers());
}

#[test]
fn an_interrupted_profile_leaves_nothing() {
    let rig = rig(&Options::default());
    let mut hunt = Hunt::start(&rig, &["--profile", "sampling", "--duration", "10m"]);
    hunt.wait_for("\"event\":\"sampling\"");
    hunt.signal("INT");
    let ran = hunt.end();
    ran.code(130).says("interrupted while profiling").left_nothing();
    assert!(!ran.session().join("1.heapprofile").exists());
}
