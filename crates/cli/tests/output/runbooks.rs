//! Runbooks: what is said of each kind of mistake, and where; the schema knows as many of them as a schema can.
//!
//! Each mistake is a file in `inputs/runbooks`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::{check, check_at, inputs, leakhunt};

const SHIPPED: [&str; 4] = ["r14-web", "worker-overnight", "before-after-deploy", "fleet-worst"];

const STEPS: &str = "runbooks/steps.yaml";

/// The mistakes that the schema knows: wrong keys, kinds, names and words.
const OF_THE_FORM: [&str; 31] = [
    "no-steps",
    "no-name",
    "steps-no-list",
    "unknown-key",
    "unknown-step-key",
    "unknown-input-key",
    "wrong-types",
    "no-act",
    "two-acts",
    "with-of-run",
    "unknown-command",
    "command-for-a-person",
    "unknown-option",
    "wrong-values",
    "missing-argument",
    "two-values",
    "json-option",
    "held",
    "bad-id",
    "retry-of-a-hunt",
    "bad-timeout",
    "bad-inputs",
    "hostile",
    "empty",
    "unknown-type",
    "conflict",
    "dollar",
    "never-runs",
    "own-variable",
    "pasted-block",
    "pasted-input",
];

/// Those that no schema gets to see, for whoever reads YAML rejects them.
const OF_THE_YAML: [&str; 4] = ["colon", "not-yaml", "two-documents", "key-twice"];

/// Those that no schema can know, and why. One describes each thing by itself and by its place: it compares no two of them, and of a
/// text it knows the letters only.
const OF_THE_MEANING: [(&str, &str); 18] = [
    ("after-failure", "what an expression comes to where an earlier step has failed"),
    ("alias", "YAML fills it in before a schema sees it, and then it is a step like others"),
    ("bad-expression", "the grammar of expressions is no regular one"),
    ("elsewhere", "which names an expression asks for"),
    ("idle-option", "that an option does nothing beside the value of another is a rule of the commands' own"),
    ("later-step", "the order of the steps, and which of them an expression asks for"),
    ("left-open", "a warning: such a runbook runs"),
    ("never-taken", "a warning: such a runbook runs"),
    ("out-of-range", "the command line keeps the ranges of its numbers to itself"),
    ("two-ids", "whether two steps have the same id"),
    ("unknown-fact", "which names an expression asks for"),
    ("unknown-filter", "which filters an expression uses"),
    ("unknown-input", "which inputs this runbook has, and which an expression asks for"),
    ("unknown-root", "which names an expression asks for"),
    ("unknown-step", "which steps this runbook has, and which an expression asks for"),
    ("unknown-trigger", "which names an expression asks for"),
    ("unknown-variable", "which variables this runbook has, and which an expression asks for"),
    ("unquoted", "how a shell reads a command"),
];

/// Those that are as they should be.
const GOOD: [&str; 6] = ["container", "good", "machine", "pod", "steps", "triggered"];

fn mistakes() -> impl Iterator<Item = &'static str> {
    OF_THE_FORM.into_iter().chain(OF_THE_YAML).chain(OF_THE_MEANING.map(|(name, _)| name))
}

#[test]
fn each_mistake_has_its_place() {
    for name in mistakes() {
        check(&format!("lint-{name}"), &["runbook", "lint", &format!("runbooks/{name}.yaml")]);
    }
}

#[test]
fn no_file_of_mistakes_is_forgotten() {
    let mut listed: Vec<&str> = mistakes().chain(GOOD).collect();
    listed.sort_unstable();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/output/inputs/runbooks");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort_unstable();
    assert_eq!(files, listed);
}

#[test]
fn what_is_as_it_should_be_is_not_complained_of() {
    check("lint-good", &["runbook", "lint", "runbooks/good.yaml"]);
    check("lint-json", &["runbook", "lint", "runbooks/good.yaml", "runbooks/conflict.yaml", "--json"]);
    check("lint-missing", &["runbook", "lint", "runbooks/nothing.yaml"]);
    check("lint-binary", &["runbook", "lint", "packed.heapsnapshot.gz"]);
}

/// Each shipped runbook is written, has no mistake, and tells what it would run.
#[test]
fn the_shipped_runbooks_are_as_they_should_be() {
    for name in SHIPPED {
        let scratch = inputs();
        assert!(leakhunt(scratch.path(), &["runbook", "new", name]).status.success());
        let file = format!("{name}.yaml");
        let output = leakhunt(scratch.path(), &["runbook", "lint", &file]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "1 runbook: 0 errors, 0 warnings\n");
        let again = leakhunt(scratch.path(), &["runbook", "new", name]);
        assert_eq!(again.status.code(), Some(2), "what is there is not written over");
        check(&format!("new-{name}"), &["runbook", "new", name]);
        let kept = format!("../../../incident/runbooks/{file}");
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/output").join(kept);
        check_at(
            &format!("dry-{name}"),
            &["run", &file, "--dry-run", "--input", "app=shop"],
            &[(&kept, &file)],
        );
    }
    check("new-unknown", &["runbook", "new", "r15-web"]);
}

/// What README shows is what a reader begins with.
#[test]
fn the_runbook_in_readme_is_as_it_should_be() {
    let scratch = inputs();
    write_readmes(&scratch.path().join("readme.yaml"));
    let output = leakhunt(scratch.path(), &["runbook", "lint", "readme.yaml"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 runbook: 0 errors, 0 warnings\n");
}

fn write_readmes(file: &Path) {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    let (_, rest) = readme.split_once("```yaml\n").unwrap();
    std::fs::write(file, rest.split_once("```").unwrap().0).unwrap();
}

#[test]
fn steps_of_every_kind_are_run() {
    check("run-steps", &["run", STEPS]);
    check(
        "run-one",
        &["run", STEPS, "--step", "hello", "--input", "text=$(id) `id` \"q\"", "--input", "times=3"],
    );
    check("run-from", &["run", STEPS, "--from", "fails"]);
    check("run-dry", &["run", STEPS, "--dry-run"]);
    check("run-dry-hunt", &["run", "runbooks/good.yaml", "--dry-run", "--input", "app=shop"]);
    check("lint-container", &["runbook", "lint", "runbooks/container.yaml"]);
    check("run-dry-container", &["run", "runbooks/container.yaml", "--dry-run"]);
    check("lint-pod", &["runbook", "lint", "runbooks/pod.yaml"]);
    check("run-dry-pod", &["run", "runbooks/pod.yaml", "--dry-run"]);
    check("lint-machine", &["runbook", "lint", "runbooks/machine.yaml"]);
    check("run-dry-machine", &["run", "runbooks/machine.yaml", "--dry-run"]);
    check("run-dry-json", &["run", "runbooks/good.yaml", "--dry-run", "--json", "--input", "app=shop"]);
}

const TRIGGERED: &str = "runbooks/triggered.yaml";

/// What the log said stays text: no shell and no expression reads it.
#[test]
fn a_run_is_told_what_set_it_off() {
    let line = "trigger=line=$(id) `id` '\"; {{ inputs.app }} $HOME";
    let mut args = vec!["run", TRIGGERED, "--input", "app=shop", "--input", "dyno=web.2"];
    for field in ["trigger=code=R14", "trigger=dyno=web.2", "trigger=at=2026-01-31T03:12:40Z", line] {
        args.extend(["--trigger", field.strip_prefix("trigger=").unwrap()]);
    }
    check("run-triggered", &args);
    args.extend(["--trigger", "mem=545259520", "--trigger", "quota=2147483648"]);
    check("run-triggered-mem", &args);
    args.push("--dry-run");
    check("run-triggered-dry", &args);
    let app = ["run", TRIGGERED, "--input", "app=shop"];
    check("run-not-triggered", &app);
    check("run-unknown-trigger", &[&app[..], &["--trigger", "dyn=web.1"]].concat());
    check("run-wrong-trigger", &[&app[..], &["--trigger", "mem=520M"]].concat());
    check("run-wrong-time", &[&app[..], &["--trigger", "at=yesterday"]].concat());
}

#[test]
fn what_cannot_be_run_is_not_begun() {
    check("run-bad", &["run", "runbooks/unknown-option.yaml"]);
    check("run-bad-json", &["run", "runbooks/unknown-option.yaml", "--json"]);
    check("run-missing", &["run", "runbooks/nothing.yaml"]);
    check("run-no-input", &["run", "runbooks/good.yaml"]);
    check("run-unknown-input", &["run", STEPS, "--input", "txt=x"]);
    check("run-wrong-input", &["run", STEPS, "--input", "times=many"]);
    check("run-not-an-input", &["run", STEPS, "--input", "times"]);
    check("run-unknown-step", &["run", STEPS, "--step", "helo"]);
    check("run-no-folder", &["run", STEPS, "--out", "/proc/nothing"]);
}

/// Of a dry run nothing is left; of a run its folder, for nobody else.
#[test]
fn a_run_leaves_its_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = inputs();
    let runs = || {
        let entries = std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.to_string_lossy().contains("leakhunt-run-")).collect::<Vec<_>>()
    };
    leakhunt(scratch.path(), &["run", STEPS, "--dry-run"]);
    assert_eq!(runs(), [] as [PathBuf; 0]);
    let output = leakhunt(scratch.path(), &["run", STEPS, "--json"]);
    assert_eq!(output.status.code(), Some(7));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let [run] = &runs()[..] else { panic!("one run: {:?}", runs()) };
    let kept: Value = serde_json::from_slice(&std::fs::read(run.join("run.json")).unwrap()).unwrap();
    assert_eq!(kept, document);
    assert_eq!(document["exit_code"], 7);
    let of = |id: &str| document["steps"].as_array().unwrap().iter().find(|step| step["id"] == id).unwrap();
    assert_eq!((&of("judge")["verdict"], &of("judge")["exit_code"]), (&"leak".into(), &10.into()));
    assert_eq!(of("healthy")["outcome"], "skipped");
    assert!(of("late")["reason"].as_str().unwrap().contains("steps.yaml:"), "{}", of("late"));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(run), 0o700);
    for file in ["run.json", "events.ndjson", "judge.json", "page.md"] {
        assert_eq!(mode(&run.join(file)), 0o600, "{file}");
    }
    let events = std::fs::read_to_string(run.join("events.ndjson")).unwrap();
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&events[0]["event"], &events.last().unwrap()["event"]),
        (&"run_started".into(), &"run_ended".into())
    );
}

/// Kept so that others need not build leakhunt to have it; `INSTA_UPDATE=always` writes it anew.
#[test]
fn the_schema_in_the_tree_is_current() {
    let printed = String::from_utf8(leakhunt(inputs().path(), &["runbook", "schema"]).stdout).unwrap();
    if std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always") {
        std::fs::write(kept_schema(), &printed).unwrap();
    }
    let kept = std::fs::read_to_string(kept_schema()).unwrap();
    assert!(kept == printed, "INSTA_UPDATE=always cargo test -p leakhunt --test output -- runbooks");
}

/// By the packages with which editors read YAML and others validate JSON.
#[test]
fn the_schema_takes_the_good_and_rejects_what_is_of_the_wrong_form() {
    let scratch = inputs();
    write_readmes(&scratch.path().join("readme.yaml"));
    for name in SHIPPED {
        assert!(leakhunt(scratch.path(), &["runbook", "new", name]).status.success());
    }
    let own = SHIPPED.iter().chain(&["readme"]).map(|name| scratch.path().join(format!("{name}.yaml")));
    let good: Vec<PathBuf> = own.chain(GOOD.map(input)).collect();
    for (file, wrong) in good.iter().zip(validated(&good)) {
        assert_eq!(wrong, json!({ "schema": [] }), "{}", file.display());
    }
    let as_schema = validated(&OF_THE_FORM.map(input));
    for (name, wrong) in OF_THE_FORM.iter().zip(as_schema) {
        assert!(wrong["schema"].as_array().is_some_and(|errors| !errors.is_empty()), "{name}: {wrong}");
    }
    for (name, wrong) in OF_THE_YAML.iter().zip(validated(&OF_THE_YAML.map(input))) {
        assert!(wrong["yaml"].is_string(), "{name}: {wrong}");
    }
    for ((name, why), wrong) in
        OF_THE_MEANING.iter().zip(validated(&OF_THE_MEANING.map(|(name, _)| input(name))))
    {
        assert_eq!(wrong, json!({ "schema": [] }), "the schema knows {name}, so not: {why}");
    }
}

/// What is wrong with each.
fn validated(files: &[PathBuf]) -> Vec<Value> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = here.join("../../target/tools/schema");
    assert!(tools.join("node_modules").exists(), "{} is missing: run `cargo xtask setup`", tools.display());
    let script = here.join("tests/output/validate.mjs");
    let node = Command::new("node").arg(script).args([tools, kept_schema()]).args(files).output().unwrap();
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
    let wrong: Vec<Value> = serde_json::from_slice(&node.stdout).unwrap();
    assert_eq!(wrong.len(), files.len());
    wrong
}

fn kept_schema() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/runbook.schema.json")
}

fn input(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/output/inputs/runbooks/{name}.yaml"))
}
