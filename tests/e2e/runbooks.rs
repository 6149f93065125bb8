//! `leakhunt run`: runbooks on the rig, by the real Heroku CLI, and each way in which a step can fail. Nothing is left of any.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use leakhunt_rig::{App, Fault, Options, Rig};
use serde_json::Value;

use crate::support::{Hunt, Ran, node, poll, rig, scratch};

/// A run of this runbook on the rig.
#[track_caller]
fn start(rig: &Rig, runbook: &str, args: &[&str]) -> Hunt {
    let scratch = scratch();
    let file = scratch.path().join("run.yaml");
    std::fs::write(&file, runbook).unwrap();
    let app = format!("app={}", rig.app_name());
    let all = [&["run", file.to_str().unwrap(), "--input", &app], args].concat();
    Hunt::spawn_in(scratch, rig.command(env!("CARGO_BIN_EXE_leakhunt")), &all, rig.dyno("web.1").ok())
}

/// The run's folder, and what is kept of it.
#[track_caller]
fn kept(ran: &Ran) -> (PathBuf, Value) {
    let folder = ran.session();
    let text =
        std::fs::read(folder.join("run.json")).unwrap_or_else(|error| panic!("{error}:\n{}", ran.stderr));
    (folder, serde_json::from_slice(&text).unwrap())
}

fn step<'k>(kept: &'k Value, id: &str) -> &'k Value {
    kept["steps"].as_array().unwrap().iter().find(|step| step["id"] == id).unwrap()
}

/// A run of a shipped runbook.
#[track_caller]
fn shipped(rig: &Rig, name: &str, inputs: &[&str], args: &[&str]) -> Hunt {
    let scratch = scratch();
    let mut leakhunt = rig.command(env!("CARGO_BIN_EXE_leakhunt"));
    assert!(
        leakhunt
            .args(["runbook", "new", name])
            .current_dir(scratch.path())
            .output()
            .unwrap()
            .status
            .success()
    );
    let file = scratch.path().join(format!("{name}.yaml"));
    let app = format!("app={}", rig.app_name());
    let inputs = [&app].into_iter().map(String::as_str).chain(inputs.iter().copied());
    let inputs: Vec<&str> = inputs.flat_map(|input| ["--input", input]).collect();
    let all = [&["run", file.to_str().unwrap()], &inputs[..], args].concat();
    Hunt::spawn_in(scratch, rig.command(env!("CARGO_BIN_EXE_leakhunt")), &all, rig.dyno("web.1").ok())
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
    let hunt = shipped(&rig, "worker-overnight", &["dyno=web.1", "growth=900MB"], &[]);
    poll("a snapshot", || snapshot_in(&hunt.scratch.path().join("out")).then_some(()));
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

const HEAD: &str = "name: incident\ninputs:\n  app: {required: true}\nsteps:\n";

/// A hunt that waits for a growth that never comes, and what is done whatever happens.
const ENDLESS: &str = r#"
  - id: hunt
    uses: hunt
    with: {app: "{{ inputs.app }}", growth: 900MB, samples: 2, max-wait: 10m}
  - id: next
    run: echo no
  - id: cleanup
    uses: cleanup
    always: true
  - id: last
    always: true
    run: echo "hunt=$LEAKHUNT_STEP_HUNT_OUTCOME $LEAKHUNT_STEP_HUNT_EXIT_CODE"
"#;

#[test]
fn a_hunt_from_the_preflight_to_the_ticket() {
    let rig = rig(&Options { node: Some(node(22)), ..Options::default() });
    let runbook = format!(
        "{HEAD}{}",
        r#"
  - id: look
    uses: doctor heroku
    with: {app: "{{ inputs.app }}"}
    retry: 2
  - id: hunt
    if: steps.look.verdict == 'go'
    uses: hunt
    with: {app: "{{ inputs.app }}", samples: 5, growth: 300KB, max-wait: 20s}
    timeout: 5m
  - id: ticket
    uses: report
    with: {session: "{{ steps.hunt.folder }}", format: markdown}
  - id: notify
    if: steps.hunt.verdict == 'leak'
    run: cat "$LEAKHUNT_STEP_TICKET_FILE" && echo "$LEAKHUNT_STEP_HUNT_SENTENCE" > "$LEAKHUNT_RUN_FOLDER/sentence"
  - uses: cleanup
    always: true
"#
    );
    let ran = start(&rig, &runbook, &["--json"]).end();
    ran.code(0).left_nothing();
    let (folder, run) = kept(&ran);
    assert_eq!(run, serde_json::from_str::<Value>(&ran.stdout).unwrap());
    assert_eq!((&run["outcome"], &run["exit_code"]), (&"success".into(), &0.into()));
    let hunt = step(&run, "hunt");
    let session = PathBuf::from(hunt["folder"].as_str().unwrap());
    assert!(session.starts_with(&folder) && session.join("report.html").exists(), "{hunt}");
    assert!(hunt["suspects"][0]["sentence"].is_string(), "{hunt}");
    let sentence = std::fs::read_to_string(folder.join("sentence")).unwrap();
    assert_eq!(sentence.trim_end(), hunt["sentence"].as_str().unwrap());
    assert!(std::fs::read_to_string(folder.join("ticket.md")).unwrap().contains("DiscountBanner"));
}

#[test]
fn a_step_that_is_refused() {
    let rig = rig(&Options::default());
    let runbook = format!("{HEAD}{ENDLESS}").replace("max-wait: 10m", "max-pause: 1ms");
    let ran = start(&rig, &runbook, &[]).end();
    ran.code(20).says("hunt=failure 20").left_nothing();
    let (_, run) = kept(&ran);
    assert_eq!(step(&run, "next")["outcome"], "skipped");
    assert!(step(&run, "hunt")["error"].as_str().unwrap().contains("pause"), "{}", step(&run, "hunt"));
}

#[test]
fn a_step_that_takes_too_long_cleans_up() {
    let rig = rig(&Options::default());
    let runbook =
        format!("{HEAD}{ENDLESS}").replace("    uses: hunt\n", "    uses: hunt\n    timeout: 12s\n");
    let ran = start(&rig, &runbook, &[]).end();
    ran.code(124).says("its time is over").says("hunt=timeout 124").left_nothing();
    let (_, run) = kept(&ran);
    assert_eq!(step(&run, "cleanup")["outcome"], "success");
}

#[test]
fn an_interrupt_ends_the_step_and_runs_what_always_runs() {
    let rig = rig(&Options::default());
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let hunt = start(&rig, &format!("{HEAD}{ENDLESS}"), &[]);
        // The hunt has its first snapshot and waits for the second.
        poll("a snapshot", || snapshot_in(&hunt.scratch.path().join("out")).then_some(()));
        hunt.signal(signal);
        let ran = hunt.end();
        ran.code(code).says("hunt=interrupted 130").left_nothing();
        let (_, run) = kept(&ran);
        assert_eq!(
            (&run["outcome"], &step(&run, "next")["outcome"]),
            (&"interrupted".into(), &"skipped".into())
        );
    }
}

/// What is in a file of the run's folder.
fn file_in(out: &Path, name: &str) -> Option<String> {
    let runs = std::fs::read_dir(out).ok()?.flatten();
    runs.map(|run| run.path().join(name)).find_map(|path| std::fs::read_to_string(path).ok())
}

/// Somewhere below this folder.
fn snapshot_in(folder: &Path) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            snapshot_in(&path)
        } else {
            path.extension().is_some_and(|end| end == "heapsnapshot")
        }
    })
}

#[test]
fn shell_steps_that_fail_hang_on_or_leave_something() {
    let rig = rig(&Options::default());
    let runbook = format!(
        "{HEAD}{}",
        r#"
  - id: leaves
    run: sleep 300 & echo "on $LEAKHUNT_INPUT_APP"
  - id: hangs
    run: trap '' INT TERM; while :; do sleep 0.1; done
    timeout: 500ms
    continue-on-error: true
  - id: fails
    run: kill -SEGV $$
  - id: last
    always: true
    run: exit 3
"#
    );
    let hunt = start(&rig, &runbook, &[]);
    poll("the step that hangs is asked to end", || hunt.has("run_step_interrupted").then_some(()));
    // What takes no notice is not waited for any longer than a person wishes.
    hunt.signal("INT");
    hunt.signal("INT");
    let ran = hunt.end();
    ran.code(130).left_nothing();
    let (_, run) = kept(&ran);
    assert_eq!(step(&run, "hangs")["outcome"], "timeout");
}
