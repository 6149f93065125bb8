//! One remote script, spoken with by lines while it runs.
//!
//! States: *reaching* (the tool works its way to the host) → *open* (the script's first frame came) → *ended* (its last frame
//! came, or the stream broke off). [`Dialogue::line`] passes through all three: it waits for the first frame by itself,
//! gives the script's lines, and gives `None` once the script has said its exit status. A stream that ends without that is
//! an error whatever status the tool exits with.
//!
//! Who owns what: the dialogue owns the child's group, its stdin and the readers of its output. A cut tunnel ends the
//! remote script too: its `read` meets the end of input, or the terminal's hang-up kills it. A stalled tunnel is noticed by
//! the tool's own keepalive (`ps:exec`: 10 s × 3), or by the deadline every call here takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::process::ChildStdin;
use tokio::time::timeout;

use crate::footprint::Footprint;
use crate::frame::{Frame, Mark, check_said};
use crate::group::{Ended, Group, Stopped};
use crate::heroku::preload::Session;
use crate::output::{Heard, Output, Recognise};
use crate::ssh::Bridge;
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error};

/// How long one line may take to be handed to a child that does not read.
const SAY_TIMEOUT: Duration = Duration::from_secs(10);

/// A running remote script. Dropping it kills the child's process group.
#[must_use = "dropping a dialogue ends the remote script"]
pub struct Dialogue {
    link: Link,
    output: Output,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reaching,
    Open,
    Ended(i32),
    Broken,
}

/// What carries the dialogue.
enum Link {
    /// A child whose stdin and stdout are the script's.
    Child {
        // Declared first, dropped first: the group is killed before its folder goes.
        group: Box<Group>,
        stdin: ChildStdin,
        session: Option<Session>,
    },
    /// A channel of an SSH connection.
    Ssh { command: CommandLine, bridge: Bridge, stdin: OwnedWriteHalf },
}

/// All that starts a child which carries a dialogue.
pub(crate) struct Carrier {
    pub(crate) command: CommandLine,
    pub(crate) env: Environment,
    pub(crate) session: Option<Session>,
    pub(crate) recognise: Recognise,
    pub(crate) tail: Tail,
}

impl Dialogue {
    pub(crate) fn start(carrier: Carrier, mark: Mark) -> Result<Self, Error> {
        let Carrier { command, env, session, recognise, tail } = carrier;
        let (group, pipes) = Group::spawn(&command, &env)?;
        let output = Output::read(pipes.stdout, pipes.stderr, Some(mark), recognise, tail);
        let link = Link::Child { group: Box::new(group), stdin: pipes.stdin, session };
        Ok(Self { link, output, state: State::Reaching })
    }

    pub(crate) fn over_ssh(
        command: CommandLine,
        bridge: Bridge,
        stream: UnixStream,
        mark: Mark,
        tail: Tail,
    ) -> Self {
        let (stdout, stdin) = stream.into_split();
        let output = Output::read(stdout, tokio::io::empty(), Some(mark), Arc::new(|_: &str| None), tail);
        Self { link: Link::Ssh { command, bridge, stdin }, output, state: State::Reaching }
    }

    /// The command that carries this dialogue, for the audit.
    pub fn command(&self) -> &CommandLine {
        match &self.link {
            Link::Child { group, .. } => group.command(),
            Link::Ssh { command, .. } => command,
        }
    }

    /// What this dialogue has on this machine; `None` where that is nothing that outlives us.
    pub fn footprint(&self) -> Option<Footprint> {
        match &self.link {
            Link::Child { group, .. } => Some(group.footprint()),
            Link::Ssh { .. } => None,
        }
    }

    /// Waits until the script runs.
    ///
    /// # Errors
    /// What the tool is known to refuse with, [`Error::Tunnel`] when it ended first, [`Error::TimedOut`].
    pub async fn ready(&mut self, deadline: Duration) -> Result<(), Error> {
        while self.state == State::Reaching {
            self.hear(deadline, "while the remote shell was being opened").await?;
        }
        Ok(())
    }

    /// The script's next line; `None` when the script has ended by itself (see [`status`](Self::status)).
    ///
    /// # Errors
    /// [`Error::Tunnel`] when the stream broke off before the script said that it had ended, [`Error::TimedOut`] when
    /// nothing came; the dialogue can be asked again then.
    pub async fn line(&mut self, deadline: Duration) -> Result<Option<String>, Error> {
        let until = tokio::time::Instant::now() + deadline;
        loop {
            if matches!(self.state, State::Ended(_)) {
                return Ok(None);
            }
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            let what = match self.state {
                State::Reaching => "while the remote shell was being opened",
                _ => "from the remote shell",
            };
            match self.hear(left, what).await {
                Ok(Some(line)) => return Ok(Some(line)),
                Ok(None) => {}
                Err(Error::TimedOut { what, last_lines, .. }) => {
                    return Err(Error::TimedOut { what, after: deadline, last_lines });
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The exit status the script itself reported, once it has ended.
    pub fn status(&self) -> Option<i32> {
        match self.state {
            State::Ended(status) => Some(status),
            _ => None,
        }
    }

    /// Says one line to the script's `read`. It must be short (1000 bytes) and free of control characters, for there
    /// may be a terminal in between.
    ///
    /// # Errors
    /// [`Error::Unsendable`], [`Error::Tunnel`] when the child has closed its stdin, [`Error::TimedOut`].
    pub async fn say(&mut self, line: &str) -> Result<(), Error> {
        check_said(line)?;
        let stdin: &mut (dyn AsyncWrite + Unpin + Send) = match &mut self.link {
            Link::Child { stdin, .. } => stdin,
            Link::Ssh { stdin, .. } => stdin,
        };
        let line = format!("{line}\n");
        let write = async {
            stdin.write_all(line.as_bytes()).await?;
            stdin.flush().await
        };
        match timeout(SAY_TIMEOUT, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(self.broken("does not take input any more")),
            Err(_) => Err(Error::TimedOut {
                what: "from the remote shell, which takes no more input".into(),
                after: SAY_TIMEOUT,
                last_lines: self.output.last_lines(),
            }),
        }
    }

    /// Ends the child, and with it the remote script: end of input, SIGTERM to the group, a grace, SIGKILL.
    pub async fn stop(self) -> Stopped {
        match self.link {
            Link::Child { mut group, stdin, session } => {
                drop((stdin, session));
                group.stop().await
            }
            Link::Ssh { command, bridge, stdin } => {
                let start = Instant::now();
                drop(stdin);
                let gone = bridge.stop().await;
                let what = command.short();
                Stopped { what, group: None, how: Ended::Asked, gone, took: start.elapsed() }
            }
        }
    }

    /// Takes one thing heard; gives the line when it was one.
    async fn hear(&mut self, deadline: Duration, what: &str) -> Result<Option<String>, Error> {
        if self.state == State::Broken {
            return Err(self.broken("is closed"));
        }
        let Ok(heard) = timeout(deadline, self.output.next()).await else {
            return Err(Error::TimedOut {
                what: what.to_owned(),
                after: deadline,
                last_lines: self.output.last_lines(),
            });
        };
        match heard {
            Some(Heard::Frame(Frame::Line(line))) => return Ok(Some(line)),
            Some(Heard::Frame(Frame::Hello)) => self.state = State::Open,
            Some(Heard::Frame(Frame::End(status))) => self.state = State::Ended(status),
            Some(Heard::Frame(Frame::Noise) | Heard::Text(_)) => {}
            // Once the script runs the tool has nothing to refuse: what looks like it is the host's own text.
            Some(Heard::Refused(_)) if self.state != State::Reaching => {}
            Some(Heard::Refused(error)) => {
                self.state = State::Broken;
                return Err(error);
            }
            Some(Heard::Ended) | None => {
                let reached = std::mem::replace(&mut self.state, State::Broken) == State::Open;
                return Err(self.broken(match reached {
                    true => "broke off before the script ended",
                    false => "ended before it was open",
                }));
            }
        }
        Ok(None)
    }

    fn broken(&self, what: &str) -> Error {
        Error::Tunnel { what: what.into(), last_lines: self.output.last_lines() }
    }
}
