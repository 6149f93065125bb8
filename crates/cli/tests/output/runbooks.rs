//! Runbooks: what is said of each kind of mistake, and where; the schema says the same of those that are of the form.
//!
//! Each mistake is a file in `inputs/runbooks`.

use std::path::{Path, PathBuf};

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

use crate::{check, inputs, leakhunt};

/// The mistakes that a schema sees: wrong keys, kinds and words. Others need to know what is meant.
const OF_THE_FORM: [&str; 24] = [
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
    "bad-id",
    "retry-of-a-hunt",
    "bad-timeout",
    "bad-inputs",
    "hostile",
    "empty",
    "unknown-type",
];

const OF_THE_MEANING: [&str; 23] = [
    "not-yaml",
    "alias",
    "two-documents",
    "key-twice",
    "out-of-range",
    "conflict",
    "idle-option",
    "two-ids",
    "unknown-step",
    "later-step",
    "unknown-fact",
    "unknown-input",
    "unknown-root",
    "unknown-variable",
    "bad-expression",
    "unknown-filter",
    "pasted-input",
    "unquoted",
    "never-taken",
    "never-runs",
    "left-open",
    "own-variable",
    "pasted-block",
];

/// Those that are as they should be.
const GOOD: [&str; 1] = ["good"];

#[test]
fn each_mistake_has_its_place() {
    for name in OF_THE_FORM.iter().chain(&OF_THE_MEANING) {
        check(&format!("lint-{name}"), &["runbook", "lint", &format!("runbooks/{name}.yaml")]);
    }
}

#[test]
fn no_file_of_mistakes_is_forgotten() {
    let mut listed: Vec<&str> = OF_THE_FORM.iter().chain(&OF_THE_MEANING).chain(&GOOD).copied().collect();
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

#[test]
fn the_schema_takes_the_good_and_rejects_what_is_of_the_wrong_form() {
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(kept_schema()).unwrap()).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    for path in GOOD.iter().map(|name| input(name)) {
        let errors: Vec<String> =
            validator.iter_errors(&document(&path)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
    for name in OF_THE_FORM {
        assert!(!validator.is_valid(&document(&input(name))), "{name}");
    }
}

fn kept_schema() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/runbook.schema.json")
}

fn input(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/output/inputs/runbooks/{name}.yaml"))
}

/// A file of YAML as an editor's validator sees it: read by the parser's events alone, without leakhunt's own reader.
fn document(path: &Path) -> Value {
    enum Open {
        List(Vec<Value>),
        Map(Map<String, Value>, Option<String>),
    }
    let text = std::fs::read_to_string(path).unwrap();
    let mut open: Vec<Open> = Vec::new();
    let mut root = Value::Null;
    for event in Parser::new_from_str(&text) {
        let value = match event.unwrap().0 {
            Event::Scalar(text, ScalarStyle::Plain, ..) => {
                serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()))
            }
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop().unwrap() {
                Open::List(list) => Value::Array(list),
                Open::Map(map, _) => Value::Object(map),
            },
            _ => continue,
        };
        match open.last_mut() {
            None => root = value,
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => match key.take() {
                Some(key) => drop(map.insert(key, value)),
                None => *key = Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
            },
        }
    }
    root
}
