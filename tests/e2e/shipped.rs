//! The shipped runbooks on the rig, by the real Heroku CLI: each to the end that it is written for, and to those that nobody wishes.

use std::path::Path;
use std::time::{Duration, Instant};

use leakhunt_rig::{App, Fault, Options, Rig};
use serde_json::Value;

use crate::runbooks::{kept, step};
use crate::support::{Hunt, Ran, node, rig, scratch};

/// A run of a shipped runbook.
#[track_caller]
fn shipped(rig: &Rig, name: &str, inputs: &[&str], args: &[&str]) -> Hunt {
    edited(rig, name, ("", ""), inputs, args)
}

/// The same, of one in which a person has put something else in the place of what was there.
#[track_caller]
fn edited(rig: &Rig, name: &str, edit: (&str, &str), inputs: &[&str], args: &[&str]) -> Hunt {
    let scratch = scratch();
    let leakhunt = || rig.command(env!("CARGO_BIN_EXE_leakhunt"));
    let new = leakhunt().args(["runbook", "new", name]).current_dir(scratch.path()).output().unwrap();
    assert!(new.status.success());
    let file = scratch.path().join(format!("{name}.yaml"));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(edit.0), "{name} has no `{}`", edit.0);
    std::fs::write(&file, text.replacen(edit.0, edit.1, 1)).unwrap();
    let app = format!("app={}", rig.app_name());
    let dyno = inputs.iter().find_map(|input| input.strip_prefix("dyno=")).unwrap_or("web.1");
    let inputs = [app.as_str()].into_iter().chain(inputs.iter().copied());
    let inputs: Vec<&str> = inputs.flat_map(|input| ["--input", input]).collect();
    let all = [&["run", file.to_str().unwrap()], &inputs[..], args].concat();
    Hunt::spawn_in(scratch, leakhunt(), &all, rig.dyno(dyno).ok())
}

#[track_caller]
fn outcomes(run: &Value, expected: &[(&str, &str)]) {
    let steps = run["steps"].as_array().unwrap().iter();
    let of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let outcomes: Vec<_> = steps.map(|step| (of(&step["id"]), of(&step["outcome"]))).collect();
    let outcomes: Vec<(&str, &str)> =
        outcomes.iter().map(|(id, outcome)| (id.as_str(), outcome.as_str())).collect();
    assert_eq!(outcomes, expected, "{run:#}");
}

/// The run ended with this code, and its steps so; nothing is left of it.
#[track_caller]
fn ends(hunt: Hunt, code: i32, expected: &[(&str, &str)]) -> (Ran, Value) {
    let ran = hunt.end();
    ran.code(code).left_nothing();
    let (_, run) = kept(&ran);
    outcomes(&run, expected);
    (ran, run)
}

#[test]
fn r14_web() {
    let rig = rig(&Options { node: Some(node(22)), ..Options::default() });
    let inputs = ["sampling=8s", "samples=4", "growth=300KB"];
    let ran = shipped(&rig, "r14-web", &inputs, &[]).end();
    ran.code(0).says("nobody was told").left_nothing();
    let (folder, run) = kept(&ran);
    let all = ["look", "sample", "again", "hunt", "report", "notify", "cleanup"];
    outcomes(&run, &all.map(|id| (id, "success")));
    assert!(std::fs::read_to_string(folder.join("report.md")).unwrap().contains("DiscountBanner"));

    rig.set(Fault::NotLoggedIn);
    let ran = shipped(&rig, "r14-web", &inputs, &["--from", "sample"]).end();
    ran.code(30).left_nothing();
    let (_, run) = kept(&ran);
    assert_eq!(
        (&step(&run, "sample")["exit_code"], &step(&run, "hunt")["outcome"]),
        (&30.into(), &"skipped".into())
    );
    assert_eq!(step(&run, "cleanup")["outcome"], "success");
}

#[test]
fn worker_overnight() {
    let rig = rig(&Options { node: Some(node(22)), ..Options::default() });
    let inputs = ["dyno=web.1", "samples=4", "growth=300KB", "longest=30s"];
    let ran = shipped(&rig, "worker-overnight", &inputs, &[]).end();
    ran.code(0).left_nothing();
    let (_, run) = kept(&ran);
    outcomes(&run, &["look", "hunt", "report", "notify", "cleanup"].map(|id| (id, "success")));
    assert_eq!(step(&run, "hunt")["verdict"], "leak");

    // A worker that is not there.
    let ran = shipped(&rig, "worker-overnight", &inputs[1..], &[]).end();
    ran.code(30).left_nothing();
    let (_, run) = kept(&ran);
    let expected = [
        ("look", "failure"),
        ("hunt", "failure"),
        ("report", "skipped"),
        ("notify", "skipped"),
        ("cleanup", "success"),
    ];
    outcomes(&run, &expected);

    // Somebody ends the night early: what was taken by then is reported.
    let mut hunt = shipped(&rig, "worker-overnight", &["dyno=web.1", "growth=900MB"], &[]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    hunt.signal("INT");
    let ran = hunt.end();
    ran.code(130).left_nothing();
    let (folder, run) = kept(&ran);
    let expected = ["look", "hunt", "report", "notify", "cleanup"]
        .map(|id| (id, if id == "hunt" { "interrupted" } else { "success" }));
    outcomes(&run, &expected);
    assert!(folder.join("report.md").exists());
}

#[test]
fn fleet_worst() {
    let rig = rig(&Options {
        app: App::Fleet,
        dynos: 3,
        node: Some(node(24)),
        dyno_type: "Performance-L".to_owned(),
        ..Options::default()
    });
    let inputs = ["worst=1", "growth=200KB", "longest=5s"];
    let ran = shipped(&rig, "fleet-worst", &inputs, &[]).end();
    ran.code(0).says("nobody was told").left_nothing();
    let (_, run) = kept(&ran);
    outcomes(&run, &["hunt", "notify", "cleanup"].map(|id| (id, "success")));
    let hunt = step(&run, "hunt");
    assert_eq!(hunt["verdict"], "leak");
    assert!(hunt["sentence"].as_str().unwrap().starts_with("web.2: "), "{hunt}");
    assert!(Path::new(hunt["folder"].as_str().unwrap()).join("summary.md").exists());

    rig.set(Fault::NotLoggedIn);
    let ran = shipped(&rig, "fleet-worst", &inputs, &[]).end();
    ran.code(30).left_nothing();
    let (_, run) = kept(&ran);
    outcomes(&run, &[("hunt", "failure"), ("notify", "skipped"), ("cleanup", "success")]);
}

#[test]
fn before_after_deploy() {
    let rig = rig(&Options { node: Some(node(22)), ..Options::default() });
    let check = |deploy: &dyn Fn(), code: i32, compare: &str| {
        let inputs = ["samples=4", "growth=300KB", "longest=6s"];
        let hunt = shipped(&rig, "before-after-deploy", &inputs, &[]);
        // It is known which release runs before.
        let out = hunt.scratch.path().join("out");
        let deadline = Instant::now() + Duration::from_secs(150);
        while !file_in(&out, "release-before").is_some_and(|text| text.ends_with('\n')) {
            assert!(Instant::now() < deadline, "no wait for a release:\n{}", hunt.events());
            std::thread::sleep(Duration::from_millis(50));
        }
        deploy();
        let ran = hunt.end();
        ran.code(code).says("runs now; deploy the fix").left_nothing();
        let (_, run) = kept(&ran);
        let before = ["before", "deploy", "look", "after"].map(|id| (id, "success"));
        outcomes(&run, &[&before[..], &[("compare", compare), ("cleanup", "success")]].concat());
    };
    // What is deployed leaks as before.
    check(&|| rig.deploy().unwrap(), 10, "failure");
    // And now it is mended.
    check(&|| rig.config_set("BANNERS", "0").unwrap(), 0, "success");
}

const R14: [&str; 7] = ["look", "sample", "again", "hunt", "report", "notify", "cleanup"];
const WORKER: [&str; 5] = ["look", "hunt", "report", "notify", "cleanup"];
const FLEET: [&str; 3] = ["hunt", "notify", "cleanup"];
const DEPLOY: [&str; 6] = ["before", "deploy", "look", "after", "compare", "cleanup"];

/// One step ended in this way: those behind it are skipped, and at the end it is cleaned up.
fn only<'s, const N: usize>(steps: [&'s str; N], id: &str, outcome: &'s str) -> [(&'s str, &'s str); N] {
    steps.map(|step| match step {
        _ if step == id => (step, outcome),
        "cleanup" => (step, "success"),
        _ => (step, "skipped"),
    })
}

#[test]
fn a_step_that_is_refused_or_fails_gives_the_run_its_code() {
    let rig = rig(&Options::default());
    rig.set(Fault::FeatureOff);
    let r14 = shipped(&rig, "r14-web", &[], &["--from", "sample"]);
    let worker = shipped(&rig, "worker-overnight", &["dyno=web.1"], &["--from", "hunt"]);
    let fleet = shipped(&rig, "fleet-worst", &[], &[]);
    let deploy = shipped(&rig, "before-after-deploy", &[], &[]);
    ends(r14, 21, &only(R14, "sample", "failure"));
    ends(worker, 21, &only(WORKER, "hunt", "failure"));
    ends(fleet, 21, &only(FLEET, "hunt", "failure"));
    let (_, run) = ends(deploy, 21, &only(DEPLOY, "before", "failure"));
    assert!(step(&run, "before")["error"].as_str().unwrap().contains("exec"), "{run:#}");

    rig.clear(Fault::FeatureOff);
    rig.set(Fault::NotLoggedIn);
    let before = shipped(&rig, "before-after-deploy", &[], &[]);
    let deploy = shipped(&rig, "before-after-deploy", &[], &["--from", "deploy"]);
    let after = shipped(&rig, "before-after-deploy", &[], &["--from", "after"]);
    ends(before, 30, &only(DEPLOY, "before", "failure"));
    ends(deploy, 1, &only(DEPLOY, "deploy", "failure"));
    ends(after, 30, &only(DEPLOY, "after", "failure"));
}

/// So near to the quota no snapshot fits: then the lighter evidence is what is reported.
#[test]
fn a_snapshot_that_is_refused_leaves_the_samples() {
    let config = [("HEAP_MB", "60"), ("GROWTH_KB", "2000")];
    let config = config.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let dyno_type = "Standard-1X".to_owned();
    let rig = rig(&Options {
        app: App::Heap,
        dynos: 2,
        node: Some(node(22)),
        config,
        dyno_type,
        ..Options::default()
    });
    let r14 = shipped(&rig, "r14-web", &["dyno=web.1", "sampling=3s"], &[]);
    let brief = ("fallback: sampling", "fallback: sampling\n      duration: 3s");
    let worker = edited(&rig, "worker-overnight", brief, &["dyno=web.2"], &[]);
    let (ran, run) = ends(r14, 0, &R14.map(|id| (id, if id == "hunt" { "failure" } else { "success" })));
    assert_eq!(step(&run, "hunt")["exit_code"], 20);
    let report = std::fs::read_to_string(kept(&ran).0.join("report.md")).unwrap();
    assert!(report.contains("server.js"), "{report}");
    let (_ran, run) = ends(worker, 0, &WORKER.map(|id| (id, "success")));
    let hunt = step(&run, "hunt");
    let session = Path::new(hunt["folder"].as_str().unwrap());
    assert!(session.join("1.heapprofile").exists(), "{hunt:#}");
    assert!(!session.join("1.heapsnapshot").exists(), "{hunt:#}");
}

#[test]
fn a_step_that_takes_longer_than_its_timeout_is_torn_down() {
    let rig = rig(&Options { dynos: 2, node: Some(node(22)), ..Options::default() });
    let deploy =
        edited(&rig, "before-after-deploy", ("timeout: 8h", "timeout: 3s"), &[], &["--from", "deploy"]);
    ends(deploy, 124, &only(DEPLOY, "deploy", "timeout"));

    let (sampling, growth) = (["dyno=web.1", "sampling=10m"], ["dyno=web.2", "growth=900MB"]);
    let r14 = edited(&rig, "r14-web", ("timeout: 15m", "timeout: 8s"), &sampling, &["--from", "sample"]);
    let worker =
        edited(&rig, "worker-overnight", ("timeout: 12h", "timeout: 8s"), &growth, &["--from", "hunt"]);
    ends(r14, 124, &only(R14, "sample", "timeout"));
    let ran = worker.end();
    ran.code(124).left_nothing();
    let (_, run) = kept(&ran);
    // A hunt that had taken something by then has a verdict, and that is worth a report.
    let report = if step(&run, "hunt")["verdict"].is_null() { "skipped" } else { "success" };
    let after = ["report", "notify"].map(|id| (id, report));
    outcomes(
        &run,
        &[&[("look", "skipped"), ("hunt", "timeout")], &after[..], &[("cleanup", "success")]].concat(),
    );

    let fleet = edited(&rig, "fleet-worst", ("timeout: 3h", "timeout: 12s"), &growth[1..], &[]);
    ends(fleet, 124, &only(FLEET, "hunt", "timeout"));
    is_left_alone(&rig, "web.2");
}

#[test]
fn an_interrupt_is_not_the_end_before_it_is_cleaned_up() {
    let rig = rig(&Options { dynos: 2, node: Some(node(22)), ..Options::default() });
    let mut deploy = shipped(&rig, "before-after-deploy", &[], &["--from", "deploy"]);
    deploy.wait_for("run_step_started");
    deploy.signal("INT");
    ends(deploy, 130, &only(DEPLOY, "deploy", "interrupted"));

    // Not before: its inspector would be open when the one before has ended.
    let mut r14 = shipped(&rig, "r14-web", &["sampling=10m"], &["--from", "sample"]);
    r14.wait_for("\"event\":\"sampling\"");
    r14.signal("INT");
    ends(r14, 130, &only(R14, "sample", "interrupted"));

    let mut fleet = shipped(&rig, "fleet-worst", &["growth=900MB"], &[]);
    fleet.wait_for("\"event\":\"snapshot_done\"");
    fleet.signal("TERM");
    ends(fleet, 143, &only(FLEET, "hunt", "interrupted"));
    is_left_alone(&rig, "web.2");
}

/// Besides the dyno that every run is asked for.
#[track_caller]
fn is_left_alone(rig: &Rig, dyno: &str) {
    let dyno = rig.dyno(dyno).unwrap();
    assert!(dyno.alive() && dyno.inspector_ports().is_empty(), "{:?}", dyno.inspector_ports());
    assert_eq!(dyno.leftovers(), []);
}

/// What is in a file of the run's folder.
fn file_in(out: &Path, name: &str) -> Option<String> {
    let runs = std::fs::read_dir(out).ok()?.flatten();
    runs.map(|run| run.path().join(name)).find_map(|path| std::fs::read_to_string(path).ok())
}
