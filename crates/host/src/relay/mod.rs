//! One connection to a port of the host, carried by the stdin and stdout of a command.
//!
//! The command runs `relay.sh` there, which connects to the port by whatever is installed, says so in a framed line, and copies
//! bytes from then on; or it is one that connects by itself. The bytes go straight between the pipes and whoever reads and writes
//! the connection: what is not read here is not read there, and the app that writes it has to wait.
//!
//! States: *connecting* → *connected* (the framed line came) → *ended*: by either side. A relay ends when its stdin does, so
//! dropping the connection ends it, and so does the end of this process.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::time::timeout;

use crate::connection::Piped;
use crate::footprint::Footprint;
use crate::frame::{Frame, Mark};
use crate::group::{Group, Stopped};
use crate::output::{Heard, Output, Recognise};
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error};

const SCRIPT: &str = include_str!("relay.sh");

/// What may be printed before the first framed line: a message of the day.
const MOST_NOISE: usize = 1 << 20;

/// For a relay whose stdin has ended to leave by itself, as the one there does.
const GOODBYE: Duration = Duration::from_secs(1);

/// What a relay takes of the memory there, in bytes: one by Node.js has 7 to 11 MB of its own when it starts (Node 18 to 26), which
/// bytes under way are added to; what it maps of its program the app has mapped as well.
pub(crate) const MEMORY: u64 = 32 << 20;

/// The script of a relay to a port, beside a process that may lend its program to it.
pub(crate) fn script(port: u16, pid: Option<u32>) -> String {
    let mut script = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(script, "port={port} pid={}", pid.unwrap_or(0));
    script.push_str(SCRIPT);
    script
}

/// A command that carries a connection. Dropping it kills its group.
pub(crate) struct Relay {
    group: Group,
}

/// Its ends, before it is known to be connected.
pub(crate) struct Ends {
    stdin: ChildStdin,
    stdout: ChildStdout,
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
        let ends = Ends { stdin: pipes.stdin, stdout: pipes.stdout, first: Vec::new(), beside, tail };
        Ok((Self { group }, ends))
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
    /// Waits until the relay says that it is connected. What is no line of its own is kept for the error.
    pub(crate) async fn connected(&mut self, mark: &Mark, port: u16, target: &str) -> Result<(), Error> {
        match greeted(&mut self.stdout, &mut self.first, mark, (port, target), &self.tail).await? {
            true => Ok(()),
            false => Err(self.broken().await),
        }
    }

    /// The stream has ended before; the reason may stand beside.
    async fn broken(&mut self) -> Error {
        let rest = std::mem::take(&mut self.first);
        self.tail.push(&String::from_utf8_lossy(&rest));
        match self.beside.next().await {
            Some(Heard::Refused(error)) => error,
            _ => Error::Tunnel {
                what: "ended before it was connected".into(),
                last_lines: self.tail.last_lines(),
            },
        }
    }

    pub(crate) fn into_piped(self) -> Piped {
        Piped::new(self.stdin, self.stdout, self.first)
    }
}

/// Reads up to a relay's word that it is connected to the port of the target; false when the stream has ended before. What came
/// behind that line stands in `first` then.
pub(crate) async fn greeted(
    stdout: &mut (impl AsyncRead + Unpin),
    first: &mut Vec<u8>,
    mark: &Mark,
    (port, target): (u16, &str),
    tail: &Tail,
) -> Result<bool, Error> {
    let tunnel = |what: String| Error::Tunnel { what, last_lines: tail.last_lines() };
    let mut noise = 0;
    while noise < MOST_NOISE {
        let Some(end) = first.iter().position(|byte| *byte == b'\n') else {
            if stdout.read_buf(first).await.unwrap_or(0) == 0 {
                return Ok(false);
            }
            if first.len() > MOST_NOISE {
                break;
            }
            continue;
        };
        let line: Vec<u8> = first.drain(..=end).collect();
        noise += line.len();
        let line = String::from_utf8_lossy(&line);
        match mark.read(line.trim_end()) {
            Frame::Line(word) => match word.as_str() {
                "connected" => return Ok(true),
                "refused" => {
                    return Err(tunnel(format!(
                        "to port {port} of {target} was refused: nothing listens there"
                    )));
                }
                "terminal" => return Err(Error::Terminal { target: target.to_owned() }),
                _ => return Err(Error::NoRelay { target: target.to_owned(), port }),
            },
            Frame::Noise => tail.push(line.trim_end()),
            Frame::Hello | Frame::End(_) => {}
        }
    }
    Err(tunnel("printed a megabyte before it was connected".to_owned()))
}
