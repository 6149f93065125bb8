//! Hunts on other hosts: a machine behind a real OpenSSH server, and this one.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use leakhunt_rig::Machine;

use crate::support::{Hunt, QUICK, Ran, node, poll};
use crate::terminal::Terminal;

/// A leak on this machine. Its inspector takes a port of its own, for others may hunt here, too.
pub(crate) struct Leak {
    node: Child,
    pub(crate) folder: tempfile::TempDir,
}

impl Leak {
    pub(crate) fn start(major: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = script(folder.path());
        let node = Command::new(node(major))
            .arg("--inspect-port=0")
            .arg(script)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { node, folder }
    }

    pub(crate) fn pid(&self) -> String {
        self.node.id().to_string()
    }

    /// It lives, and the port on which its inspector was is closed.
    #[track_caller]
    pub(crate) fn is_as_it_was(&mut self, ran: &Ran) {
        assert!(self.lives());
        let port = told_port(&ran.stderr);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "port {port} is open");
    }

    /// leakhunt, with journals in its folder.
    pub(crate) fn leakhunt(&self) -> Command {
        let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        leakhunt.env("XDG_STATE_HOME", self.folder.path());
        leakhunt
    }

    /// How many journals lie there.
    pub(crate) fn journals(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("leakhunt/hunts")).map_or(0, Iterator::count)
    }

    /// Does it listen on any port? Only an inspector would.
    pub(crate) fn listens(&self) -> bool {
        listens(self.node.id())
    }

    pub(crate) fn lives(&mut self) -> bool {
        self.node.try_wait().unwrap().is_none()
    }

    /// The inspector of a hunt with these events closes by itself.
    #[track_caller]
    pub(crate) fn closes_within_10_s(&mut self, events: &str) {
        let (port, until) = (told_port(events), Instant::now() + Duration::from_secs(10));
        while TcpStream::connect(("127.0.0.1", port)).is_ok() {
            assert!(Instant::now() < until, "port {port} is open");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(self.lives());
    }
}

impl Drop for Leak {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// Does a process listen on any port?
pub(crate) fn listens(pid: u32) -> bool {
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let sockets: Vec<String> =
        files.filter_map(|file| std::fs::read_link(file.path()).ok()?.to_str().map(str::to_owned)).collect();
    let tables =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| std::fs::read_to_string(table).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines()).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(3) == Some(&"0A")
            && fields.get(9).is_some_and(|inode| sockets.contains(&format!("socket:[{inode}]")))
    })
}

#[track_caller]
fn told_port(text: &str) -> u16 {
    let (_, port) = text.split_once("inspector on port ").expect("the port is told");
    port.split(|it: char| !it.is_ascii_digit()).next().and_then(|port| port.parse().ok()).expect("a number")
}

pub(crate) const LEAKS: &str = "const kept = [];
setInterval(() => { for (let i = 0; i < 60; i++) kept.push({ order: i, lines: [i] }); }, 50);
";

/// The program that leaks.
fn script(folder: &Path) -> PathBuf {
    let script = folder.join("leak.js");
    std::fs::write(&script, LEAKS).unwrap();
    script
}

/// A cgroup with a memory limit, which the kernel enforces.
struct Limited(PathBuf);

impl Limited {
    fn to(bytes: u64) -> Self {
        let name = format!("leakhunt-e2e-{}", std::process::id());
        let parents = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
        for (parent, file) in parents {
            let folder = Path::new(parent).join(&name);
            if std::fs::create_dir(&folder).is_ok() {
                let group = Self(folder);
                if std::fs::write(group.0.join(file), bytes.to_string()).is_ok() {
                    return group;
                }
            }
        }
        panic!("no cgroup with a memory limit can be made here: that needs root, and the memory controller");
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        // Its processes are gone; the kernel may need a moment to see that.
        poll("the cgroup can be removed", || std::fs::remove_dir(&self.0).ok());
    }
}

#[test]
fn the_kernel_kills_the_app_for_memory() {
    let limited = Limited::to(450 << 20);
    let folder = tempfile::tempdir().unwrap();
    let (script, trigger) = (folder.path().join("app.js"), folder.path().join("now"));
    let text = "const { existsSync } = require('node:fs'); const kept = [];\n\
                setInterval(() => { while (existsSync(process.argv[2])) kept.push(Buffer.alloc(1 << 20, 1)); }, 50);\n";
    std::fs::write(&script, text).unwrap();
    let node = Command::new("sh")
        .args(["-c", "echo $$ >\"$1/cgroup.procs\" && shift && exec \"$@\"", "sh"])
        .args([limited.0.as_path(), &node(24), Path::new("--inspect-port=0"), &script, &trigger])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut app = Leak { node, folder };
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.env("XDG_STATE_HOME", app.folder.path());
    let mut hunt = Hunt::spawn(leakhunt, &["local", "--pid", &app.pid(), "--growth", "1GB"], None);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    std::fs::write(&trigger, "").unwrap();
    // Where nobody waits for it, it stays as a zombie, and that is gone to everybody else.
    let ran = hunt.end();
    ran.code(33).says("the kernel killed a process of its cgroup for memory").left_nothing_here();
    assert!(!app.node.wait().unwrap().success());
}

/// `leakhunt COMMAND… USER@HOST:PORT --identity KEY ARGS…`
fn by_ssh(machine: &Machine, command: &[&str], args: &[&str]) -> Ran {
    from_to(machine, machine, command, args)
}

/// The same, from the client of one to another.
pub(crate) fn from_to(client: &Machine, machine: &Machine, command: &[&str], args: &[&str]) -> Ran {
    from_to_target(client, &machine.target().unwrap(), command, args)
}

pub(crate) fn from_to_target(client: &Machine, target: &str, command: &[&str], args: &[&str]) -> Ran {
    let key = client.identity().display().to_string();
    let all = [command, &[target, "--identity", &key], args].concat();
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.env("HOME", client.home()).env("XDG_STATE_HOME", client.home().join("state"));
    Hunt::spawn(leakhunt, &all, None).end()
}

#[track_caller]
pub(crate) fn check_session(ran: &Ran) {
    assert_eq!(ran.snapshots().len(), 2);
    check_receipt(ran);
    assert!(ran.stdout.contains("Comparison of 1.heapsnapshot and 2.heapsnapshot"), "{}", ran.stdout);
}

/// All of it was seen undone.
#[track_caller]
pub(crate) fn check_receipt(ran: &Ran) {
    let session = ran.session_json();
    let undone = session["teardown"]["undone"].as_array().unwrap();
    assert!(!undone.is_empty() && undone.iter().all(|line| line["seen"] == "verified"), "{undone:?}");
}

/// Enough of them for a verdict.
pub(crate) const FOUR: [&str; 6] = ["--samples", "4", "--growth", "200KB", "--max-wait", "8s"];

/// The array that grows is named first, by its line.
#[track_caller]
pub(crate) fn check_found(ran: &Ran, file: &str) {
    let text = std::fs::read(ran.session().join("findings.json")).unwrap();
    let findings: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let first = &findings["suspects"][0]["holder"];
    assert_eq!(findings["verdict"], "leak", "{findings:#}");
    assert_eq!(first["variable"], "kept", "{findings:#}");
    let place = &first["location"];
    assert!(
        place["file"].as_str().is_some_and(|it| it.ends_with(file)) && place["line"] == 1,
        "{findings:#}"
    );
}

#[test]
fn this_machine() {
    let mut leak = Leak::start(22);
    let journals = leak.folder.path().to_owned();
    let local = |args: &[&str]| {
        let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        leakhunt.env("XDG_STATE_HOME", &journals);
        Hunt::spawn(leakhunt, args, None).end()
    };
    let looked = local(&["doctor", "local", "--pid", &leak.pid()]);
    looked.code(0).left_nothing_here();
    assert!(looked.stdout.contains("go: leakhunt local --pid"), "{}", looked.stdout);

    let ran = local(&[&["local", "--pid", &leak.pid()], &QUICK[..]].concat());
    ran.code(0).left_nothing_here();
    check_session(&ran);
    leak.is_as_it_was(&ran);

    local(&["local", "--pid", &std::process::id().to_string()]).code(31).says("is not a Node process");
}

/// A debugger that comes and goes resets V8's object ids: the last snapshot would be alone in its series, so one more is taken.
#[test]
fn a_reset_of_the_object_ids_costs_one_snapshot_more() {
    const COMES_AND_GOES: &str = "
        fetch(`http://127.0.0.1:${process.argv[1]}/json/list`).then((it) => it.json()).then(([it]) => {
          const socket = new WebSocket(it.webSocketDebuggerUrl);
          socket.onopen = () => socket.send('{\"id\":1,\"method\":\"HeapProfiler.enable\"}');
          socket.onmessage = () => socket.close();
        });";
    let leak = Leak::start(22);
    let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
    leakhunt.env("XDG_STATE_HOME", leak.folder.path());
    let args = ["local", "--pid", &leak.pid(), "--samples", "2", "--growth", "1GB", "--max-wait", "15s"];
    let mut hunt = Hunt::spawn(leakhunt, &args, None);
    hunt.wait_for("\"event\":\"snapshot_done\"");
    let events = hunt.events();
    let port = told_port(&events).to_string();
    let other = Command::new(node(24)).args(["-e", COMES_AND_GOES, &port]).status().unwrap();
    assert!(other.success());
    let ran = hunt.end();
    ran.code(0).says("and one snapshot more is taken").left_nothing_here();
    let snapshots = ran.session_json()["snapshots"].as_array().cloned().unwrap();
    let spaces: Vec<_> = snapshots.iter().map(|snapshot| snapshot["id_space"].as_u64()).collect();
    assert_eq!(spaces, [Some(1), Some(2), Some(2)]);
}

#[test]
fn a_machine_by_ssh() {
    let (machine, mut leak) = (Machine::start().unwrap(), Leak::start(24));
    let looked = by_ssh(&machine, &["doctor", "ssh"], &["--pid", &leak.pid()]);
    looked.code(0).left_nothing_here();
    assert!(looked.stdout.contains("OpenSSH") || looked.stdout.contains("on record"), "{}", looked.stdout);

    let ran = by_ssh(&machine, &["ssh"], &[&["--pid", &leak.pid()], &QUICK[..]].concat());
    ran.code(0).left_nothing_here();
    check_session(&ran);
    leak.is_as_it_was(&ran);

    let ran =
        by_ssh(&machine, &["ssh"], &["--pid", &leak.pid(), "--profile", "sampling", "--duration", "2s"]);
    ran.code(0).left_nothing_here();
    assert!(ran.session().join("1.heapprofile").exists());
    leak.is_as_it_was(&ran);
}

/// Two that leak by the same line, and one that cannot be reached.
#[test]
fn several_machines_by_ssh() {
    let folder = tempfile::tempdir().unwrap();
    let (first, script) = (Machine::start().unwrap(), script(folder.path()));
    let machines = [24, 22].map(|major| Machine::beside(&first, &node(major), &script).unwrap());
    let [one, two] = machines.each_ref().map(|machine| machine.target().unwrap());
    first.take_no_key().unwrap();
    let brief = ["--samples", "5", "--growth", "100KB", "--max-wait", "2s"];
    let args = [&[&*one, &*two, "--json"], &brief[..]].concat();
    let ran = by_ssh(&first, &["ssh"], &args);
    ran.code(0).says("hunted, the most memory first: ").left_nothing_here();
    let hunted: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let fates: Vec<_> = hunted["members"].as_array().unwrap().iter().map(|fate| &fate["exit_code"]).collect();
    assert_eq!(fates, [30, 0, 0], "{hunted:#}");
    assert_eq!(hunted["leaks"][0]["members"], serde_json::json!([one, two]), "{hunted:#}");
    assert!(hunted["sentence"].as_str().unwrap().contains("leak.js"), "{hunted:#}");

    by_ssh(&first, &["ssh"], &[&one, "--pid", "1"]).code(2).says("--pid is of one machine");
    by_ssh(&first, &["ssh"], &[&one, &one, "--parallel", "2"]).code(2).says("is named twice");
}

#[test]
fn a_server_that_is_not_known_or_takes_no_key() {
    let machine = Machine::start().unwrap();
    machine.take_no_key().unwrap();
    by_ssh(&machine, &["ssh"], &[]).code(30).says("SSH authentication to ").says("--identity FILE");
    machine.trust_none().unwrap();
    by_ssh(&machine, &["ssh"], &[]).code(30).says("not on record in known_hosts").left_nothing_here();
    let looked = by_ssh(&machine, &["doctor", "ssh"], &[]);
    looked.code(30);
    assert!(looked.stdout.contains("no-go (exit 30)"), "{}", looked.stdout);
}

/// A name of ssh's configuration, behind another machine, whose server forbids forwarding and whose key has a passphrase.
#[test]
fn a_machine_as_ssh_knows_it_and_a_passphrase_that_is_typed() {
    const PASSPHRASE: &str = "correct horse";
    let (entrance, mut leak) = (Machine::start().unwrap(), Leak::start(22));
    let machine = Machine::configured("AllowTcpForwarding no").unwrap();
    entrance.meet(&machine).unwrap();
    let key = machine.key("ed25519", "RFC4716", PASSPHRASE).unwrap();
    let file = entrance
        .ssh_config(&format!(
            "Host shop\n HostName 127.0.0.1\n Port {}\n ProxyJump entrance\n IdentityFile {}\n\
             Host entrance\n HostName 127.0.0.1\n Port {}\n IdentityFile {}\n\
             Host *\n UserKnownHostsFile {}\n",
            machine.port(),
            key.display(),
            entrance.port(),
            entrance.identity().display(),
            entrance.known_hosts().display()
        ))
        .unwrap();
    let file = file.display().to_string();
    let home = leak.folder.path().to_owned();
    let leakhunt = || {
        let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        leakhunt.env("HOME", &home).env("XDG_STATE_HOME", &home);
        leakhunt
    };
    let out = home.display().to_string();
    let pid = leak.pid();
    let args = [&["ssh", "-F", &file, "shop", "--pid", &pid, "--out", &out], &QUICK[..]].concat();
    // Without anybody to ask, the key that would open it is named.
    let ran = Hunt::spawn(leakhunt(), &args, None).end();
    ran.code(30).says(&format!("{} has a passphrase", key.display())).says("ssh-add").left_nothing_here();
    assert!(leak.lives() && !leak.listens());

    // Ctrl-C in the place of an answer is one.
    let mut terminal = Terminal::spawn(leakhunt(), &args);
    terminal.wait_for("Passphrase of ");
    terminal.type_in("\u{3}");
    assert_eq!(terminal.end(), Some(130), "{}", terminal.shown());

    let mut terminal = Terminal::spawn(leakhunt(), &args);
    terminal.wait_for("Passphrase of ");
    terminal.type_in("wrong\n");
    terminal.wait_for("That is not it. Passphrase of ");
    terminal.type_in(&format!("{PASSPHRASE}\n"));
    assert_eq!(terminal.end(), Some(0), "{}", terminal.shown());
    let shown = terminal.shown();
    assert!(!shown.contains(PASSPHRASE) && !shown.contains("wrong"), "{shown}");
    assert_eq!(shown.matches("Passphrase of ").count(), 2, "{shown}");
    assert!(shown.contains("Comparison of 1.heapsnapshot and 2.heapsnapshot"), "{shown}");
    assert!(leak.lives() && !leak.listens());
}
