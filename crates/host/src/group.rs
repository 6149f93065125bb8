//! A child process that leads its own group, and the end of that group.
//!
//! Stopping the process one spawned is not enough: the standalone Heroku CLI is a shell script that starts node without
//! `exec`, and `ps:forward` of major 11 swallows its first SIGTERM. So every child is made leader of a new process group, and
//! ending it always means the group: SIGTERM, a grace, SIGKILL, then a look whether anything is left.
//!
//! States: *running* (the leader has not been reaped) → *gone* (no member left but zombies). Once the leader has exited by
//! itself the rest of its group is killed at once: the group's id is free for reuse as soon as it is empty, so it must not
//! be signalled later. `Drop` kills a group that is still running and leaves the reaping of the leader to tokio.

use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::footprint::Footprint;
use crate::members::{GRACE, KILL_WAIT, POLL, members};
use crate::{CommandLine, Environment, Error};

/// How a child and its group came to their end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the receipt tells whether something is left"]
pub struct Stopped {
    /// What had been started.
    pub what: String,
    /// The process group, where there was one.
    pub group: Option<u32>,
    /// How it ended.
    pub how: Ended,
    /// True when it was looked, and nothing was left.
    pub gone: bool,
    /// How long the stopping took.
    pub took: Duration,
}

/// What it took to end something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nothing: there was a connection, and no process for it.
    Nothing,
    /// It had already ended by itself.
    ByItself,
    /// It left when asked.
    Asked,
    /// It had to be killed.
    Killed,
}

pub(crate) struct Group {
    child: Child,
    id: Pid,
    command: CommandLine,
    status: Option<ExitStatus>,
    gone: bool,
}

/// The three pipes of a new child.
pub(crate) struct Pipes {
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: ChildStderr,
}

impl Group {
    pub(crate) fn spawn(command: &CommandLine, env: &Environment) -> Result<(Self, Pipes), Error> {
        let piped = [Stdio::piped(), Stdio::piped(), Stdio::piped()];
        let mut group = Self::start(command, env, piped)?;
        let child = &mut group.child;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(not_started(command, std::io::Error::other("the child has no pipes")));
        };
        Ok((group, Pipes { stdin, stdout, stderr }))
    }

    /// Starts a command with this stdin, stdout and stderr.
    pub(crate) fn start(command: &CommandLine, env: &Environment, io: [Stdio; 3]) -> Result<Self, Error> {
        let [stdin, stdout, stderr] = io;
        let child = Command::new(&command.program)
            .args(&command.args)
            .env_clear()
            .envs(env.vars())
            .stdin(stdin)
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .map_err(|source| not_started(command, source))?;
        let id = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
            .ok_or_else(|| not_started(command, std::io::Error::other("the child has no process id")))?;
        Ok(Self { child, id, command: command.clone(), status: None, gone: false })
    }

    /// Its stdin, where that is a pipe; a wait for its end would close it.
    pub(crate) fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Its stdout, where that is a pipe.
    pub(crate) fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    pub(crate) fn command(&self) -> &CommandLine {
        &self.command
    }

    pub(crate) fn id(&self) -> u32 {
        self.id.as_raw_pid().unsigned_abs()
    }

    /// What it has on this machine, for a journal.
    pub(crate) fn footprint(&self) -> Footprint {
        Footprint::of(self.id())
    }

    /// Waits until the leader has exited, then ends what is left of its group.
    pub(crate) async fn exited(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.wait().await.ok();
            self.end_the_rest();
        }
        self.status
    }

    /// Ends the group and looks whether it is gone. Never takes longer than the grace and the wait after the kill.
    pub(crate) async fn stop(&mut self) -> Stopped {
        let start = Instant::now();
        let mut how = Ended::ByItself;
        if !self.is_gone() {
            how = Ended::Asked;
            self.signal(Signal::TERM);
            if timeout(GRACE, self.until_gone()).await.is_err() {
                how = Ended::Killed;
                self.signal(Signal::KILL);
                let _ = timeout(KILL_WAIT, self.until_gone()).await;
            }
        }
        let gone = self.is_gone();
        Stopped { what: self.command.short(), group: Some(self.id()), how, gone, took: start.elapsed() }
    }

    async fn until_gone(&mut self) {
        while !self.is_gone() {
            sleep(POLL).await;
        }
    }

    pub(crate) fn is_gone(&mut self) -> bool {
        if !self.gone {
            if let Ok(Some(status)) = self.child.try_wait() {
                self.status = Some(status);
            }
            // As long as the leader is not reaped its id, and with it the group's, is ours alone.
            self.gone = self.status.is_some() && members(self.id).is_empty();
        }
        self.gone
    }

    fn end_the_rest(&mut self) {
        if !self.is_gone() {
            self.signal(Signal::KILL);
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // ESRCH, the only failure there can be for one's own children, means that they are gone.
        let _ = kill_process_group(self.id, signal);
    }
}

fn not_started(command: &CommandLine, source: std::io::Error) -> Error {
    Error::io(format!("starting {}", command.short()), source)
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end_the_rest();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use tokio::io::{AsyncBufReadExt, BufReader};

    fn shell(script: &str) -> (Group, Pipes) {
        let path = std::env::var_os("PATH").unwrap();
        let command = CommandLine::new("sh", ["-c", script]);
        Group::spawn(&command, &Environment::new([("PATH", path)])).unwrap()
    }

    async fn first_line(pipes: &mut Pipes) -> String {
        let mut line = String::new();
        BufReader::new(&mut pipes.stdout).read_line(&mut line).await.unwrap();
        line
    }

    #[tokio::test]
    async fn a_child_that_leaves_when_asked() {
        let (mut group, mut pipes) = shell("echo up; sleep 300; echo never");
        assert_eq!(first_line(&mut pipes).await, "up\n");
        let stopped = group.stop().await;
        assert_eq!((stopped.how, stopped.gone), (Ended::Asked, true));
        assert!(members(group.id).is_empty());
    }

    #[tokio::test]
    async fn a_group_that_ignores_term_is_killed_with_its_grandchildren() {
        let (mut group, mut pipes) =
            shell("trap '' TERM; sh -c 'echo up; while :; do sleep 300; done' & wait");
        assert_eq!(first_line(&mut pipes).await, "up\n");
        assert!(members(group.id).len() >= 2);
        let stopped = group.stop().await;
        assert_eq!((stopped.how, stopped.gone), (Ended::Killed, true));
    }

    #[tokio::test]
    async fn what_a_wrapper_leaves_behind_ends_with_it() {
        // The form of the standalone installer's `heroku`: the leader dies of the signal, its child does not get it.
        let (mut group, mut pipes) =
            shell("trap '' TERM; sleep 300 & echo up; trap - TERM; kill -TERM $$; wait");
        assert_eq!(first_line(&mut pipes).await, "up\n");
        assert!(group.exited().await.is_some());
        timeout(Duration::from_secs(5), group.until_gone()).await.expect("the orphan is killed too");
        assert_eq!(group.stop().await.how, Ended::ByItself);
    }

    #[tokio::test]
    async fn dropping_kills_the_group() {
        let (group, mut pipes) = shell("trap '' TERM; sh -c 'trap \"\" TERM; echo up; sleep 300' & wait");
        assert_eq!(first_line(&mut pipes).await, "up\n");
        let id = group.id;
        drop(group);
        let deadline = Instant::now() + Duration::from_secs(5);
        while !members(id).is_empty() {
            assert!(Instant::now() < deadline, "still there: {:?}", members(id));
            sleep(POLL).await;
        }
    }
}
