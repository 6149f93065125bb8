//! One connection to a port of the host, carried by the stdin and stdout of a command.
//!
//! The command runs `relay.sh` there, which connects to the port by whatever is installed, says so in a framed line, and copies
//! bytes from then on; or it is one that connects by itself. The bytes go straight between the pipes and whoever reads and writes
//! the connection: what is not read here is not read there, and the app that writes it has to wait. Where a terminal is on the way and
//! cannot be had without, they go in `lines`.
//!
//! States: *waiting* (for the process, then for the port, which it is told by two lines) → *connected* (the framed line came) → *ended*:
//! by either side. A relay ends when its stdin does, so dropping the connection ends it, and so does the end of this process.

mod forward;
mod lines;
mod waiting;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::connection::Piped;
use crate::footprint::Footprint;
use crate::frame::{Frame, Mark};
use crate::group::{Group, Stopped};
use crate::output::{Heard, Output, Recognise};
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error};

pub(crate) use forward::{By, Place, RelayForward};
pub(crate) use waiting::Waiting;

const SCRIPT: &str = include_str!("relay.sh");

/// What may be printed before the first framed line: a message of the day.
const MOST_NOISE: usize = 1 << 20;

/// For a relay whose stdin has ended to leave by itself, as the one there does.
const GOODBYE: Duration = Duration::from_secs(1);

/// What a relay takes of the memory there, in bytes: one by Node.js has 7 to 11 MB of its own when it starts (Node 18 to 26), which
/// bytes under way are added to; what it maps of its program the app has mapped as well.
pub(crate) const MEMORY: u64 = 32 << 20;

/// The script of a relay.
pub(crate) fn script(terminal: Terminal) -> String {
    format!("lines={}\n{SCRIPT}", u8::from(terminal == Terminal::Lines))
}

/// What a relay does where there is a terminal, which changes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Terminal {
    /// It says so, and ends: whoever asked for one can do without.
    Refuse,
    /// It takes and gives lines.
    Lines,
}

/// What a relay that is connected takes and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Bytes,
    Lines,
}

/// A command that runs the script, and is to be told it, where it does not have it already, when it has said hello.
pub(crate) struct Start {
    pub(crate) command: CommandLine,
    pub(crate) mark: Mark,
    pub(crate) told: Option<String>,
}

/// A command that carries a connection. Dropping it kills its group.
pub(crate) struct Relay {
    group: Group,
}

/// Its ends, before it is known to be connected.
pub(crate) struct Ends {
    stdin: Box<dyn AsyncWrite + Send + Unpin>,
    stdout: Box<dyn AsyncRead + Send + Unpin>,
    /// What came behind the line that says so.
    first: Vec<u8>,
    /// What it prints beside.
    beside: Output,
    tail: Tail,
}

impl Relay {
    /// Starts a command whose stdin and stdout are a connection.
    pub(crate) fn start(
        command: &CommandLine,
        environment: &Environment,
        recognise: Recognise,
        tail: Tail,
    ) -> Result<(Self, Ends), Error> {
        let (group, pipes) = Group::spawn(command, environment)?;
        let beside = Output::read(tokio::io::empty(), pipes.stderr, None, recognise, tail.clone());
        Ok((Self { group }, Ends::new(pipes.stdin, pipes.stdout, beside, tail)))
    }

    pub(crate) fn footprint(&self) -> Footprint {
        self.group.footprint()
    }

    pub(crate) fn is_gone(&mut self) -> bool {
        self.group.is_gone()
    }

    /// A moment for it to leave by itself, SIGTERM, a grace, SIGKILL.
    pub(crate) async fn stop(mut self) -> Stopped {
        let _ = timeout(GOODBYE, self.group.exited()).await;
        self.group.stop().await
    }
}

impl Ends {
    pub(crate) fn new(
        stdin: impl AsyncWrite + Send + Unpin + 'static,
        stdout: impl AsyncRead + Send + Unpin + 'static,
        beside: Output,
        tail: Tail,
    ) -> Self {
        Self { stdin: Box::new(stdin), stdout: Box::new(stdout), first: Vec::new(), beside, tail }
    }

    /// Tells it its script, where it does not have that yet. False when the stream has ended before.
    async fn set_up(&mut self, mark: &Mark, told: Option<&str>) -> Result<bool, Error> {
        let Some(told) = told else { return Ok(true) };
        let mut frames = Frames::new(&mut self.stdout, &mut self.first, mark, &self.tail);
        Ok(frames.hello().await? && self.tell(told).await)
    }

    /// False where it takes no more input.
    async fn tell(&mut self, text: &str) -> bool {
        self.stdin.write_all(text.as_bytes()).await.is_ok() && self.stdin.flush().await.is_ok()
    }

    /// Waits until the relay says that it is connected. What is no line of its own is kept for the error.
    async fn connected(mut self, mark: &Mark, place: (u16, &str)) -> Result<Piped, Error> {
        let mut frames = Frames::new(&mut self.stdout, &mut self.first, mark, &self.tail);
        match frames.greeted(place).await? {
            Some(Form::Bytes) => Ok(self.into_piped()),
            Some(Form::Lines) => Ok(lines::piped(self.stdin, self.stdout, self.first)),
            None => Err(self.broken().await),
        }
    }

    /// The stream has ended before; the reason may stand beside.
    async fn broken(mut self) -> Error {
        self.tail.push(&String::from_utf8_lossy(&self.first));
        match self.beside.next().await {
            Some(Heard::Refused(error)) => error,
            _ => self.unconnected(),
        }
    }

    fn unconnected(&self) -> Error {
        Error::Tunnel { what: "ended before it was connected".into(), last_lines: self.tail.last_lines() }
    }

    pub(crate) fn into_piped(self) -> Piped {
        Piped::new(self.stdin, self.stdout, self.first)
    }
}

/// The framed lines before the bytes.
struct Frames<'f, R> {
    stdout: &'f mut R,
    /// What was read beyond the last line.
    first: &'f mut Vec<u8>,
    mark: &'f Mark,
    tail: &'f Tail,
    noise: usize,
}

impl<'f, R: AsyncRead + Unpin> Frames<'f, R> {
    fn new(stdout: &'f mut R, first: &'f mut Vec<u8>, mark: &'f Mark, tail: &'f Tail) -> Self {
        Self { stdout, first, mark, tail, noise: 0 }
    }

    /// False when the stream has ended before.
    async fn hello(&mut self) -> Result<bool, Error> {
        loop {
            match self.next().await? {
                Some(Frame::Hello) => return Ok(true),
                Some(_) => {}
                None => return Ok(false),
            }
        }
    }

    async fn greeted(&mut self, (port, target): (u16, &str)) -> Result<Option<Form>, Error> {
        loop {
            let word = match self.next().await? {
                Some(Frame::Line(word)) => word,
                Some(_) => continue,
                None => return Ok(None),
            };
            return match word.as_str() {
                "connected" => Ok(Some(Form::Bytes)),
                "connected lines" => Ok(Some(Form::Lines)),
                "refused" => {
                    Err(self.tunnel(format!("to port {port} of {target} was refused: nothing listens there")))
                }
                "terminal" => Err(Error::Terminal { target: target.to_owned() }),
                _ => Err(Error::NoRelay { target: target.to_owned(), port }),
            };
        }
    }

    /// `None` when the stream has ended. What is no frame is kept for an error.
    async fn next(&mut self) -> Result<Option<Frame>, Error> {
        while self.noise < MOST_NOISE {
            let Some(end) = self.first.iter().position(|byte| *byte == b'\n') else {
                if self.stdout.read_buf(self.first).await.unwrap_or(0) == 0 {
                    return Ok(None);
                }
                if self.first.len() > MOST_NOISE {
                    break;
                }
                continue;
            };
            let line: Vec<u8> = self.first.drain(..=end).collect();
            self.noise += line.len();
            let line = String::from_utf8_lossy(&line);
            match self.mark.read(line.trim_end()) {
                Frame::Noise => self.tail.push(line.trim_end()),
                frame => return Ok(Some(frame)),
            }
        }
        Err(self.tunnel("printed a megabyte before it was connected".to_owned()))
    }

    fn tunnel(&self, what: String) -> Error {
        Error::Tunnel { what, last_lines: self.tail.last_lines() }
    }
}
