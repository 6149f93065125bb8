//! A script that runs in a channel of an SSH connection.

use std::sync::Arc;
use std::time::Instant;

use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;

use super::bridge::Bridge;
use crate::CommandLine;
use crate::frame::Mark;
use crate::group::{Ended, Stopped};
use crate::output::Output;
use crate::tail::Tail;

pub(crate) struct Shell {
    pub(crate) command: CommandLine,
    pub(crate) stdin: OwnedWriteHalf,
    pub(crate) output: Output,
    bridge: Bridge,
}

impl Shell {
    pub(super) fn new(
        command: CommandLine,
        bridge: Bridge,
        stream: UnixStream,
        mark: Mark,
        tail: Tail,
    ) -> Self {
        let (stdout, stdin) = stream.into_split();
        let output = Output::read(stdout, tokio::io::empty(), Some(mark), Arc::new(|_: &str| None), tail);
        Self { command, stdin, output, bridge }
    }

    pub(crate) async fn stop(self) -> Stopped {
        let start = Instant::now();
        drop(self.stdin);
        let gone = self.bridge.stop().await;
        Stopped { what: self.command.short(), group: None, how: Ended::Asked, gone, took: start.elapsed() }
    }
}
