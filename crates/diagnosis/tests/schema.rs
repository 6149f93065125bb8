//! `schemas/findings.schema.json` is what the types say, and what is written keeps to it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/findings.schema.json")
}

fn schema() -> Value {
    leakhunt_diagnosis::schema().to_value()
}

/// All findings that the corpus gives, by program.
fn findings() -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings");
    let entries = std::fs::read_dir(folder).expect("the findings of the corpus");
    let of = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("findings");
        let (_, json) = text.split_once("\n---\n").expect("a snapshot by insta has a head");
        (path, serde_json::from_str(json).expect("findings are JSON"))
    };
    entries.map(|entry| of(entry.expect("an entry").path())).collect()
}

/// Kept so that others need not build leakhunt to have it; `INSTA_UPDATE=always` writes it anew.
#[test]
fn the_schema_in_the_tree_is_current() {
    let current = format!("{}\n", serde_json::to_string_pretty(&schema()).expect("a schema is JSON"));
    if std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always") {
        std::fs::write(path(), &current).expect("the schema is written");
    }
    let kept = std::fs::read_to_string(path()).expect("the schema");
    assert!(kept == current, "INSTA_UPDATE=always cargo test -p leakhunt-diagnosis --test schema");
}

#[test]
fn findings_of_every_program_keep_to_it() {
    let validator = jsonschema::validator_for(&schema()).expect("a valid schema");
    let findings = findings();
    assert!(findings.len() > 60, "{}", findings.len());
    for (path, findings) in findings {
        let errors: Vec<String> = validator.iter_errors(&findings).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

#[test]
fn what_does_not_keep_to_it_is_told() {
    let validator = jsonschema::validator_for(&schema()).expect("a valid schema");
    let (_, whole) =
        findings().into_iter().find(|(_, findings)| findings["verdict"] == "leak").expect("a leak");
    let with = |pointer: &str, value: Value| {
        let mut findings = whole.clone();
        *findings.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        findings
    };
    let without = |field: &str| {
        let mut findings = whole.clone();
        findings.as_object_mut().expect("an object").remove(field).expect("the field");
        findings
    };
    let broken = [
        with("/verdict", json!("maybe")),
        with("/memory/snapshot", json!("5 MB")),
        with("/suspects/0/kind", json!("thing")),
        with("/suspects/0/share", json!("84 %")),
        with("/suspects/0/growth/counts/0", json!(-1)),
        with("/suspects/0/remedy/kind", json!("hope")),
        with("/suspects/0/location/line", json!("first")),
        without("sentence"),
        without("warnings"),
    ];
    for findings in broken {
        assert!(!validator.is_valid(&findings), "{findings:#}");
    }
}
