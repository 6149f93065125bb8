//! One remote script, spoken with by lines while it runs.
//!
//! States: *reaching* (the tool works its way to the host) → *open* (the script's first frame came) → *ended* (its last frame
//! came, or the stream broke off). [`Dialogue::line`] passes through all three: it waits for the first frame by itself,
//! gives the script's lines, and gives `None` once the script has said its exit status. A stream that ends without that is
//! an error whatever status the tool exits with.
//!
//! Who owns what: the dialogue owns its shell, and that the child's group, its stdin and the readers of its output. A cut tunnel ends the
//! remote script too: its `read` meets the end of input, or the terminal's hang-up kills it. A stalled tunnel is noticed by
//! the tool's own keepalive (`ps:exec`: 10 s × 3), or by the deadline every call here takes.

use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::child::Child;
use crate::footprint::Footprint;
use crate::frame::{Frame, check_said};
use crate::group::Stopped;
use crate::output::{Heard, Output};
use crate::{CommandLine, Error, LastLines};
use crate::{heroku, ssh};

/// How long one line may take to be handed to a child that does not read.
const SAY_TIMEOUT: Duration = Duration::from_secs(10);
/// For a script to meet the end of its input, and its command to end with it.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(1);

/// A running remote script. Dropping it kills the child's process group.
#[must_use = "dropping a dialogue ends the remote script"]
pub struct Dialogue {
    shell: Shell,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reaching,
    Open,
    Ended(i32),
    Broken,
}

/// What carries the dialogue, by the kind of host.
pub(crate) enum Shell {
    /// A command of one's own, whose end is the end of the script.
    Exec(Box<Child>),
    Heroku(Box<heroku::Shell>),
    Local(Box<Child>),
    Ssh(Box<ssh::Shell>),
}

impl Shell {
    fn output(&mut self) -> &mut Output {
        match self {
            Self::Heroku(shell) => &mut shell.child.output,
            Self::Exec(child) | Self::Local(child) => &mut child.output,
            Self::Ssh(shell) => &mut shell.output,
        }
    }

    /// What the far end is to be told when it has said hello.
    fn told(&mut self) -> Option<String> {
        match self {
            Self::Exec(child) | Self::Local(child) => child.told.take(),
            Self::Heroku(_) | Self::Ssh(_) => None,
        }
    }

    fn stdin(&mut self) -> &mut (dyn AsyncWrite + Unpin + Send) {
        match self {
            Self::Heroku(shell) => &mut shell.child.stdin,
            Self::Exec(child) | Self::Local(child) => &mut child.stdin,
            Self::Ssh(shell) => &mut shell.stdin,
        }
    }
}

impl Dialogue {
    pub(crate) fn new(shell: Shell) -> Self {
        Self { shell, state: State::Reaching }
    }

    /// The command that carries this dialogue, for the audit.
    pub fn command(&self) -> &CommandLine {
        match &self.shell {
            Shell::Heroku(shell) => shell.child.group.command(),
            Shell::Exec(child) | Shell::Local(child) => child.group.command(),
            Shell::Ssh(shell) => &shell.command,
        }
    }

    /// What this dialogue has on this machine; `None` where that is nothing that outlives us.
    pub fn footprint(&self) -> Option<Footprint> {
        match &self.shell {
            Shell::Heroku(shell) => Some(shell.child.group.footprint()),
            Shell::Exec(child) | Shell::Local(child) => Some(child.group.footprint()),
            Shell::Ssh(_) => None,
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
        self.tell(&format!("{line}\n")).await
    }

    async fn tell(&mut self, text: &str) -> Result<(), Error> {
        let stdin = self.shell.stdin();
        let write = async {
            stdin.write_all(text.as_bytes()).await?;
            stdin.flush().await
        };
        match timeout(SAY_TIMEOUT, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(self.broken("does not take input any more")),
            Err(_) => Err(Error::TimedOut {
                what: "from the remote shell, which takes no more input".into(),
                after: SAY_TIMEOUT,
                last_lines: self.last_lines(),
            }),
        }
    }

    /// Ends the child, and with it the remote script: end of input, SIGTERM to the group, a grace, SIGKILL.
    pub async fn stop(self) -> Stopped {
        match self.shell {
            // Whoever ends the command here has not ended what it runs there: that is at its end when the command is.
            Shell::Exec(child) => child.stop_after(LEAVE_TIMEOUT).await,
            Shell::Heroku(shell) => shell.stop().await,
            Shell::Local(child) => child.stop().await,
            Shell::Ssh(shell) => shell.stop().await,
        }
    }

    /// Takes one thing heard; gives the line when it was one.
    async fn hear(&mut self, deadline: Duration, what: &str) -> Result<Option<String>, Error> {
        if self.state == State::Broken {
            return Err(self.broken("is closed"));
        }
        let Ok(heard) = timeout(deadline, self.shell.output().next()).await else {
            return Err(Error::TimedOut {
                what: what.to_owned(),
                after: deadline,
                last_lines: self.last_lines(),
            });
        };
        match heard {
            Some(Heard::Frame(Frame::Line(line))) => return Ok(Some(line)),
            Some(Heard::Frame(Frame::Hello)) => {
                self.state = State::Open;
                if let Some(script) = self.shell.told() {
                    self.tell(&script).await?;
                }
            }
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
        Error::Tunnel { what: what.into(), last_lines: self.last_lines() }
    }
    fn last_lines(&self) -> LastLines {
        match &self.shell {
            Shell::Heroku(shell) => shell.child.output.last_lines(),
            Shell::Exec(child) | Shell::Local(child) => child.output.last_lines(),
            Shell::Ssh(shell) => shell.output.last_lines(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, Local};

    const SOON: Duration = Duration::from_secs(10);

    fn open(script: &str) -> Dialogue {
        let local = Local::new(Environment::new([("PATH", std::env::var_os("PATH").unwrap())]));
        Dialogue::new(Shell::Local(Box::new(local.open(script).unwrap())))
    }

    #[tokio::test]
    async fn a_dialogue_from_first_to_last_line() {
        let mut talk =
            open("tell ready; while read -r x; do case $x in quit) exit 3;; *) tell \"got $x\";; esac; done");
        talk.ready(SOON).await.unwrap();
        assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("ready"));
        talk.say("one").await.unwrap();
        assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("got one"));
        talk.say("quit").await.unwrap();
        assert_eq!(talk.line(SOON).await.unwrap(), None);
        assert_eq!(talk.status(), Some(3));
        assert!(talk.stop().await.gone);
    }

    #[tokio::test]
    async fn silence_is_a_timeout_and_the_dialogue_goes_on() {
        let mut talk = open("read -r x; tell \"$x\"; read -r x");
        talk.ready(SOON).await.unwrap();
        let error = talk.line(Duration::from_millis(50)).await.unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
        talk.say("still here").await.unwrap();
        assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("still here"));
    }

    #[tokio::test]
    async fn a_stream_that_breaks_off_is_an_error_with_its_last_lines() {
        let mut talk = open("echo 'the reason'; tell last; kill -9 $$");
        assert_eq!(talk.line(SOON).await.unwrap().as_deref(), Some("last"));
        let error = talk.line(SOON).await.unwrap_err();
        assert!(matches!(error, Error::Tunnel { .. }), "{error}");
        assert!(error.to_string().contains("the reason"), "{error}");
        // And it stays an error; it does not become an ordinary end.
        assert!(talk.line(SOON).await.is_err());
    }

    #[tokio::test]
    async fn a_dialogue_ends_with_all_that_its_script_started() {
        let mut talk = open("trap '' TERM; sleep 300 & tell $!; wait; read -r x");
        let pid = talk.line(SOON).await.unwrap().unwrap();
        let stopped = talk.stop().await;
        assert!(stopped.gone, "{stopped:?}");
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    }
}
