//! A command of this machine that is run for its own sake: what it prints is for the person or for a file, and nobody talks to it.

use std::fs::File;
use std::process::{ExitStatus, Stdio};

use rustix::process::Signal;
use tokio::process::ChildStdin;

use crate::environment::LIFELINE;
use crate::group::{Group, Stopped};
use crate::{CommandLine, Environment, Error};

/// A running command, the leader of its own process group. Dropping it kills the group.
pub struct Process {
    group: Group,
    _lifeline: Option<ChildStdin>,
}

/// What its stdin is. Where what it prints goes: into a file, else to where this process's stderr goes.
#[derive(Debug, Default)]
pub struct Streams {
    /// Its stdin.
    pub stdin: Stdin,
    /// Its stdout.
    pub stdout: Option<File>,
    /// Its stderr.
    pub stderr: Option<File>,
}

/// A stdin on which nothing is ever said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stdin {
    /// At its end from the start.
    #[default]
    Empty,
    /// It ends when this process does, even if that is killed. A program of ours is told so by [`LIFELINE`], and then ends in order.
    Lifeline,
}

impl Process {
    /// Starts a command.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &CommandLine, environment: &Environment, streams: Streams) -> Result<Self, Error> {
        let to = |file: Option<File>| file.map_or_else(|| Stdio::from(std::io::stderr()), Stdio::from);
        let (stdin, tied) = match streams.stdin {
            Stdin::Empty => (Stdio::null(), None),
            Stdin::Lifeline => (Stdio::piped(), Some((LIFELINE, "1"))),
        };
        let io = [stdin, to(streams.stdout), to(streams.stderr)];
        let mut group = Group::start(command, &environment.with(tied), io)?;
        Ok(Self { _lifeline: group.take_stdin(), group })
    }

    /// Waits for its end, then ends what it left in its group. `None` where the system lost sight of it.
    pub async fn ended(&mut self) -> Option<ExitStatus> {
        self.group.exited().await
    }

    /// SIGINT to the group, as Ctrl-C would be: it may clean up, and take its time. Whoever interrupts must have caught SIGINT before
    /// the start: what is ignored here, as in the background of a shell, is ignored there.
    pub fn interrupt(&self) {
        self.group.signal(Signal::INT);
    }

    /// SIGTERM, a grace, SIGKILL.
    pub async fn stop(&mut self) -> Stopped {
        self.group.stop().await
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::time::Duration;

    use tokio::signal::unix::SignalKind;

    use super::*;

    fn shell(script: &str, streams: Streams) -> Process {
        let environment = Environment::new([("PATH", std::env::var_os("PATH").unwrap())]);
        let environment = environment.with([("NAME", "it")]);
        Process::start(&CommandLine::new("sh", ["-c", script]), &environment, streams).unwrap()
    }

    #[tokio::test]
    async fn what_it_prints_goes_into_the_file_and_its_code_is_known() {
        let mut file = tempfile::tempfile().unwrap();
        let mut process = shell(
            "read -r x || echo \"$NAME has no stdin\"; exit 7",
            Streams { stdout: Some(file.try_clone().unwrap()), ..Streams::default() },
        );
        assert_eq!(process.ended().await.and_then(|status| status.code()), Some(7));
        std::io::Seek::rewind(&mut file).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "it has no stdin\n");
    }

    #[tokio::test]
    async fn an_interrupt_lets_it_clean_up() {
        let folder = tempfile::tempdir().unwrap();
        let (up, clean) = (folder.path().join("up"), folder.path().join("clean"));
        let script = format!(
            "trap 'echo > {}; exit 3' INT; echo > {}; while :; do sleep 0.02; done",
            clean.display(),
            up.display()
        );
        // What is started in the background ignores SIGINT, and so would the shell. What is caught here is not ignored there, and
        // whoever interrupts catches it.
        let _caught = tokio::signal::unix::signal(SignalKind::interrupt()).unwrap();
        let mut process = shell(&script, Streams::default());
        while !up.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        process.interrupt();
        let ended = tokio::time::timeout(Duration::from_secs(10), process.ended()).await;
        assert_eq!(ended.expect("it ends").and_then(|status| status.code()), Some(3));
        assert!(clean.exists() && process.stop().await.gone);
    }
}
