//! Where the programs are that the rig plays with: none is bundled, none is faked.

use std::path::{Path, PathBuf};

use crate::Error;

/// The folder into which `cargo xtask setup` installs npm packages, one folder each.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools")
}

/// The folder that holds the `heroku` command of a major of the CLI.
pub(crate) fn heroku_folder(major: u32) -> Result<PathBuf, Error> {
    let folder = tools().join(format!("heroku-{major}/node_modules/.bin"));
    existing(folder.join("heroku"), "the Heroku CLI")?;
    Ok(folder)
}

/// The `node` binary that a dyno runs when the options name none: the one of the PATH, as on a user's machine.
pub(crate) fn node() -> Result<PathBuf, Error> {
    let found = which::which("node")
        .map_err(|_| Error::MissingTool { tool: "node", looked_at: "in the PATH".to_owned() })?;
    found
        .canonicalize()
        .map_err(|_| Error::MissingTool { tool: "node", looked_at: found.display().to_string() })
}

/// The `node` binary of a major, as `cargo xtask setup` installs it.
pub fn node_of(major: u32) -> Result<PathBuf, Error> {
    let path = tools().join(format!("node-{major}/node_modules/.bin/node"));
    existing(path.clone(), "a Node.js of that major")?;
    path.canonicalize()
        .map_err(|_| Error::MissingTool { tool: "node", looked_at: path.display().to_string() })
}

/// npm's own package, which runs `npm start` in a dyno.
///
/// npm 10 is the one major that runs on every Node from 18 on; the CLI's own dependency serves where the demo alone was set up.
pub(crate) fn npm() -> Result<PathBuf, Error> {
    let preferred = tools().join("npm/node_modules/npm");
    if preferred.join("bin/npm-cli.js").exists() {
        return Ok(preferred);
    }
    let bundled = tools().join("heroku-11/node_modules/npm");
    existing(bundled.join("bin/npm-cli.js"), "npm's package")?;
    Ok(bundled)
}

/// The folder of npm packages that some apps need: yarn and pm2.
pub(crate) fn packages() -> Result<PathBuf, Error> {
    let folder = tools().join("npm/node_modules");
    existing(folder.join("pm2/package.json"), "yarn and pm2")?;
    Ok(folder)
}

/// OpenSSH's server; distributions keep it outside the PATH of users.
pub(crate) fn sshd() -> Result<PathBuf, Error> {
    const PLACES: [&str; 3] = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];
    PLACES.iter().map(PathBuf::from).find(|path| path.exists()).ok_or_else(|| Error::MissingTool {
        tool: "OpenSSH's server, sshd",
        looked_at: format!("looked at {}", PLACES.join(", ")),
    })
}

/// Docker's daemon; its client is found by the PATH.
pub(crate) fn dockerd() -> Result<PathBuf, Error> {
    let looked_at = || "in the PATH".to_owned();
    which::which("docker")
        .map_err(|_| Error::MissingTool { tool: "Docker's client, docker", looked_at: looked_at() })?;
    which::which("dockerd")
        .map_err(|_| Error::MissingTool { tool: "Docker's daemon, dockerd", looked_at: looked_at() })
}

/// The folder that holds the `kubectl` command.
pub(crate) fn kubectl_folder() -> Result<PathBuf, Error> {
    let folder = tools().join("kubectl/bin");
    existing(folder.join("kubectl"), "kubectl")?;
    Ok(folder)
}

/// The root of an image with a Node.js for musl.
pub(crate) fn node_musl() -> Result<PathBuf, Error> {
    let root = tools().join("node-musl/root");
    existing(root.join("bin/node"), "a Node.js for musl")?;
    Ok(root)
}

/// The shell of containers: Debian's busybox-static, which needs no library.
pub(crate) fn busybox() -> Result<PathBuf, Error> {
    which::which("busybox")
        .map_err(|_| Error::MissingTool { tool: "busybox", looked_at: "in the PATH".to_owned() })
}

fn existing(path: PathBuf, tool: &'static str) -> Result<PathBuf, Error> {
    if path.exists() {
        return Ok(path);
    }
    Err(Error::MissingTool { tool, looked_at: format!("looked at {}", path.display()) })
}
