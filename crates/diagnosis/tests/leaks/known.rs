//! Every leak of `known/leaks.json`, from what was recorded of a program that has it: `cargo xtask diagnose --wild --keep`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::corpus::recording::Recording;
use crate::programs;

const LEAKS: &str = include_str!("../../src/known/leaks.json");

fn recordings() -> Vec<(String, Recording)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/known");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let archives: BTreeSet<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    let read = |archive: PathBuf| {
        let recording = Recording::kept(&archive, &programs()).expect("a recording");
        (archive.display().to_string(), recording)
    };
    archives.into_iter().map(read).collect()
}

/// The known leak that the first suspect is said to be: package, version in which it was mended, link.
fn said(recording: &Recording) -> Option<(String, String, String)> {
    let known = recording.diagnose().suspects.first()?.known.clone()?;
    Some((known.package, known.fixed_in, known.link))
}

#[test]
fn each_is_recognised_in_the_version_that_has_it_and_in_no_other() {
    let leaks: Vec<Value> = serde_json::from_str(LEAKS).expect("the known leaks");
    let text = |leak: &Value, name: &str| leak[name].as_str().expect("a text").to_owned();
    let mut unseen: BTreeSet<(String, String, String)> = leaks
        .iter()
        .map(|leak| (text(leak, "package"), text(leak, "fixed_in"), text(leak, "link")))
        .collect();
    for (archive, mut recording) in recordings() {
        let known = said(&recording).unwrap_or_else(|| panic!("{archive}: no known leak"));
        assert!(unseen.remove(&known), "{archive}: {known:?} is replayed twice, or unknown");
        let (package, fixed_in, _) = &known;
        let process = recording.process.as_deref().expect("packages were noted");
        let mut process: Value = serde_json::from_slice(process).expect("it is JSON");
        if package == "node" {
            process["node_version"] = json!(format!("v{fixed_in}"));
        }
        for told in process["packages"].as_array_mut().into_iter().flatten() {
            if told["name"] == *package {
                told["version"] = json!(fixed_in);
            }
        }
        recording.process = Some(process.to_string().into_bytes());
        assert_eq!(said(&recording), None, "{archive}: mended in {fixed_in}");
    }
    assert!(unseen.is_empty(), "no recording shows {unseen:?}");
}
