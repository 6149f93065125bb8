//! One hunt on a rig, and what is left of it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use leakhunt_rig::{Dyno, Options, Rig};
use serde_json::Value;

/// A small, quick hunt: what the tests are about is not the size of the leak.
pub(crate) const QUICK: [&str; 6] = ["--samples", "2", "--growth", "100KB", "--max-wait", "8s"];

/// A hunt that has not ended by then was not asked for: one that should have been refused may go on for an hour.
const LONGEST: Duration = Duration::from_secs(600);

static HUNTS: AtomicU32 = AtomicU32::new(0);

#[track_caller]
pub(crate) fn rig(options: &Options) -> Rig {
    Rig::start_blocking(options)
        .expect("the rig comes up (what it needs is installed by `cargo xtask setup`)")
}

/// Shows a line of a test that takes an hour; it is not captured.
pub(crate) fn print(text: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
}

/// Looks again and again until there is something to see.
#[track_caller]
pub(crate) fn poll<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "not seen in 20 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The `node` of a major, as setup installs it.
#[track_caller]
pub(crate) fn node(major: u32) -> PathBuf {
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/tools")
        .join(format!("node-{major}/node_modules/node-linux-{arch}/bin/node"));
    assert!(path.exists(), "{} is missing: run `cargo xtask setup`", path.display());
    path
}

/// A rig whose app survives a tunnel that breaks: before 24.19 Node.js may crash when a connection is reset that it is just
/// writing to, whoever debugs it (nodejs/node#64209).
pub(crate) fn with_sturdy_node() -> Options {
    Options { node: Some(node(24)), ..Options::default() }
}

/// A hunt under way. Everything it starts inherits a mark in its environment, by which it is found afterwards.
pub(crate) struct Hunt {
    child: Option<Child>,
    mark: String,
    dyno: Option<Dyno>,
    /// Holds the session folder, and the private folders of the hunt.
    pub(crate) scratch: tempfile::TempDir,
}

/// A hunt that has ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    mark: String,
    dyno: Option<Dyno>,
    scratch: tempfile::TempDir,
}

impl Hunt {
    /// Starts `leakhunt heroku --app … ARGS` on the rig.
    pub(crate) fn start(rig: &Rig, args: &[&str]) -> Self {
        let dyno = args.iter().position(|arg| *arg == "--dyno").map_or("web.1", |at| args[at + 1]);
        let mut all = vec!["heroku", "--app", rig.app_name()];
        all.extend(args);
        Self::spawn(rig.command(env!("CARGO_BIN_EXE_leakhunt")), &all, rig.dyno(dyno).ok())
    }

    pub(crate) fn spawn(command: Command, args: &[&str], dyno: Option<Dyno>) -> Self {
        Self::spawn_in(scratch(), command, args, dyno)
    }

    /// As [`Self::spawn`], with folders that were prepared.
    pub(crate) fn spawn_in(
        scratch: tempfile::TempDir,
        mut command: Command,
        args: &[&str],
        dyno: Option<Dyno>,
    ) -> Self {
        let mark = format!("{}-{}", std::process::id(), HUNTS.fetch_add(1, Ordering::Relaxed));
        let child = command
            .args(args)
            .current_dir(scratch.path().join("out"))
            .env("LEAKHUNT_TEST_MARK", &mark)
            .env("TMPDIR", scratch.path().join("tmp"))
            .env("XDG_RUNTIME_DIR", scratch.path().join("run"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("leakhunt starts");
        Self { child: Some(child), mark, dyno, scratch }
    }

    /// Has the session's log an event with this text?
    pub(crate) fn has(&self, text: &str) -> bool {
        events_in(self.scratch.path()).contains(text)
    }

    /// Its log so far.
    pub(crate) fn events(&self) -> String {
        events_in(self.scratch.path())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(Some(_))))
    }

    /// Kills the CLIs that it has started, and nothing else.
    pub(crate) fn kill_clis(&self) {
        self.kill_started("ps:exec");
        self.kill_started("ps:forward");
    }

    /// Kills what it has started, as far as its command line holds this.
    pub(crate) fn kill_started(&self, text: &str) {
        for (pid, command) in marked_processes(&self.mark) {
            if pid != self.pid() && command.contains(text) {
                // One that is gone by itself is what is wanted.
                let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).stderr(Stdio::null()).status();
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().expect("it is under way").id()
    }

    /// Waits until the session's log holds an event with this text.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(90);
        while !events_in(self.scratch.path()).contains(text) {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                let ran = self.take();
                panic!("ended with {status} before {text}:\n{}", ran.stderr);
            }
            assert!(Instant::now() < deadline, "{text} did not happen:\n{}", events_in(self.scratch.path()));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([format!("-{signal}"), self.pid().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    pub(crate) fn end(mut self) -> Ran {
        self.take()
    }

    fn take(&mut self) -> Ran {
        let child = self.child.take().expect("taken once");
        let (ended, end) = std::sync::mpsc::channel::<()>();
        let pid = child.id();
        let watchdog = std::thread::spawn(move || {
            let late = end.recv_timeout(LONGEST) == Err(RecvTimeoutError::Timeout);
            if late {
                // It is asked to tear down; one that has ended meanwhile is what is wanted.
                let _ = Command::new("kill").args(["-INT", &pid.to_string()]).stderr(Stdio::null()).status();
            }
            late
        });
        let Output { status, stdout, stderr } = child.wait_with_output().expect("it can be waited for");
        drop(ended);
        let late = watchdog.join().expect("the watchdog ends");
        assert!(!late, "not at an end after {LONGEST:?}:\n{}", String::from_utf8_lossy(&stderr));
        Ran {
            code: status.code(),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            mark: self.mark.clone(),
            dyno: self.dyno.clone(),
            scratch: std::mem::replace(&mut self.scratch, tempfile::tempdir().expect("a temporary folder")),
        }
    }
}

/// The folders of a hunt. The name is short, for the sake of Unix sockets.
pub(crate) fn scratch() -> tempfile::TempDir {
    let scratch = tempfile::Builder::new().prefix("lh-").tempdir().expect("a temporary folder");
    for folder in ["out", "tmp", "run"] {
        std::fs::create_dir(scratch.path().join(folder)).expect("a folder");
    }
    scratch
}

/// Hunts and waits for the end.
pub(crate) fn hunt(rig: &Rig, args: &[&str]) -> Ran {
    Hunt::start(rig, args).end()
}

impl Ran {
    /// The code, with what was printed if it is another.
    #[track_caller]
    pub(crate) fn code(&self, expected: i32) -> &Self {
        assert_eq!(self.code, Some(expected), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The message on stderr holds this.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.stderr.contains(text), "no \"{text}\" in:\n{}", self.stderr);
        self
    }

    /// What is printed on stdout holds this, wherever its lines end.
    #[track_caller]
    pub(crate) fn prints(&self, text: &str) -> &Self {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&self.stdout).contains(text), "no \"{text}\" in:\n{}", self.stdout);
        self
    }

    /// No process, no private folder, no partial file here; no file, no open inspector and a living app there.
    #[track_caller]
    pub(crate) fn left_nothing(&self) -> &Self {
        self.left_nothing_here();
        let dyno = self.dyno.as_ref().expect("the hunt was on a dyno");
        // The dead-man closes within 4.8 s where the tunnel was cut.
        let deadline = Instant::now() + Duration::from_secs(10);
        while !dyno.inspector_ports().is_empty() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(dyno.inspector_ports(), [] as [u16; 0], "an inspector is open:\n{}", self.stderr);
        assert_eq!(dyno.leftovers(), [], "something is left in the dyno");
        self
    }

    /// The half of it that concerns this machine.
    #[track_caller]
    pub(crate) fn left_nothing_here(&self) -> &Self {
        let left = marked(&self.mark);
        assert!(left.is_empty(), "processes are left: {left:?}\n{}", self.stderr);
        for folder in ["tmp", "run"] {
            let files: Vec<_> =
                std::fs::read_dir(self.scratch.path().join(folder)).expect("it is ours").flatten().collect();
            assert!(files.is_empty(), "left in {folder}: {files:?}");
        }
        let partial: Vec<_> = files_below(&self.scratch.path().join("out"))
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "partial"))
            .collect();
        assert!(partial.is_empty(), "partial files are left: {partial:?}");
        self
    }

    /// What is still to be seen here of the hunt: processes, private files, partial files.
    pub(crate) fn remains(&self) -> Vec<String> {
        let mut remains = marked(&self.mark);
        for folder in ["tmp", "run"] {
            remains.extend(
                files(&self.scratch.path().join(folder)).iter().map(|path| path.display().to_string()),
            );
        }
        for session in sessions_in(self.scratch.path()) {
            let partial = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "partial");
            remains
                .extend(files(&session).into_iter().filter(partial).map(|path| path.display().to_string()));
        }
        remains
    }

    /// How many files are called a snapshot; each must be one from its first byte to its last.
    pub(crate) fn whole_snapshots(&self) -> Result<usize, String> {
        let mut whole = 0;
        for file in sessions_in(self.scratch.path()).iter().flat_map(|session| files(session)) {
            if file.extension().is_some_and(|extension| extension == "heapsnapshot") {
                let text = std::fs::read(&file).map_err(|error| error.to_string())?;
                serde_json::from_slice::<serde::de::IgnoredAny>(&text)
                    .map_err(|error| format!("{} poses as whole: {error}", file.display()))?;
                whole += 1;
            }
        }
        Ok(whole)
    }

    /// `leakhunt cleanup`, where and as the hunt was run.
    pub(crate) fn cleanup(&self, rig: &Rig, args: &[&str]) -> Output {
        self.again(rig.command(env!("CARGO_BIN_EXE_leakhunt")), &[&["cleanup"], args].concat())
    }

    /// Another command, with the folders and the mark of this hunt; it is over when this returns.
    pub(crate) fn again(&self, mut command: Command, args: &[&str]) -> Output {
        command
            .args(args)
            .env("LEAKHUNT_TEST_MARK", &self.mark)
            .env("TMPDIR", self.scratch.path().join("tmp"))
            .env("XDG_RUNTIME_DIR", self.scratch.path().join("run"))
            .stdin(Stdio::null())
            .output()
            .expect("leakhunt starts")
    }

    /// The session folder.
    #[track_caller]
    pub(crate) fn session(&self) -> PathBuf {
        let sessions = sessions_in(self.scratch.path());
        assert_eq!(sessions.len(), 1, "one session folder: {sessions:?}\n{}", self.stderr);
        sessions[0].clone()
    }

    #[track_caller]
    pub(crate) fn session_json(&self) -> Value {
        let text = std::fs::read(self.session().join("session.json")).expect("session.json is written");
        serde_json::from_slice(&text).expect("session.json is JSON")
    }

    pub(crate) fn events(&self) -> String {
        events_in(self.scratch.path())
    }

    /// The whole snapshots of the folder, in order.
    #[track_caller]
    pub(crate) fn snapshots(&self) -> Vec<PathBuf> {
        let mut snapshots: Vec<PathBuf> = files(&self.session())
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "heapsnapshot"))
            .collect();
        snapshots.sort();
        snapshots
    }
}

fn sessions_in(scratch: &Path) -> Vec<PathBuf> {
    files(&scratch.join("out")).into_iter().filter(|path| path.is_dir()).collect()
}

/// Of a session, or of a run and the sessions in it.
fn events_in(scratch: &Path) -> String {
    let logs = files_below(&scratch.join("out")).into_iter().filter(|path| path.ends_with("events.ndjson"));
    logs.map(|log| std::fs::read_to_string(log).unwrap_or_default()).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (folders, mut all): (Vec<_>, Vec<_>) = files(folder).into_iter().partition(|path| path.is_dir());
    all.extend(folders.iter().flat_map(|folder| files_below(folder)));
    all
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Processes that carry the mark, whoever their parent is now.
pub(crate) fn marked(mark: &str) -> Vec<String> {
    marked_processes(mark).into_iter().map(|(pid, command)| format!("/proc/{pid}: {command}")).collect()
}

fn marked_processes(mark: &str) -> Vec<(u32, String)> {
    let variable = format!("LEAKHUNT_TEST_MARK={mark}");
    let carries = |pid: &Path| {
        std::fs::read(pid.join("environ")).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
        })
    };
    files(Path::new("/proc"))
        .into_iter()
        .filter(|path| carries(path))
        .filter_map(|path| {
            let pid = path.file_name()?.to_str()?.parse().ok()?;
            let command = std::fs::read(path.join("cmdline")).unwrap_or_default();
            Some((pid, String::from_utf8_lossy(&command).replace('\0', " ")))
        })
        .collect()
}
