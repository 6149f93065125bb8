//! `leakhunt run`: runbooks on the rig, by the real Heroku CLI, and each way in which a step can fail. Nothing is left of any.

use std::path::PathBuf;

use leakhunt_rig::{Options, Rig};
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
pub(crate) fn kept(ran: &Ran) -> (PathBuf, Value) {
    let folder = ran.session();
    let text =
        std::fs::read(folder.join("run.json")).unwrap_or_else(|error| panic!("{error}:\n{}", ran.stderr));
    (folder, serde_json::from_slice(&text).unwrap())
}

pub(crate) fn step<'k>(kept: &'k Value, id: &str) -> &'k Value {
    kept["steps"].as_array().unwrap().iter().find(|step| step["id"] == id).unwrap()
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
        let mut hunt = start(&rig, &format!("{HEAD}{ENDLESS}"), &[]);
        // It waits for its second snapshot.
        hunt.wait_for("\"event\":\"snapshot_done\"");
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

/// Nobody is left who would end it.
#[test]
fn a_hunt_ends_with_the_run_that_is_killed() {
    let rig = rig(&Options::default());
    let runbook = format!("{HEAD}{ENDLESS}").replace("max-wait: 10m", "max-wait: 2m");
    let mut hunt = start(&rig, &runbook, &[]);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    hunt.signal("KILL");
    // It has the same stderr, which is read to its end.
    let ran = hunt.end();
    assert_eq!(ran.code, None);
    ran.says("the leakhunt that started this is gone").left_nothing();
    let told = ran.events();
    assert!(told.contains("\"event\":\"undone\"") && !told.contains("run_step_ended"), "{told}");
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
