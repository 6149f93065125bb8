//! Whole hunts of applications that have turned their world against whoever comes. Each ends with its documented code, with
//! the inspector seen closed, and with the application alive.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};

use crate::support::{Hunt, Ran, node, poll};

/// A leak that turns hostile once it runs.
struct Hostile {
    node: Child,
    folder: tempfile::TempDir,
}

impl Hostile {
    fn start(major: u32, flags: &[&str], code: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("hostile.js");
        let text = format!(
            "const fs = require('fs'), net = require('net'), kept = [];\n\
             setInterval(() => {{ for (let i = 0; i < 60; i++) kept.push({{ order: i, lines: [i] }}); }}, 50);\n\
             setTimeout(() => {{ fs.writeFileSync(__dirname + '/hostile', ''); {code} }}, 1);\n"
        );
        std::fs::write(&script, text).unwrap();
        let node = Command::new(node(major))
            .args(flags)
            .arg(script)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        poll("the application has turned", || folder.path().join("hostile").exists().then_some(()));
        Self { node, folder }
    }

    fn hunt(&self) -> Ran {
        let mut leakhunt = Command::new(env!("CARGO_BIN_EXE_leakhunt"));
        leakhunt.env("XDG_STATE_HOME", self.folder.path());
        let pid = self.node.id().to_string();
        let args = ["local", "--pid", &pid, "--samples", "2", "--growth", "50KB", "--max-wait", "3s"];
        Hunt::spawn(leakhunt, &args, None).end()
    }

    /// The TCP ports on which it listens.
    fn ports(&self) -> BTreeSet<u16> {
        let own = |inode: &str| {
            let socket = format!("socket:[{inode}]");
            std::fs::read_dir(format!("/proc/{}/fd", self.node.id()))
                .expect("it runs")
                .flatten()
                .any(|entry| std::fs::read_link(entry.path()).is_ok_and(|to| to.as_os_str() == &*socket))
        };
        let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux");
        let columns = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        table
            .lines()
            .map(columns)
            .filter(|column| column.len() > 9 && column[3] == "0A" && own(&column[9]))
            .filter_map(|column| u16::from_str_radix(column[1].split_once(':')?.1, 16).ok())
            .collect()
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

#[track_caller]
fn check(major: u32, code: &str, exit: i32) -> Ran {
    let mut app = Hostile::start(major, &["--inspect-port=0"], code);
    let ran = app.hunt();
    ran.code(exit).left_nothing_here();
    assert_eq!(app.ports(), BTreeSet::new(), "nothing listens any more");
    assert!(app.node.try_wait().unwrap().is_none(), "it lives");
    ran
}

#[test]
fn a_frozen_process() {
    check(22, "Object.freeze(process); Object.freeze(globalThis);", 0);
}

#[test]
fn a_frozen_fs() {
    check(20, "Object.freeze(fs);", 0);
}

#[test]
fn a_polluted_prototype() {
    const POLLUTES: &str = "Object.prototype.value = 1; Object.prototype.extra = function () {};";
    check(24, POLLUTES, 0);
    // Before that, Node's own modules cannot be loaded into such a world: to come again is of no use.
    let ran = check(20, POLLUTES, 34);
    assert!(ran.stderr.contains("the process gives no evidence"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("the connection was lost"), "{}", ran.stderr);
}

#[test]
fn no_process_and_no_bindings() {
    const DELETES: &str = "
        delete process.binding; delete process._linkedBinding; delete process.getBuiltinModule;
        delete globalThis.process; delete globalThis.Buffer;";
    check(18, DELETES, 0);
    check(26, DELETES, 0);
}

#[test]
fn stubs_that_say_they_close() {
    check(22, "require('inspector').close = process._debugEnd = () => {}; Object.freeze(process);", 0);
}

/// Nothing can be captured where no file can be opened, written or read; the inspector closes all the same.
#[test]
fn a_fs_that_throws() {
    const THROWS: &str = "
        for (const name of Object.keys(fs))
          if (typeof fs[name] === 'function') try { fs[name] = () => { throw new Error('no files'); }; } catch {}";
    check(26, THROWS, 0);
}

/// Ports that the application opens as soon as it is signalled are its own; the inspector is among them, and is told by asking.
#[test]
fn ports_that_are_its_own() {
    const OPENS: &str = "
        const http = require('http'), inspector = require('inspector');
        const timer = setInterval(() => {
          if (!inspector.url()) return;
          clearInterval(timer);
          for (let i = 0; i < 3; i++) http.createServer((_, answer) => answer.end('mine')).listen(0, '127.0.0.1');
        }, 1);";
    let mut app = Hostile::start(24, &["--inspect-port=0"], OPENS);
    let ran = app.hunt();
    ran.code(0).left_nothing_here();
    assert_eq!(app.ports().len(), 3, "its own are left alone, and only they are open");
    assert!(app.node.try_wait().unwrap().is_none(), "it lives");
}

/// A handler of its own that opens a port opens no inspector.
#[test]
fn a_handler_that_opens_a_port() {
    const HANDLES: &str =
        "process.on('SIGUSR1', () => net.createServer((it) => it.end('mine')).listen(0, '127.0.0.1'));";
    // One that is known beforehand, and that no other test's inspector has.
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut app = Hostile::start(22, &[&format!("--inspect-port={free}")], HANDLES);
    let ran = app.hunt();
    ran.code(32).says("is its own").left_nothing_here();
    assert!(app.node.try_wait().unwrap().is_none(), "it lives");
}
