//! A Docker daemon of a test's own, and containers in it that hold nothing but a Node.js, a shell and a program.
//!
//! It touches neither the machine's network nor another daemon's containers: no bridge, no rules, a folder of its own. No image is
//! pulled: one is made of files of this machine. What ends the test's process, SIGKILL too, ends the daemon, by a shell that waits for
//! the end of its stdin.

use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Error;
use crate::error::Named;
use crate::machine::set_mode;
use crate::tools;

/// Until the daemon answers; some 3 s on an idle machine.
const STARTING: Duration = Duration::from_secs(90);

/// What the shell in a container, and the script that is sent there, are made of.
const APPLETS: [&str; 14] =
    ["sh", "cat", "head", "ls", "od", "tr", "grep", "readlink", "dd", "id", "sleep", "kill", "ps", "true"];

const IMAGE: &str = "leakhunt-node";
const MUSL: &str = "leakhunt-node-musl";

/// The daemon writes until its containers are gone, and what is mounted is unmounted by it.
const WARDEN: &str = r#"
trap '' HUP INT TERM
folder=$1; shift
"$@" >"$folder/log" 2>&1 &
daemon=$!
while read -r _; do :; done
for id in $(docker -H "unix://$folder/socket" ps -q 2>/dev/null); do docker -H "unix://$folder/socket" kill "$id"; done >/dev/null 2>&1
kill $daemon 2>/dev/null
wait $daemon
rm -rf -- "$folder"
"#;

/// A running daemon. It ends with this, or with this process.
#[derive(Debug)]
pub struct Docker {
    warden: Child,
    folder: PathBuf,
    started: AtomicU32,
    musl: OnceLock<()>,
}

/// A container that runs. It is removed with this.
#[derive(Debug)]
pub struct Container<'d> {
    docker: &'d Docker,
    name: String,
    _program: TempDir,
}

impl Docker {
    /// Starts one, with images of this Node.js.
    ///
    /// # Errors
    /// None can run here, with what it said.
    pub fn start(node: &Path) -> Result<Self, Error> {
        let dockerd = tools::dockerd()?;
        // Short, for the sake of Unix sockets.
        let folder =
            tempfile::Builder::new().prefix("lh-docker-").tempdir().named("a folder for dockerd")?.keep();
        let here = |name: &str| folder.join(name).display().to_string();
        let warden = Command::new("sh")
            .args(["-c", WARDEN, "sh", &folder.display().to_string()])
            .arg(dockerd)
            .args(["--data-root", &here("data"), "--exec-root", &here("exec"), "--pidfile", &here("pid")])
            .args(["-H", &format!("unix://{}", here("socket"))])
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"])
            .args(["--default-ulimit", "nofile=1024:1024"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| Error::Program { program: "dockerd", reason: error.to_string() })?;
        let docker = Self { warden, folder, started: AtomicU32::new(0), musl: OnceLock::new() };
        let deadline = Instant::now() + STARTING;
        while let Err(error) = docker.run(&["version"]) {
            let said = docker.said();
            if Instant::now() > deadline || said.contains("failed to start") {
                let last: Vec<&str> = said.lines().rev().take(8).collect();
                let reason = format!("no daemon can run here ({error}); it said:\n{}", last.join("\n"));
                return Err(Error::Program { program: "dockerd", reason });
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        docker.import(IMAGE, &[], |root| with_libraries(node, root))?;
        Ok(docker)
    }

    /// `DOCKER_HOST` for whoever is to reach it.
    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.join("socket").display())
    }

    /// Runs a command of the client; gives what it printed.
    ///
    /// # Errors
    /// It failed, with what it said.
    pub fn run(&self, args: &[&str]) -> Result<String, Error> {
        let ran = self.output(args)?;
        if !ran.status.success() {
            let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
            return Err(Error::Program { program: "docker", reason: format!("{}: {said}", args.join(" ")) });
        }
        Ok(String::from_utf8_lossy(&ran.stdout).trim().to_owned())
    }

    fn output(&self, args: &[&str]) -> Result<Output, Error> {
        Command::new("docker")
            .env("DOCKER_HOST", self.host())
            .args(args)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Error::Program { program: "docker", reason: error.to_string() })
    }

    /// Runs a program in a container that is alone in its network, and waits until it has said `ready`.
    ///
    /// # Errors
    /// It does not come up, with what it printed.
    pub fn container(&self, program: &str, options: &[&str]) -> Result<Container<'_>, Error> {
        self.container_of(IMAGE, program, options)
    }

    /// The same of an image that has musl for its C library, as Alpine's have, and a Node.js made for it.
    ///
    /// # Errors
    /// As [`Self::container`]; there is no such Node.js.
    pub fn musl_container(&self, program: &str, options: &[&str]) -> Result<Container<'_>, Error> {
        if self.musl.get().is_none() {
            let made = tools::node_musl()?;
            // What its C++ library is too old for, see where it is made.
            let preload = ["--change", "ENV LD_PRELOAD=/lib/libnewer.so"];
            self.import(MUSL, &preload, |root| copy_all(&made, root))?;
            self.musl.get_or_init(|| ());
        }
        self.container_of(MUSL, program, options)
    }

    fn container_of(&self, image: &str, program: &str, options: &[&str]) -> Result<Container<'_>, Error> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let name = format!("leakhunt-{}-{number}", std::process::id());
        let folder = tempfile::tempdir().named("a folder for a program")?;
        let file = folder.path().join("app.js");
        std::fs::write(&file, program).named("a program")?;
        // Whoever it is there.
        set_mode(folder.path(), 0o755)?;
        let mount = format!("{}:/app/app.js:ro", file.display());
        let all = [
            &["run", "-d", "--name", &name, "--network", "none", "-v", &mount],
            options,
            &[image, "/bin/node", "/app/app.js"],
        ];
        self.run(&all.concat())?;
        let container = Container { docker: self, name, _program: folder };
        let deadline = Instant::now() + STARTING;
        while !container.said()?.contains("ready") {
            if Instant::now() > deadline || !container.is_running()? {
                return Err(Error::Program { program: "docker", reason: container.said()? });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(container)
    }

    /// An image: what is put there, which is a Node.js and its libraries, and behind another word of the PATH a shell.
    fn import(
        &self,
        name: &str,
        changes: &[&str],
        put: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let folder = tempfile::tempdir_in(&self.folder).named("a folder for an image")?;
        let root = folder.path();
        for below in ["bin", "shell", "tmp", "proc", "app", "etc"] {
            std::fs::create_dir(root.join(below)).named("a folder of an image")?;
        }
        set_mode(&root.join("tmp"), 0o1777)?;
        put(root)?;
        copy(&tools::busybox()?, &root.join("shell/busybox"))?;
        for applet in APPLETS {
            symlink("busybox", root.join("shell").join(applet)).named("a shell of an image")?;
        }
        std::fs::write(root.join("etc/passwd"), "root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n")
            .named("users")?;
        let archive = self.folder.join(format!("{name}.tar"));
        let tar = Command::new("tar").arg("-C").arg(root).args(["-cf"]).arg(&archive).arg(".").status();
        let tar = tar.map_err(|error| Error::Program { program: "tar", reason: error.to_string() })?;
        if !tar.success() {
            return Err(Error::Program { program: "tar", reason: tar.to_string() });
        }
        let archived = archive.display().to_string();
        self.run(&[&["import", "--change", "ENV PATH=/bin:/shell"], changes, &[&archived, name]].concat())?;
        std::fs::remove_file(&archive).named("an image's archive")
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Container<'_> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it printed.
    ///
    /// # Errors
    /// The daemon does not answer.
    pub fn said(&self) -> Result<String, Error> {
        let ran = self.docker.output(&["logs", &self.name])?;
        Ok(format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr)))
    }

    /// Does it run?
    ///
    /// # Errors
    /// The daemon does not answer.
    pub fn is_running(&self) -> Result<bool, Error> {
        Ok(self.docker.run(&["inspect", "--format", "{{.State.Running}}", &self.name])? == "true")
    }

    /// The ports that are listened on in it.
    ///
    /// # Errors
    /// The daemon does not answer.
    pub fn listening(&self) -> Result<Vec<u16>, Error> {
        let table =
            self.docker.run(&["exec", &self.name, "/shell/cat", "/proc/net/tcp", "/proc/net/tcp6"])?;
        let port = |line: &str| {
            let mut fields = line.split_whitespace();
            let (_, local, _, state) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
            (state == "0A").then(|| u16::from_str_radix(local.rsplit(':').next()?, 16).ok()).flatten()
        };
        Ok(table.lines().filter_map(port).collect())
    }

    /// The command lines of what runs in it.
    ///
    /// # Errors
    /// The daemon does not answer.
    pub fn processes(&self) -> Result<Vec<String>, Error> {
        let listed = self.docker.run(&["top", &self.name, "-eo", "pid,args"])?;
        Ok(listed.lines().skip(1).map(|line| line.trim().to_owned()).collect())
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
        drop(self.warden.stdin.take());
        let _ = self.warden.wait();
    }
}

/// A Node.js, and the libraries of this machine that it needs.
fn with_libraries(node: &Path, root: &Path) -> Result<(), Error> {
    copy(node, &root.join("bin/node"))?;
    let ldd = Command::new("ldd").arg(node).output();
    let ldd = ldd.map_err(|error| Error::Program { program: "ldd", reason: error.to_string() })?;
    for word in String::from_utf8_lossy(&ldd.stdout).split_whitespace() {
        if let Some(below) = word.strip_prefix('/') {
            copy(Path::new(word), &root.join(below))?;
        }
    }
    Ok(())
}

/// All files of a folder and of the folders in it.
fn copy_all(from: &Path, to: &Path) -> Result<(), Error> {
    for entry in std::fs::read_dir(from).named(from.display().to_string())? {
        let path = entry.named(from.display().to_string())?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() { copy_all(&path, &target)? } else { copy(&path, &target)? }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).named("a folder of an image")?;
    }
    std::fs::copy(from, to).named(from.display().to_string()).map(drop)
}
