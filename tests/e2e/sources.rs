//! Source maps from the disk of the process: what a bundler made is named as people wrote it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use leakhunt_rig::{App, Options};
use serde_json::Value;

use crate::support::{Ran, hunt, node, rig};

const HUNT: [&str; 6] = ["--samples", "4", "--growth", "100KB", "--max-wait", "10s"];

fn first_suspect(ran: &Ran) -> Value {
    let text = std::fs::read(ran.session().join("findings.json")).expect("the findings are written");
    let findings: Value = serde_json::from_slice(&text).expect("they are JSON");
    assert_eq!(findings["verdict"], "leak", "{findings:#}");
    findings["suspects"][0].clone()
}

#[test]
fn the_line_that_people_wrote_is_named_where_its_source_map_was_fetched() {
    let rig = rig(&Options { app: App::Bundled, node: Some(node(22)), ..Options::default() });
    let without = hunt(&rig, &HUNT);
    without.code(0).left_nothing();
    let suspect = first_suspect(&without);
    assert!(suspect["location"]["file"].as_str().is_some_and(|file| file.ends_with("dist/server.js")));
    assert_eq!(suspect["original_location"], Value::Null, "{suspect:#}");
    assert!(!without.session().join("source-maps").exists());

    let with = hunt(&rig, &[HUNT.as_slice(), &["--fetch-source-maps"]].concat());
    with.code(0).left_nothing();
    let suspect = first_suspect(&with);
    let original = &suspect["original_location"];
    assert!(original["file"].as_str().is_some_and(|file| file.ends_with("src/ledger.ts")), "{suspect:#}");
    // `readonly bookings = new Map…`
    assert_eq!(original["line"], 10, "{suspect:#}");

    assert_eq!(with.session_json()["warnings"], serde_json::json!([]));
    let kept = with.session().join("source-maps");
    let mut files = Vec::new();
    below(&kept, &mut files);
    files.sort();
    assert_eq!(files.len(), 2, "the script and its map: {files:?}");
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/rig/apps/bundled/dist");
    for (file, name) in files.iter().zip(["server.js", "server.js.map"]) {
        assert!(file.ends_with(format!("dist/{name}")), "{files:?}");
        assert_eq!(std::fs::read(file).unwrap(), std::fs::read(app.join(name)).unwrap());
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o700);
}

fn below(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => below(&entry.path(), files),
            _ => files.push(entry.path()),
        }
    }
}
