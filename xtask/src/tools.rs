//! Where the tools that setup installs are kept: under `target/tools`, one folder a tool and version.
//! Tests find them by the same paths, so that nothing depends on what a machine has globally.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

/// Majors of Node.js that tests run: what Heroku's buildpack has served since Node 18.
pub(crate) const NODE_MAJORS: [u32; 5] = [18, 20, 22, 24, 26];
/// The oldest Node.js that is hunted.
pub(crate) const OLDEST_NODE: &str = "18.0.0";
/// Majors of the Heroku CLI that are found on users' machines; the last is the one the usual test uses.
pub(crate) const HEROKU_MAJORS: [u32; 4] = [8, 9, 10, 11];

/// Is this root? The rig needs that, or a namespace of its own.
pub(crate) fn is_root(sh: &Shell) -> bool {
    cmd!(sh, "id -u").quiet().read().is_ok_and(|uid| uid == "0")
}

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// The folder of an installed tool, such as `node-22` or `heroku-11`.
pub(crate) fn folder(tool: &str) -> PathBuf {
    workspace().join("target/tools").join(tool)
}

/// Builds these programs, with the features that the whole workspace gives their dependencies: built by itself, a package
/// gives them others, and all is compiled once more.
pub(crate) fn build(sh: &Shell, profile: &str, programs: &[&str]) -> anyhow::Result<()> {
    let programs = programs.iter().flat_map(|program| ["--bin", program]);
    cmd!(sh, "cargo build --workspace --profile {profile} {programs...}").quiet().run()?;
    Ok(())
}

/// npm's name for this platform's Node.js package.
pub(crate) fn node_package() -> String {
    let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    format!("node-{os}-{arch}")
}

/// The `node` binary of a major.
pub(crate) fn node(major: u32) -> PathBuf {
    folder(&format!("node-{major}")).join("node_modules").join(node_package()).join("bin/node")
}
