//! Deno and Bun, by their real executables: named as what they are, and left alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs::Program;
use crate::support::Hunt;

/// An executable of an npm package that `cargo xtask setup` installs, by the names that the package has for processors.
#[track_caller]
fn runtime(tool: &str, executable: impl Fn(&str) -> String) -> PathBuf {
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let modules =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools").join(tool).join("node_modules");
    let path = modules.join(executable(arch));
    assert!(path.exists(), "{} is missing: run `cargo xtask setup`", path.display());
    path
}

#[track_caller]
fn check(executable: &Path, name: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("app.mjs");
    std::fs::write(&script, "setInterval(() => {}, 1000); console.log('ready');").expect("a file");
    let script = script.display().to_string();
    let mut program = Program::start(&executable.display().to_string(), &["run", &script]);
    program.wait_for("ready");
    let leakhunt = |args: &[&str]| {
        let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        leakhunt.env("XDG_STATE_HOME", folder.path());
        Hunt::spawn(leakhunt, args, None).end()
    };
    let pid = program.pid().to_string();
    for args in
        [&["local", "--pid", &*pid][..], &["local", "--pid", &pid, "--yes"], &["local", "--name", &script]]
    {
        let ran = leakhunt(args);
        ran.code(31).says(&format!("is {name}, not Node.js")).left_nothing_here();
        assert!(!ran.events().contains("\"order\":\"signal "), "nothing was sent");
    }
    let looked = leakhunt(&["doctor", "local", "--pid", &pid]);
    looked.code(31).prints(&format!("({name})")).left_nothing_here();
    assert!(program.lives());
}

#[test]
fn deno_is_named_and_left_alone() {
    check(&runtime("deno", |arch| format!("@deno/linux-{arch}-glibc/deno")), "Deno");
}

#[test]
fn bun_is_named_and_left_alone() {
    check(
        &runtime("bun", |arch| format!("@oven/bun-linux-{}/bin/bun", arch.replace("arm64", "aarch64"))),
        "Bun",
    );
}
