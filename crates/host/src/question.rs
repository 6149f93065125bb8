//! A command that answers a question, and is over then.

use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use crate::group::Group;
use crate::output::Recognise;
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error, LastLines};

/// The JSON of an app with many dynos is some 100 kB.
const MAX_ANSWER: u64 = 8 * 1024 * 1024;

/// Gives its stdout. Its stdin is closed: nothing can be answered.
pub(crate) async fn ask(
    command: &CommandLine,
    env: &Environment,
    recognise: &Recognise,
    tail: Tail,
    limit: Duration,
) -> Result<String, Error> {
    let (mut group, pipes) = Group::spawn(command, env)?;
    drop(pipes.stdin);
    let (mut stdout, mut stderr) = (pipes.stdout.take(MAX_ANSWER), pipes.stderr.take(MAX_ANSWER));
    let talk = async {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let _ = tokio::join!(stdout.read_to_end(&mut out), stderr.read_to_end(&mut err));
        let status = group.exited().await;
        (String::from_utf8_lossy(&out).into_owned(), String::from_utf8_lossy(&err).into_owned(), status)
    };
    let Ok((out, err, status)) = timeout(limit, talk).await else {
        let _ = group.stop().await;
        return Err(Error::TimedOut {
            what: format!("from `{}`", command.short()),
            after: limit,
            last_lines: LastLines::default(),
        });
    };
    if status.is_some_and(|status| status.success()) {
        return Ok(out);
    }
    err.lines().for_each(|line| tail.push(line));
    if let Some(refusal) = err.lines().chain(out.lines()).find_map(|line| recognise(line)) {
        return Err(refusal);
    }
    let ended = status.map_or_else(|| "was lost".to_owned(), |status| format!("failed with {status}"));
    Err(Error::Command { command: command.short(), ended, last_lines: tail.last_lines() })
}
