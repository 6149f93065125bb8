//! A machine behind SSH: this one, behind a real OpenSSH server of its own with throw-away keys.

use std::fs::File;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Error;
use crate::error::Named;

/// The server, a client key that it takes, and a HOME for the client.
#[derive(Debug)]
pub struct Machine {
    sshd: Child,
    port: u16,
    folder: TempDir,
    /// Its own files, where it has any.
    _root: Option<TempDir>,
}

/// A key that can be put on record for the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKey {
    /// One of the server's.
    Ed25519,
    /// One of the server's.
    Ecdsa,
    /// None of the server's: somebody is in between.
    Strange,
}

impl Machine {
    /// Starts it on a free port of 127.0.0.1, with its Ed25519 key on record.
    ///
    /// # Errors
    /// OpenSSH's server or `ssh-keygen` is missing, or it does not come up.
    pub fn start() -> Result<Self, Error> {
        Self::configured("")
    }

    /// The same, with more lines of sshd's configuration, such as `AllowTcpForwarding no`.
    ///
    /// # Errors
    /// As [`Machine::start`].
    pub fn configured(lines: &str) -> Result<Self, Error> {
        Self::with(Command::new("/usr/sbin/sshd"), lines, None)
    }

    /// Another, on which no process is seen but its own: a Node.js that runs this script. The client of the first reaches it with its key.
    ///
    /// # Errors
    /// As [`Machine::start`], or a process table of its own cannot be had.
    pub fn beside(first: &Self, node: &Path, script: &Path) -> Result<Self, Error> {
        const BOTH: &str = r#"program=$1; script=$2; shift 2
            "$program" --inspect-port=0 "$script" </dev/null >/dev/null 2>&1 &
            exec /usr/sbin/sshd "$@""#;
        let mut command = Command::new("unshare");
        command
            .args(["--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", BOTH, "sh"])
            .args([node, script]);
        let machine = Self::with(command, "", None)?;
        first.meet(&machine)?;
        Ok(machine)
    }

    /// From now on the client of this one reaches another with its key.
    ///
    /// # Errors
    /// A file of keys cannot be written.
    pub fn meet(&self, other: &Self) -> Result<(), Error> {
        let known = std::fs::read_to_string(other.known_hosts()).named("known_hosts")?;
        let mut all = File::options().append(true).open(self.known_hosts()).named("known_hosts")?;
        all.write_all(known.as_bytes()).named("known_hosts")?;
        std::fs::copy(self.at("authorized"), other.at("authorized")).named("the keys it takes").map(drop)
    }

    /// A private key that it takes, by a type and a format of `ssh-keygen`, with a passphrase or an empty one.
    ///
    /// # Errors
    /// `ssh-keygen` is missing, or a file cannot be written.
    pub fn key(&self, kind: &str, format: &str, passphrase: &str) -> Result<PathBuf, Error> {
        let file = self.at(&format!("key-{kind}-{format}"));
        keygen(&file, &["-t", kind, "-m", format, "-N", passphrase])?;
        let public = std::fs::read(file.with_extension("pub")).named("a key")?;
        let mut all = File::options().append(true).open(self.at("authorized")).named("the keys it takes")?;
        all.write_all(&public).named("the keys it takes")?;
        Ok(file)
    }

    /// A configuration of `ssh`, of these lines.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn ssh_config(&self, lines: &str) -> Result<PathBuf, Error> {
        let file = self.at("ssh_config");
        std::fs::write(&file, lines).named("ssh's configuration")?;
        Ok(file)
    }

    /// The port of its server.
    pub fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn with(mut server: Command, lines: &str, root: Option<TempDir>) -> Result<Self, Error> {
        let folder = tempfile::tempdir().named("a temporary folder")?;
        // The server reads the keys that it takes as the user who logs in.
        set_mode(folder.path(), 0o755)?;
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("home/.ssh")).named("a folder for the client")?;
        for (name, kind) in [("ed25519", "ed25519"), ("ecdsa", "ecdsa"), ("home/.ssh/id_ed25519", "ed25519")]
        {
            keygen(&at(name), &["-t", kind, "-N", ""])?;
        }
        std::fs::copy(at("home/.ssh/id_ed25519.pub"), at("authorized")).named("the keys it takes")?;
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).named("a port")?.port();
        let show = |name: &str| at(name).display().to_string();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\nStrictModes no\nHostKey {}\nHostKey {}\n\
             AuthorizedKeysFile {}\nPermitRootLogin yes\nPasswordAuthentication no\n{lines}\n",
            show("ed25519"),
            show("ecdsa"),
            show("authorized")
        );
        std::fs::write(at("config"), config).named("sshd's configuration")?;
        let log = File::create(at("log")).named("sshd's log")?;
        // OpenSSH drops its privileges into this folder when it has any.
        let _ = std::fs::create_dir("/run/sshd");
        let sshd = server
            .args(["-D", "-e", "-f"])
            .arg(at("config"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .named("OpenSSH's server, which `cargo xtask setup` installs")?;
        let machine = Self { sshd, port, folder, _root: root };
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > deadline {
                let log = std::fs::read_to_string(machine.at("log")).unwrap_or_default();
                return Err(Error::Program { program: "sshd", reason: format!("it does not listen: {log}") });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        machine.trust(HostKey::Ed25519)?;
        Ok(machine)
    }

    /// `USER@HOST:PORT` for the user who asks.
    ///
    /// # Errors
    /// The user has no name.
    pub fn target(&self) -> Result<String, Error> {
        let user = Command::new("id").arg("-un").output().named("id")?.stdout;
        Ok(self.target_of(String::from_utf8_lossy(&user).trim()))
    }

    /// `USER@HOST:PORT`.
    pub fn target_of(&self, user: &str) -> String {
        format!("{user}@127.0.0.1:{}", self.port)
    }

    /// Runs a command line there by `ssh`; gives what it printed.
    ///
    /// # Errors
    /// `ssh` is missing, or fails, as it does when the command does.
    pub fn run(&self, user: &str, line: &str) -> Result<String, Error> {
        let known = format!("UserKnownHostsFile={}", self.known_hosts().display());
        let ran = Command::new("ssh")
            .args(["-F", "none", "-o", "BatchMode=yes", "-o", &known, "-p", &self.port.to_string(), "-i"])
            .arg(self.identity())
            .args([&format!("{user}@127.0.0.1"), line])
            .stdin(Stdio::null())
            .output()
            .named("ssh")?;
        match ran.status.success() {
            true => Ok(String::from_utf8_lossy(&ran.stdout).trim().to_owned()),
            false => {
                let reason = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
                Err(Error::Program { program: "ssh", reason })
            }
        }
    }

    /// What runs on a machine that has processes of its own, its server included: process numbers of this machine, and command lines.
    pub fn processes(&self) -> Vec<(u32, String)> {
        let namespace = |pid: &str, which: &str| std::fs::read_link(format!("/proc/{pid}/ns/{which}")).ok();
        let own = namespace(&self.pid().to_string(), "pid_for_children");
        let pids = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        pids.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let pid = name.parse().ok()?;
            let command = std::fs::read(entry.path().join("cmdline")).ok()?;
            let inside = own.is_some() && namespace(&name, "pid") == own;
            inside.then(|| (pid, String::from_utf8_lossy(&command).replace('\0', " ").trim().to_owned()))
        })
        .collect()
    }

    /// The client's HOME, with the key and `known_hosts`.
    pub fn home(&self) -> PathBuf {
        self.at("home")
    }

    /// The client's private key.
    pub fn identity(&self) -> PathBuf {
        self.at("home/.ssh/id_ed25519")
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.sshd.id()
    }

    /// Makes this the only key on record for the server.
    ///
    /// # Errors
    /// `known_hosts` cannot be written.
    pub fn trust(&self, key: HostKey) -> Result<(), Error> {
        let name = match key {
            HostKey::Ed25519 => "ed25519.pub",
            HostKey::Ecdsa => "ecdsa.pub",
            HostKey::Strange => "home/.ssh/id_ed25519.pub",
        };
        let key = std::fs::read_to_string(self.at(name)).named("a key")?;
        std::fs::write(self.known_hosts(), format!("[127.0.0.1]:{} {key}", self.port)).named("known_hosts")
    }

    /// Puts no key on record.
    ///
    /// # Errors
    /// `known_hosts` cannot be removed.
    pub fn trust_none(&self) -> Result<(), Error> {
        std::fs::remove_file(self.known_hosts()).named("known_hosts")
    }

    /// From now on it takes no key.
    ///
    /// # Errors
    /// The list of keys cannot be written.
    pub fn take_no_key(&self) -> Result<(), Error> {
        std::fs::write(self.at("authorized"), "").named("the keys it takes")
    }

    /// How often somebody has logged in.
    ///
    /// # Errors
    /// The server's log cannot be read.
    pub fn logins(&self) -> Result<usize, Error> {
        let log = std::fs::read_to_string(self.at("log")).named("sshd's log")?;
        Ok(log.matches("Accepted publickey").count())
    }

    /// The host keys that are on record.
    pub fn known_hosts(&self) -> PathBuf {
        self.at("home/.ssh/known_hosts")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

/// Whom a file is for.
pub(crate) fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).named(path.display().to_string())
}

fn keygen(path: &Path, what: &[&str]) -> Result<(), Error> {
    let made = Command::new("ssh-keygen").arg("-q").args(what).arg("-f").arg(path).status();
    match made.named("ssh-keygen")?.success() {
        true => Ok(()),
        false => Err(Error::Program { program: "ssh-keygen", reason: "it makes no key".to_owned() }),
    }
}
