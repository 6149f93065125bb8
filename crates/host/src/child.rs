//! A script carried by a child: the group that runs it, its stdin, and what it prints.

use std::time::Duration;

use tokio::process::ChildStdin;
use tokio::time::timeout;

use crate::frame::Mark;
use crate::group::{Group, Stopped};
use crate::output::{Output, Recognise};
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error};

/// Dropping it kills the group.
pub(crate) struct Child {
    pub(crate) group: Group,
    pub(crate) stdin: ChildStdin,
    pub(crate) output: Output,
    /// What it is to be told when it has said hello.
    pub(crate) told: Option<String>,
}

impl Child {
    /// Starts a command whose stdin and stdout are those of the script that `mark` was made for.
    pub(crate) fn start(
        command: &CommandLine,
        env: &Environment,
        mark: Mark,
        recognise: Recognise,
        tail: Tail,
    ) -> Result<Self, Error> {
        let (group, pipes) = Group::spawn(command, env)?;
        let output = Output::read(pipes.stdout, pipes.stderr, Some(mark), recognise, tail);
        Ok(Self { group, stdin: pipes.stdin, output, told: None })
    }

    /// End of input, SIGTERM to the group, a grace, SIGKILL.
    pub(crate) async fn stop(self) -> Stopped {
        self.stop_after(Duration::ZERO).await
    }

    /// The same, with a moment to leave by itself when its input has ended.
    pub(crate) async fn stop_after(self, moment: Duration) -> Stopped {
        let Self { mut group, stdin, output, .. } = self;
        drop(stdin);
        if !moment.is_zero() {
            let _ = timeout(moment, group.exited()).await;
        }
        let stopped = group.stop().await;
        // Read until here, so that the child is never stopped by a pipe that is full.
        drop(output);
        stopped
    }
}
