//! What each command prints, and the status it ends with: one snapshot of both, by insta.
//!
//! Nothing here starts a hunt. The files that are read are in `inputs`: a made-up app, written by `inputs/shop.mjs`. Hunts
//! are shown by the end-to-end tests.
//!
//! `cargo insta review` shows what has changed, and takes it or leaves it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod alarms;
mod diagnosis;
mod errors;
mod exports;
mod help;
mod runbooks;
mod views;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs leakhunt on the inputs and compares what it printed, and how it ended, with the snapshot of that name.
#[track_caller]
fn check(name: &str, args: &[&str]) {
    check_at(name, args, &[]);
}

/// The same with more files beside the inputs: where each lies, and what it is called there.
#[track_caller]
fn check_at(name: &str, args: &[&str], more: &[(&Path, &str)]) {
    let inputs = inputs();
    for (from, to) in more {
        std::fs::copy(from, inputs.path().join(to)).unwrap();
    }
    let output = leakhunt(inputs.path(), args);
    let mut shown = format!("$ leakhunt {}\n", args.join(" "));
    shown += &match output.status.code() {
        Some(code) => format!("exit status: {code}\n"),
        None => format!("{}\n", output.status),
    };
    for (stream, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
        let text = String::from_utf8(bytes).expect("UTF-8");
        if !text.is_empty() {
            shown += &format!("--- {stream}\n{text}");
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // A release changes the version, and no more.
    settings.add_filter(
        &format!("leakhunt {}", env!("CARGO_PKG_VERSION").replace('.', r"\.")),
        "leakhunt VERSION",
    );
    // Where a run keeps what it did, and how long its steps took.
    settings.add_filter(r"(/[^\s]*/)?leakhunt-run-([a-z-]*)-\d{8}T\d{6}Z", "RUN-$2");
    settings.add_filter(r"(?m)^([✓✗] .*  )\d+\.\d s", "${1}N s");
    // The page's styles and scripts are files of their own, whose hashes the policy holds.
    settings.add_filter("(?s)<style>.*?</style>", "<style>…</style>");
    settings.add_filter("(?s)<script>.*?</script>", "<script>…</script>");
    settings.add_filter("'sha256-[^']+'", "'sha256-…'");
    // A release changes this one as well.
    settings.add_filter(r#""exporter":"leakhunt [^"]*""#, r#""exporter":"leakhunt VERSION""#);
    // The page is one line: of that nobody could see what has changed.
    settings.add_filter("><", ">\n<");
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

/// Runs it in this folder, in an environment in which no tool can be found.
fn leakhunt(folder: &Path, args: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_leakhunt"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/nonexistent")
        .env("HOME", folder.join("home"))
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

/// A copy of the inputs, so that names are short and the same on every machine.
fn inputs() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/output/inputs");
    copy(&kept, scratch.path());
    // The session folder is that of a hunt on the shop.
    copy(&kept.join("shop"), &scratch.path().join("session"));
    // A download that broke off, and what is no snapshot at all.
    let whole = std::fs::read(kept.join("shop/2.heapsnapshot")).unwrap();
    std::fs::write(scratch.path().join("cut.heapsnapshot"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(scratch.path().join("other.heapsnapshot"), "{\"name\": \"shop\"}\n").unwrap();
    std::fs::write(scratch.path().join("packed.heapsnapshot.gz"), [0x1f, 0x8b, 8, 0]).unwrap();
    let profile = r#"{"nodes":[{"id":1,"callFrame":{"functionName":"(root)"}}]}"#;
    std::fs::write(scratch.path().join("busy.cpuprofile"), profile).unwrap();
    for folder in ["home", "empty"] {
        std::fs::create_dir(scratch.path().join(folder)).unwrap();
    }
    scratch
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}
