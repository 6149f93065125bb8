//! A Docker daemon of our own, below `target/docker`, for as long as a task needs it.
//!
//! It touches neither the machine's network nor another daemon's containers: no bridge, no rules, no shared folder. Images are
//! made from files of this machine, since what is measured is its own Node.js under a limit that the kernel enforces.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use xshell::{Shell, cmd};

use crate::tools;

/// Until the daemon answers; some 3 s on an idle machine.
const STARTING: Duration = Duration::from_secs(90);

/// A running daemon. It ends with this.
pub(crate) struct Docker {
    daemon: Child,
    socket: PathBuf,
    started: AtomicU32,
}

/// A container that runs. It is removed with this.
pub(crate) struct Container<'d> {
    docker: &'d Docker,
    name: String,
    /// Of its first process, here.
    pub(crate) pid: u32,
}

impl Docker {
    /// Starts one.
    ///
    /// # Errors
    /// If none can run here, with what it said.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let root = tools::target().join("docker");
        std::fs::create_dir_all(&root)?;
        let (socket, log) = (root.join("socket"), root.join("log"));
        let here = |name: &str| root.join(name).display().to_string();
        let said = std::fs::File::create(&log)?;
        let daemon = Command::new("dockerd")
            .args(["--data-root", &here("data"), "--exec-root", &here("exec"), "--pidfile", &here("pid")])
            .args(["-H", &format!("unix://{}", socket.display())])
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"])
            .args(["--default-ulimit", "nofile=1024:1024"])
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()
            .context("dockerd could not be started; `cargo xtask setup` installs it, as root")?;
        let mut docker = Self { daemon, socket, started: AtomicU32::new(0) };
        let deadline = Instant::now() + STARTING;
        while docker.run(&["version"]).is_err() {
            let ended = docker.daemon.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                let last: Vec<&str> = said.lines().rev().take(5).collect();
                bail!(
                    "no Docker can run here, and without one nothing is measured; dockerd said:\n{}",
                    last.join("\n")
                );
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(docker)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.arg("-H").arg(format!("unix://{}", self.socket.display())).args(args);
        command
    }

    /// Runs a command of the client; gives what it printed.
    fn run(&self, args: &[&str]) -> anyhow::Result<String> {
        let ran = self.command(args).stdin(Stdio::null()).output().context("there is no docker client")?;
        if !ran.status.success() {
            bail!("docker {}: {}", args.join(" "), String::from_utf8_lossy(&ran.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&ran.stdout).trim().to_owned())
    }

    /// An image with one Node.js, the libraries that it needs, and a shell; gives its name.
    pub(crate) fn image(&self, sh: &Shell, node_major: u32) -> anyhow::Result<String> {
        let name = format!("leakhunt-node:{node_major}");
        if self.run(&["image", "inspect", &name]).is_ok() {
            return Ok(name);
        }
        let folder = sh.create_temp_dir()?;
        let root = folder.path();
        let node = tools::node(node_major);
        copy(&node, &root.join("bin/node"))?;
        let busybox = cmd!(sh, "which busybox").quiet().read()?;
        copy(Path::new(&busybox), &root.join("bin/sh"))?;
        for word in cmd!(sh, "ldd {node}").quiet().read()?.split_whitespace() {
            if let Some(below) = word.strip_prefix('/') {
                copy(Path::new(word), &root.join(below))?;
            }
        }
        for folder in ["tmp", "proc", "app"] {
            std::fs::create_dir_all(root.join(folder))?;
        }
        let archive = root.with_extension("tar");
        let mut tar = tar::Builder::new(std::fs::File::create(&archive)?);
        tar.append_dir_all(".", root)?;
        tar.finish()?;
        let imported = self.run(&["import", &archive.display().to_string(), &name]);
        std::fs::remove_file(&archive)?;
        imported.map(|_| name)
    }

    /// Starts a container that may use so many megabytes and no swap, alone in its network, with a program mounted at `/app`.
    pub(crate) fn container(
        &self,
        image: &str,
        megabytes: u32,
        program: &Path,
        args: &[&str],
    ) -> anyhow::Result<Container<'_>> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let name = format!("leakhunt-{}-{number}", std::process::id());
        let memory = format!("{megabytes}m");
        let file = program.file_name().context("a program is a file")?.to_string_lossy();
        let (mount, entry) = (format!("{}:/app/{file}:ro", program.display()), format!("/app/{file}"));
        // With pids of its own, the process would not be known here by the number that it has there.
        let mut all = vec!["run", "-d", "--name", &name, "--network", "none", "--pid", "host"];
        // V8 takes its heap limit from the container's, and would end the program before the kernel does.
        let heap = format!("--max-old-space-size={megabytes}");
        all.extend([
            "--memory",
            &memory,
            "--memory-swap",
            &memory,
            "-v",
            &mount,
            image,
            "/bin/node",
            &heap,
            &entry,
        ]);
        all.extend(args);
        self.run(&all)?;
        let mut container = Container { docker: self, name, pid: 0 };
        container.pid = self.run(&["inspect", "--format", "{{.State.Pid}}", &container.name])?.parse()?;
        Ok(container)
    }
}

impl Container<'_> {
    /// What it printed.
    pub(crate) fn said(&self) -> anyhow::Result<String> {
        self.docker.run(&["logs", &self.name])
    }

    /// Did the kernel end it for its memory?
    pub(crate) fn was_killed_for_memory(&self) -> anyhow::Result<bool> {
        Ok(self.docker.run(&["inspect", "--format", "{{.State.OOMKilled}}", &self.name])? == "true")
    }

    /// Does it run?
    pub(crate) fn is_running(&self) -> anyhow::Result<bool> {
        Ok(self.docker.run(&["inspect", "--format", "{{.State.Running}}", &self.name])? == "true")
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        // Best effort: the daemon ends soon, and its containers with it.
        let _ = self.docker.run(&["rm", "-f", &self.name]);
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        // TERM lets it end its containers, and containerd with them.
        let _ = Command::new("kill").arg(self.daemon.id().to_string()).status();
        let _ = self.daemon.wait();
    }
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
    std::fs::copy(from, to).with_context(|| format!("{} could not be copied", from.display()))?;
    Ok(())
}
