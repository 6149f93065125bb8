//! The majors of the Heroku CLI that are found on users' machines, and the standalone installer's form of the newest.

use std::os::unix::fs::PermissionsExt as _;

use leakhunt_rig::{NEWEST_CLI, Options};

use crate::support::{Hunt, QUICK, hunt, rig};

#[test]
#[ignore = "needs the older CLIs: `cargo xtask test --all-clis` installs them and runs this"]
fn every_cli_hunts() {
    for major in 8..=NEWEST_CLI {
        let rig = rig(&Options { cli: major, ..Options::default() });
        let ran = hunt(&rig, &QUICK);
        ran.code(0).left_nothing();
        assert!(
            ran.events().contains(&format!("heroku {major}.")),
            "CLI {major} was used:\n{}",
            ran.events()
        );
    }
}

/// The standalone installer's `heroku` is a shell script that starts node without `exec`.
#[test]
fn the_standalone_installers_wrapper() {
    let rig = rig(&Options::default());
    let folder = tempfile::tempdir().unwrap();
    let wrapper = folder.path().join("heroku");
    let real = rig.heroku().get_program().to_owned();
    let script = format!("#!/usr/bin/env bash\nset -e\n\"{}\" \"$@\"\n", real.to_string_lossy());
    std::fs::write(&wrapper, script).unwrap();
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();

    let mut command = rig.command(env!("CARGO_BIN_EXE_leakhunt"));
    let inherited = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap();
    let path = std::env::join_paths(
        std::iter::once(folder.path().to_owned()).chain(std::env::split_paths(inherited)),
    )
    .unwrap();
    command.env("PATH", path);
    let args = [&["heroku", "-a", rig.app_name()], &QUICK[..]].concat();
    Hunt::spawn(command, &args, rig.dyno("web.1").ok()).end().code(0).left_nothing();
}
