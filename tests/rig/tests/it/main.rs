//! The rig, proved with the real Heroku CLI and real Node.js processes.

mod apps;
mod cli;
mod dynos;
mod faults;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use leakhunt_rig::{App, Dyno, Options, Rig};

/// A rig with one dyno.
#[track_caller]
fn rig(app: App) -> Rig {
    start(&Options { app, ..Options::default() })
}

#[track_caller]
fn start(options: &Options) -> Rig {
    match Rig::start_blocking(options) {
        Ok(rig) => rig,
        Err(error) => panic!("failed to {error}"),
    }
}

fn dyno(rig: &Rig) -> Dyno {
    rig.dynos().remove(0)
}

/// Runs the CLI to its end, its stdin a pipe that stays open and empty, as `ps:exec` needs it.
#[track_caller]
fn heroku(rig: &Rig, arguments: &[&str]) -> Output {
    let mut command = rig.heroku();
    command.args(arguments).env("OCLIF_COLUMNS", "500");
    finish(&mut command)
}

#[track_caller]
fn finish(command: &mut Command) -> Output {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the CLI starts");
    // `wait_with_output` would close it.
    let stdin = child.stdin.take();
    let output = child.wait_with_output().expect("the CLI ends");
    drop(stdin);
    output
}

/// A CLI that runs until the test ends, however it ends.
struct Running(Child);

impl Running {
    #[track_caller]
    fn start(command: &mut Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        Self(command.spawn().expect("the CLI starts"))
    }

    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        let stdout = self.0.stdout.take().expect("stdout is piped and taken once");
        BufReader::new(stdout).lines().map_while(Result::ok)
    }

    fn is_alive(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_none())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Polls until a condition holds.
#[track_caller]
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    /// Long enough for a machine that is busy with other tests.
    const PATIENCE: Duration = Duration::from_secs(60);
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
