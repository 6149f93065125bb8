//! Programs on this machine that a hunt may meet: near a limit, or not what they are called.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{node, poll};

/// A program that was started here, with all that it says.
pub(crate) struct Program {
    child: Child,
    folder: tempfile::TempDir,
}

/// The app that comes near a limit.
pub(crate) fn near() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hostile/near.js")
}

/// The words that make a command another user's. In a user namespace with one user, that is a namespace further in.
pub(crate) fn as_user(uid: u32) -> String {
    let map = std::fs::read_to_string("/proc/self/uid_map").expect("it can be read");
    match map.split_whitespace().eq(["0", "0", "4294967295"]) {
        true => format!("setpriv --reuid={uid} --regid={uid} --clear-groups"),
        false => format!("unshare --user --map-user={uid} --map-group={uid}"),
    }
}

impl Program {
    /// Starts `node near.js KIND LEFT` behind a prefix of shell words, such as `ulimit -n 64;`. Its inspector takes a port of its
    /// own, for others may hunt here, too.
    #[track_caller]
    pub(crate) fn near(major: u32, prefix: &str, kind: &str, left: u32) -> Self {
        Self::near_by(&node(major), &near(), prefix, kind, left).expect("it starts")
    }

    /// As [`Self::near`], with a Node.js and a script that may lie elsewhere. A limit may be so low that it cannot start at all:
    /// then it is none.
    #[track_caller]
    pub(crate) fn near_by(node: &Path, script: &Path, prefix: &str, kind: &str, left: u32) -> Option<Self> {
        // A prefix that ends in a semicolon is commands of their own, another one stands before Node.js.
        let (before, by) = if prefix.ends_with(';') { (prefix, "") } else { ("", prefix) };
        let (node, script) = (node.display(), script.display());
        let line = format!("{before} exec {by} '{node}' --inspect-port=0 '{script}' {kind} {left}");
        let mut program = Self::start("sh", &["-c", &line]);
        let deadline = Instant::now() + Duration::from_secs(90);
        while !program.said().contains("ready") {
            if !program.lives() {
                return None;
            }
            assert!(Instant::now() < deadline, "not ready in 90 s: {line}: {}", program.said());
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(program)
    }

    /// Starts any program.
    #[track_caller]
    pub(crate) fn start(program: &str, args: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let said = std::fs::File::create(folder.path().join("said")).expect("a file");
        let child = Command::new(program)
            .args(args)
            .env("PORT", "0")
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("a second descriptor"))
            .stderr(said)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        Self { child, folder }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said, its standard error included.
    pub(crate) fn said(&self) -> String {
        let mut said = String::new();
        // One that says what is no text has said nothing that is looked for.
        let _ = std::fs::File::open(self.folder.path().join("said"))
            .and_then(|mut file| file.read_to_string(&mut said));
        said
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        poll(&format!("{text} of {}", self.said()), || self.said().contains(text).then_some(()));
    }

    /// Did a signal reach Node.js? It says so itself, on its standard error.
    pub(crate) fn was_signalled(&self) -> bool {
        let said = self.said();
        said.contains("Debugger listening on")
            || said.contains("Starting inspector on")
            || said.contains("Assertion")
    }

    /// Whether one reached it, where it is known what there is to wait for: Node.js listens before it says so.
    #[track_caller]
    pub(crate) fn check_signalled(&self, expected: bool) {
        if expected {
            poll("Node.js tells of the signal", || self.was_signalled().then_some(()));
        } else {
            assert!(!self.was_signalled(), "{}", self.said());
        }
    }

    pub(crate) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// When it started, as the kernel counts.
    #[track_caller]
    pub(crate) fn started(&self) -> String {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("it lives");
        let (_, rest) = stat.rsplit_once(") ").expect("a name in brackets");
        rest.split(' ').nth(19).expect("a start time").to_owned()
    }

    /// Waits until it catches SIGUSR1.
    #[track_caller]
    pub(crate) fn catches_usr1(self) -> Self {
        let caught = || {
            let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
            let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?.trim().to_owned();
            (u64::from_str_radix(&mask, 16).ok()? & 0x200 != 0).then_some(())
        };
        poll("SIGUSR1 caught", caught);
        self
    }

    /// Is a port of its inspector open?
    pub(crate) fn inspector_is_open(&self) -> bool {
        let said = self.said();
        let ports =
            said.split("ws://127.0.0.1:").skip(1).filter_map(|rest| rest.split('/').next()?.parse().ok());
        let open = |port: u16| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        ports.into_iter().any(open)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Workers of a cluster go with their primary, whose channel closes; children's children are asked by name of parent.
        let _ = Command::new("pkill").args(["-KILL", "-P", &self.pid().to_string()]).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
