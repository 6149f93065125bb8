//! A test that nobody runs: a file that no test target compiles, and a snapshot that no test compares.
//!
//! Cargo compiles of a crate's `tests` the files at its top and the `main.rs` of its folders, and where Cargo.toml names a
//! target by its path, that. What else is there must be declared as a module, from one of these on.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::source::File;

/// Whether the tests of a file can be run, given what `cargo metadata` says.
pub(super) fn check(metadata: &Value, top: &Path, files: &[File], texts: &[(String, String)]) -> Vec<String> {
    let targets = metadata["packages"].as_array().into_iter().flatten().flat_map(|package| {
        package["targets"].as_array().into_iter().flatten().filter_map(|target| target["src_path"].as_str())
    });
    let inside = |path| Some(plain(Path::new(path)).strip_prefix(top).ok()?.to_owned());
    let compiled = compiled(targets.filter_map(inside).collect(), files, texts);
    files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| is_of_tests(path) && !compiled.contains(Path::new(path)))
        .map(|path| format!("{path}: no test target compiles it; declare it with `mod`, or in Cargo.toml"))
        .collect()
}

/// Snapshots by insta whose name no test of their target has.
pub(super) fn snapshots(paths: &[String], texts: &[(String, String)]) -> Vec<String> {
    let unnamed = |path: &&String| {
        let path = Path::new(path);
        let (Some(name), Some(folder)) = (path.file_stem().and_then(|name| name.to_str()), path.parent())
        else {
            return true;
        };
        let tests = folder.parent().unwrap_or(folder);
        // A test that makes its names makes them of the words that come before a dash, or of an identifier.
        let first = name.split('-').next().unwrap_or(name);
        let identifier = name.replace('-', "_");
        !texts.iter().any(|(file, text)| {
            Path::new(file).starts_with(tests)
                && (text.contains(&format!("\"{name}\""))
                    || text.contains(&format!("\"{first}-{{"))
                    || text.contains(&format!("{identifier},")))
        })
    };
    paths.iter().filter(unnamed).map(|path| format!("{path}: no test compares it; remove it")).collect()
}

/// Everything below a folder of tests, but for the rig and what other tasks run.
fn is_of_tests(path: &str) -> bool {
    let own_workspace = path.contains("/fuzz/");
    (path.starts_with("tests/") || path.contains("/tests/")) && !own_workspace
}

/// What the modules of these files lead to.
fn compiled(roots: BTreeSet<PathBuf>, files: &[File], texts: &[(String, String)]) -> BTreeSet<PathBuf> {
    let mut compiled = BTreeSet::new();
    let mut next: Vec<(PathBuf, bool)> = roots.into_iter().map(|root| (root, true)).collect();
    while let Some((path, is_root)) = next.pop() {
        if !compiled.insert(path.clone()) {
            continue;
        }
        let known = |path: &Path| files.iter().any(|file| Path::new(&file.path) == path);
        let Some((_, text)) = texts.iter().find(|(file, _)| Path::new(file) == path) else { continue };
        let folder = path.parent().unwrap_or(Path::new(""));
        let is_mod = is_root || path.file_name().is_some_and(|name| name == "mod.rs");
        let inner = if is_mod { folder.to_owned() } else { path.with_extension("") };
        let mut elsewhere = None;
        for line in text.lines().map(str::trim) {
            if let Some(place) = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]")) {
                elsewhere = Some(plain(&folder.join(place)));
            } else if let Some(name) = declared(line) {
                let choices = match elsewhere.take() {
                    Some(place) => vec![place],
                    None => vec![inner.join(format!("{name}.rs")), inner.join(name).join("mod.rs")],
                };
                next.extend(choices.into_iter().filter(|path| known(path)).map(|path| (path, false)));
            }
        }
    }
    compiled
}

/// The name in `mod name;`, with whatever visibility.
fn declared(line: &str) -> Option<&str> {
    let (visibility, name) = line.strip_suffix(';')?.split_once("mod ")?;
    (visibility.is_empty() || visibility.starts_with("pub")).then_some(name)
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn of(files: &[(&str, &str)], unrun: &[&str]) {
        let texts: Vec<(String, String)> =
            files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let files: Vec<File> = texts.iter().map(|(path, text)| File::parse(path, text).unwrap()).collect();
        let targets = json!([
            {"src_path": "/top/crates/a/../../tests/e2e/main.rs"},
            {"src_path": "/top/crates/a/tests/b.rs"},
            {"src_path": "/top/crates/a/src/lib.rs"},
        ]);
        let metadata = json!({"packages": [{"targets": targets}]});
        let found = check(&metadata, Path::new("/top"), &files, &texts);
        let found: Vec<&str> = found.iter().filter_map(|line| Some(line.split_once(':')?.0)).collect();
        assert_eq!(found, unrun);
    }

    #[test]
    fn a_file_that_no_target_has() {
        of(&[("tests/e2e/main.rs", "mod hunt;"), ("tests/e2e/hunt.rs", "")], &[]);
        of(&[("tests/e2e/main.rs", ""), ("tests/e2e/hunt.rs", "")], &["tests/e2e/hunt.rs"]);
        of(&[("crates/a/tests/b.rs", ""), ("crates/a/tests/c/d.rs", "")], &["crates/a/tests/c/d.rs"]);
    }

    #[test]
    fn a_module_of_a_module_and_one_that_lies_elsewhere() {
        let (main, inner) = ("mod shown;", "pub(super) mod text;");
        let shown =
            [("tests/e2e/main.rs", main), ("tests/e2e/shown/mod.rs", inner), ("tests/e2e/shown/text.rs", "")];
        of(&shown, &[]);
        let elsewhere = "#[path = \"../support/mod.rs\"]\nmod support;";
        of(&[("crates/a/tests/b.rs", elsewhere), ("crates/a/support/mod.rs", "")], &[]);
        of(
            &[
                ("crates/a/tests/b.rs", "mod c;"),
                ("crates/a/tests/c/mod.rs", "mod d;"),
                ("crates/a/tests/c/e.rs", ""),
            ],
            &["crates/a/tests/c/e.rs"],
        );
    }

    #[test]
    fn a_snapshot_that_no_test_has() {
        let texts = [(
            "crates/a/tests/b/main.rs".to_owned(),
            "check(\"one\"); format!(\"man-{name}\"); x_y,".to_owned(),
        )];
        let at = |name: &str| snapshots(&[format!("crates/a/tests/b/snapshots/{name}.snap")], &texts).len();
        assert_eq!((at("one"), at("man-two"), at("x-y"), at("two")), (0, 0, 0, 1));
    }
}
