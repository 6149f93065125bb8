//! A program that runs, and hunts of it by the command line, as a person at that machine would make them.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::tools;

/// A program is left alone for so long after its start, as one in production has been.
const WARM: Duration = Duration::from_secs(12);

/// What these programs leak is due for a snapshot after a few seconds; one that does not grow is not waited for longer.
pub(super) const GROWTH: &str = "1MB";
pub(super) const MAX_WAIT: &str = "5s";

/// A running program. It ends when this is dropped.
pub(super) struct Program {
    child: Child,
    /// Kept open: a program that cannot write may end.
    _told: BufReader<ChildStdout>,
}

impl Program {
    /// Starts a program and waits until it says that it is ready, and has run for a while.
    pub(super) fn start(node: &Path, folder: &Path, entry: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(node);
        command.env_remove("NODE_OPTIONS");
        Self::started(command, folder, entry)
    }

    /// The same of a Node.js that was given options already.
    pub(super) fn started(mut node: Command, folder: &Path, entry: &str) -> anyhow::Result<Self> {
        let mut child = node
            // Other hunts of this machine may be at work on the usual port.
            .arg(format!("--inspect-port={}", free_port()?))
            .arg(entry)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} could not be started", node.get_program().display()))?;
        let mut told = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        let read = told.read_line(&mut line);
        let program = Self { child, _told: told };
        if read? == 0 {
            bail!("{entry} ended before it was ready");
        }
        std::thread::sleep(WARM);
        Ok(program)
    }

    /// The process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// One hunt that takes so many snapshots; gives the session's folder, in which there are findings.
    pub(super) fn hunt(&self, leakhunt: &Path, samples: u32, out: &Path) -> anyhow::Result<PathBuf> {
        let samples = samples.to_string();
        self.hunt_by(leakhunt, &["--samples", &samples, "--growth", GROWTH, "--max-wait", MAX_WAIT], out)
    }

    /// The same as it is asked for.
    pub(super) fn hunt_by(&self, leakhunt: &Path, asked: &[&str], out: &Path) -> anyhow::Result<PathBuf> {
        let _ = std::fs::remove_dir_all(out);
        std::fs::create_dir_all(out)?;
        let sh = Shell::new()?;
        let pid = self.child.id().to_string();
        // Nobody waits for this program, and the machine may be busy.
        cmd!(sh, "{leakhunt} local --quiet --yes --accept pause,memory --pid {pid} {asked...} --out {out}")
            .quiet()
            .ignore_stdout()
            .run()?;
        session(out)
    }

    /// The same, and by how many bytes the resident set exceeds meanwhile what it was before, at most.
    pub(super) fn hunt_measured(
        &self,
        leakhunt: &Path,
        asked: &[&str],
        out: &Path,
    ) -> anyhow::Result<(PathBuf, u64)> {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watched = scope.spawn(|| gained(self.pid(), || over.load(Ordering::Relaxed)));
            let session = self.hunt_by(leakhunt, asked, out);
            over.store(true, Ordering::Relaxed);
            let gained = watched.join().expect("a reader of /proc does not panic");
            Ok((session?, gained?))
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// By how much the resident set of a process exceeds what it is now at most, until it is over.
pub(super) fn gained(pid: u32, is_over: impl Fn() -> bool) -> anyhow::Result<u64> {
    let before = resident(pid)?;
    let mut most = before;
    while !is_over() {
        most = most.max(resident(pid)?);
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(most - before)
}

fn resident(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes << 10)
}

/// A port for the inspector of a process that is yet to be started.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The session folder of a hunt, the only one in its folder.
pub(super) fn session(out: &Path) -> anyhow::Result<PathBuf> {
    let entries = std::fs::read_dir(out).with_context(|| format!("{}: not hunted yet", out.display()))?;
    let folder = entries.filter_map(Result::ok).map(|entry| entry.path()).find(|path| path.is_dir());
    folder.with_context(|| format!("{}: the hunt left no session folder", out.display()))
}

/// What the hunt said.
pub(super) fn findings(session: &Path) -> anyhow::Result<Value> {
    let path = session.join("findings.json");
    let text = std::fs::read(&path).with_context(|| format!("{}: the hunt said nothing", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

/// What is said now of what a hunt brought back.
pub(super) fn analysed(leakhunt: &Path, session: &Path, sources: &Path) -> anyhow::Result<Value> {
    let sh = Shell::new()?;
    let text = cmd!(sh, "{leakhunt} analyze --json --sources {sources} {session}").quiet().read()?;
    Ok(serde_json::from_str(&text)?)
}

/// What hunts: what is asked for, or else built here. Not for release: how long it takes does not matter.
pub(super) fn leakhunt(sh: &Shell, asked: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(asked) = asked {
        return Ok(asked.to_owned());
    }
    sh.change_dir(tools::workspace());
    tools::build(sh, "dev", &["leakhunt"])?;
    Ok(tools::target().join("debug/leakhunt"))
}

/// Puts the programs of a folder where they run, with what their package.json asks for. That is installed once.
pub(super) fn install(sh: &Shell, from: &Path, to: &Path) -> anyhow::Result<()> {
    super::copy(from, to)?;
    let (manifest, installed) = (sh.read_file(from.join("package.json"))?, to.join(".complete"));
    if sh.read_file(&installed).ok().as_deref() == Some(manifest.as_str()) {
        return Ok(());
    }
    eprintln!("diagnose: what {} imports", from.display());
    cmd!(sh, "npm install --silent --no-package-lock --no-audit --no-fund --ignore-scripts --prefix {to}")
        .quiet()
        .run()?;
    sh.write_file(&installed, &manifest)?;
    Ok(())
}
