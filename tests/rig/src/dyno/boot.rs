//! One boot of a dyno: fresh folders, fresh namespaces, and the thread that waits for their end.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::{APP_PORT, Dyno, Plan, Shared, State, view};
use crate::apps::Ready;
use crate::error::{Named, shown};
use crate::namespace::{DYNO_UID, Dialer, Privilege};
use crate::{Disk, Error, cgroup, tools};

const SETUP: &str = include_str!("setup.sh");
const MAIN: &str = include_str!("main.sh");
const AGENT: &str = include_str!("agent.sh");
/// Of whoever comes into a dyno.
const PATH: &str = "/app/.heroku/node/bin:/usr/local/bin:/usr/bin:/bin";
/// How long Heroku gives an app to bind its port.
const BOOT_TIMEOUT: Duration = Duration::from_secs(60);

/// The boot that runs now.
pub(super) struct Running {
    pub(super) init: Init,
    pub(super) dialer: Dialer,
    /// Where the exec-manager puts the client's public key.
    pub(super) exec_folder: PathBuf,
    /// The files in the dyno when it came up; what comes later was left by somebody.
    pub(super) baseline: Vec<PathBuf>,
    /// The Node.js processes that ran when it came up, by their numbers on the host.
    pub(super) nodes: Vec<u32>,
}

/// The process 1 of a dyno, as the host sees it.
#[derive(Clone)]
pub(crate) struct Init {
    pub(crate) host_pid: u32,
    handle: Arc<OwnedFd>,
}

impl Init {
    fn of(host_pid: u32) -> Result<Self, Error> {
        let pid = i32::try_from(host_pid).ok().and_then(rustix::process::Pid::from_raw);
        let pid = pid.ok_or(Error::Program { program: "unshare", reason: "no process id".to_owned() })?;
        let handle =
            pidfd_open(pid, PidfdFlags::empty()).map_err(std::io::Error::from).named("the dyno's init")?;
        Ok(Self { host_pid, handle: Arc::new(handle) })
    }

    /// Kills the init and with it, by the kernel, every process of its pid namespace.
    pub(super) fn kill(&self) {
        // An error says that it is gone already.
        let _ = pidfd_send_signal(&*self.handle, Signal::KILL);
    }
}

/// Boots a dyno and waits until it is up.
pub(super) fn boot(shared: &Arc<Shared>) -> Result<(), Error> {
    let plan = &shared.plan;
    let number = {
        let mut now = shared.now();
        now.boots += 1;
        shared.enter(&mut now, State::Starting);
        now.boots
    };
    let folders = Folders::fresh(plan, number)?;
    let cgroup =
        plan.memory_limit.map(|limit| cgroup::Limited::new(&folders.base, &plan.name, limit)).transpose()?;
    let mut child = command(plan, &folders, cgroup.as_ref())?
        .spawn()
        .map_err(|error| Error::Program { program: "unshare", reason: error.to_string() })?;
    let started = start(&mut child, shared, cgroup.as_ref());
    let (init, dialer) = match started {
        Ok(started) => started,
        Err(error) => {
            // Killing unshare kills the dyno: --kill-child.
            let _ = child.kill();
            let _ = child.wait();
            return Err(error);
        }
    };
    shared.warden.guard(init.host_pid);
    let exec_folder = folders.exec.clone();
    shared.now().running = Some(Running {
        init: init.clone(),
        dialer: dialer.clone(),
        exec_folder,
        baseline: Vec::new(),
        nodes: Vec::new(),
    });
    wait_for_the_end(shared, child, init.host_pid, cgroup, folders.base);
    come_up(shared, number, &init, &dialer)
}

/// Waits until the app owns its port, then takes note of the files that are there.
fn come_up(shared: &Arc<Shared>, number: u32, init: &Init, dialer: &Dialer) -> Result<(), Error> {
    let deadline = Instant::now() + BOOT_TIMEOUT;
    let failed = |reason: &str| Error::Boot {
        dyno: shared.plan.name.clone(),
        reason: reason.to_owned(),
        log: shared.logs.tail(&shared.plan.name, 10),
    };
    loop {
        let up = match shared.plan.app.ready_when() {
            Ready::Bound => dialer.connect(APP_PORT).is_ok(),
            Ready::BoundAnd(files) => {
                let root = PathBuf::from(format!("/proc/{}/root", init.host_pid));
                dialer.connect(APP_PORT).is_ok() && files.iter().all(|file| root.join(file).exists())
            }
            Ready::Running(command, count) => {
                let processes = view::processes_of(init.host_pid);
                processes.iter().filter(|process| process.cmdline.contains(command)).count() >= count
            }
        };
        let mut now = shared.now();
        if now.boots != number || now.state != State::Starting {
            return Err(failed("it ended while it started"));
        }
        if up {
            if let Some(running) = &mut now.running {
                running.baseline = view::files_of(init.host_pid);
                let processes = view::processes_of(init.host_pid);
                running.nodes = processes
                    .iter()
                    .filter(|process| process.is_node())
                    .map(|process| process.host_pid)
                    .collect();
            }
            shared.enter(&mut now, State::Up);
            return Ok(());
        }
        drop(now);
        if Instant::now() > deadline {
            shared.stop(Duration::ZERO);
            return Err(failed("it did not bind to $PORT in time (R10)"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Reads the init's number, gives it network and limits, and lets it go on.
fn start(
    child: &mut Child,
    shared: &Arc<Shared>,
    cgroup: Option<&cgroup::Limited>,
) -> Result<(Init, Dialer), Error> {
    let failed = |reason: String| Error::Program { program: "unshare", reason };
    let mut output = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut line = String::new();
    output.read_line(&mut line).named("the dyno's output")?;
    let Some(pid) = line.trim().strip_prefix("pid ").and_then(|pid| pid.parse().ok()) else {
        let mut said = line;
        let _ = BufReader::new(child.stderr.take().expect("stderr is piped")).read_line(&mut said);
        return Err(failed(said));
    };
    let init = Init::of(pid)?;
    let dialer = Dialer::into_network_of(pid)?;
    if let Some(cgroup) = cgroup {
        cgroup.add(pid)?;
    }
    let errors = BufReader::new(child.stderr.take().expect("stderr is piped"));
    for stream in [Box::new(output) as Box<dyn BufRead + Send>, Box::new(errors)] {
        let (logs, name) = (Arc::clone(&shared.logs), shared.plan.name.clone());
        std::thread::spawn(move || {
            for line in stream.lines().map_while(Result::ok) {
                logs.say("app", &name, &line);
            }
        });
    }
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(b"go\n").named("the dyno's setup")?;
    Ok((init, dialer))
}

/// One thread per boot: it owns the child, and clears up what the boot used when the child has ended.
fn wait_for_the_end(
    shared: &Arc<Shared>,
    mut child: Child,
    host_pid: u32,
    cgroup: Option<cgroup::Limited>,
    base: PathBuf,
) {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        let status = child.wait();
        shared.warden.release(host_pid);
        drop(cgroup);
        let _ = fs::remove_dir_all(base);
        let mut now = shared.now();
        now.running = None;
        if matches!(now.state, State::Starting | State::Up) {
            // A shell's number of a process that a signal has ended.
            let number = |status: ExitStatus| status.code().or(status.signal().map(|signal| 128 + signal));
            let said = match status.map(number) {
                Ok(Some(number)) => format!("Process exited with status {number}"),
                Ok(None) => "Process exited".to_owned(),
                Err(error) => error.to_string(),
            };
            shared.logs.say("heroku", &shared.plan.name, &said);
            shared.enter(&mut now, State::Crashed);
        }
        shared.changed.notify_all();
    });
}

/// The folders of the host that one boot uses.
struct Folders {
    base: PathBuf,
    root: PathBuf,
    home: PathBuf,
    tmp: PathBuf,
    exec: PathBuf,
}

impl Folders {
    fn fresh(plan: &Plan, number: u32) -> Result<Self, Error> {
        let base = plan.folder.join(format!("{}-{number}", plan.name));
        let folders = Self {
            root: base.join("root"),
            home: base.join("app"),
            tmp: base.join("tmp"),
            exec: base.join("exec"),
            base,
        };
        for folder in [&folders.root, &folders.tmp, &folders.exec] {
            fs::create_dir_all(folder).named(shown(folder))?;
        }
        copy(&plan.app.folder(), &folders.home).named("the app's files")?;
        fs::create_dir_all(folders.home.join(".heroku/node/bin")).named("the app's folder")?;
        let sshd = plan.sshd.display().to_string();
        let main = MAIN.replace("@COMMAND@", plan.app.command()).replace("@SSHD@", &sshd);
        let files = [("main", main), ("agent", AGENT.to_owned()), ("sshd_config", sshd_config())];
        for (name, text) in files {
            fs::write(folders.exec.join(name), text).named("the dyno's scripts")?;
        }
        fs::copy(&plan.host_key, folders.exec.join("host_key")).named("the SSH host key")?;
        fs::write(folders.exec.join("authorized_keys"), "").named("the authorised keys")?;
        fs::set_permissions(&folders.tmp, fs::Permissions::from_mode(0o1777)).named("the dyno's /tmp")?;
        if plan.privilege == Privilege::Root {
            give(&folders.home).and_then(|()| give(&folders.exec)).named("the dyno's files")?;
        }
        Ok(folders)
    }
}

fn command(plan: &Plan, folders: &Folders, cgroup: Option<&cgroup::Limited>) -> Result<Command, Error> {
    let packages = if plan.app.needs_packages() { Some(tools::packages()?) } else { None };
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child", "--", "sh", "-c", SETUP])
        .env_clear()
        .envs([
            ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            ("HOME", "/app"),
            ("NPM_CONFIG_UPDATE_NOTIFIER", "false"),
        ])
        .envs([("NPM_CONFIG_CACHE", "/tmp/.npm"), ("NPM_CONFIG_LOGS_MAX", "0"), ("LANG", "C.UTF-8")])
        .env("PORT", APP_PORT.to_string())
        .env("DYNO", &plan.name)
        .envs(plan.env.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned())
        .env("ROOT", &folders.root)
        .env("HOME_DIR", &folders.home)
        .env("TMP_DIR", &folders.tmp)
        .env("EXEC_DIR", &folders.exec)
        .env("NODE", &plan.node)
        .env("NPM", tools::npm()?)
        .env("PACKAGES", packages.unwrap_or_default())
        .env("CGROUP", cgroup.map(|cgroup| cgroup.folder().to_owned()).unwrap_or_default())
        .env(
            "DISK",
            match plan.disk {
                Disk::Roomy => "roomy",
                Disk::Full => "full",
                Disk::ReadOnly => "read-only",
            },
        )
        .env("GIVE_UP", plan.privilege.give_up())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .current_dir("/")
        .process_group(0);
    Ok(command)
}

/// The SSH server runs as the dyno's own user, so it can log in nobody else and needs no rights.
fn sshd_config() -> String {
    format!(
        "HostKey /run/exec/host_key\nAuthorizedKeysFile /run/exec/authorized_keys\nPidFile none\nUsePAM no\n\
         StrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPrintMotd no\nPrintLastLog no\n\
         AllowTcpForwarding yes\nSetEnv PATH={PATH}\nLogLevel INFO\n"
    )
}

impl Dyno {
    /// Lets a client's key in, as the exec-manager does for each `ps:exec` and `ps:forward`.
    pub(crate) fn admit(&self, public_key: &str) -> std::io::Result<()> {
        let now = self.shared.now();
        let running = now.running.as_ref().ok_or(std::io::ErrorKind::NotConnected)?;
        let mut keys =
            fs::OpenOptions::new().append(true).open(running.exec_folder.join("authorized_keys"))?;
        writeln!(keys, "{}", public_key.trim())
    }

    /// Takes this client's key and no other.
    pub(crate) fn takes_key(&self, public_key: &str) -> std::io::Result<()> {
        let now = self.shared.now();
        let running = now.running.as_ref().ok_or(std::io::ErrorKind::NotConnected)?;
        fs::write(running.exec_folder.join("authorized_keys"), public_key)
    }

    /// The command that serves one SSH connection on its stdin and stdout, inside the dyno.
    pub(crate) fn ssh_server(&self) -> Option<Command> {
        let mut command = Command::new("nsenter");
        command
            .args(self.entering()?)
            .arg(&self.shared.plan.sshd)
            .args(["-i", "-e", "-f", "/run/exec/sshd_config"])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .process_group(0);
        Some(command)
    }

    /// The same, where it runs this command and no other.
    pub(crate) fn ssh_server_for(&self, command: &str) -> Option<Command> {
        let mut server = self.ssh_server()?;
        server.arg("-o").arg(format!("ForceCommand={command}"));
        Some(server)
    }

    /// A command that runs inside the dyno, in a session of its own whose terminal its stdin is.
    pub(crate) fn run_inside(&self, command: &str) -> Option<Command> {
        let mut started = Command::new("setsid");
        started
            .args(["--ctty", "nsenter"])
            .args(self.entering()?)
            .args(["sh", "-c", command])
            .env_clear()
            .env("PATH", PATH)
            .current_dir("/");
        Some(started)
    }

    /// The options with which `nsenter` enters it, up to the command.
    fn entering(&self) -> Option<Vec<String>> {
        let now = self.shared.now();
        let mut options = vec![format!("--target={}", now.running.as_ref()?.init.host_pid)];
        options.extend(["--mount", "--pid", "--net", "--ipc"].map(str::to_owned));
        options.extend(self.shared.plan.privilege.enter());
        options.push("--".to_owned());
        Some(options)
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Makes the dyno's user the owner of a folder and all in it.
fn give(folder: &Path) -> std::io::Result<()> {
    chown(folder, Some(DYNO_UID), Some(DYNO_UID))?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            give(&path)?;
        } else {
            chown(&path, Some(DYNO_UID), Some(DYNO_UID))?;
        }
    }
    Ok(())
}
