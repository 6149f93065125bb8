//! One SSH channel bridged to one socket of ours, by a thread that owns both.
//!
//! libssh2 holds its session's lock while it blocks, so a session cannot be read and written by two threads. The bridge runs it
//! unblocked instead: move what can be moved both ways, then `poll` the SSH socket and ours until something can. It
//! ends when the channel has ended and all of it was handed over, when our side is closed, or when the server has been
//! silent for longer than its keepalives allow. Only one buffer a direction is held: a slow reader slows the channel.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{BlockDirections, Channel, Session};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::Error;
use crate::tail::Tail;

const KEEPALIVE: u32 = 10;
/// Three keepalives without an answer, as the Heroku CLI's `ps:exec` counts.
const SILENCE: Duration = Duration::from_secs(35);
const BUFFER: usize = 256 * 1024;
const GOODBYE_MS: u32 = 1000;
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// A session that is logged in, and what it runs on.
pub(super) struct Link {
    pub(super) session: Session,
    /// Watched by the bridge; libssh2 has its own handle.
    pub(super) socket: OwnedFd,
    /// The last of the machines that are gone through: it carries the socket.
    pub(super) through: Option<Bridge>,
}

/// The handle of a running bridge. Dropping it ends the bridge.
pub(crate) struct Bridge {
    /// Another handle of the thread's end of the pair: shutting it down is what ends the thread.
    end: UnixStream,
    ended: oneshot::Receiver<()>,
}

impl Bridge {
    /// Gives the other end of the pair, which blocks.
    pub(super) fn start(link: Link, channel: Channel, tail: Tail) -> Result<(Self, UnixStream), Error> {
        let io = |source| Error::io("bridging an SSH channel", source);
        let (inner, outer) = UnixStream::pair().map_err(io)?;
        inner.set_nonblocking(true).map_err(io)?;
        let end = inner.try_clone().map_err(io)?;
        let (done, ended) = oneshot::channel();
        let work = move || {
            let mut pump = Pump::new(link, channel, inner);
            if let Err(why) = pump.run() {
                tail.push(&why);
            }
            pump.goodbye();
            drop(done);
        };
        std::thread::Builder::new().name("ssh".into()).spawn(work).map_err(io)?;
        Ok((Self { end, ended }, outer))
    }

    /// Ends the bridge; true when its thread, and with it the SSH connection, is gone.
    pub(crate) async fn stop(mut self) -> bool {
        let _ = self.end.shutdown(Shutdown::Both);
        timeout(STOP_TIMEOUT, &mut self.ended).await.is_ok()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.end.shutdown(Shutdown::Both);
    }
}

struct Pump {
    session: Session,
    socket: OwnedFd,
    /// What carries the socket, where other machines are gone through: it ends with this.
    _through: Option<Bridge>,
    channel: Channel,
    local: UnixStream,
    inward: Buffer,
    outward: Buffer,
    remote_ended: bool,
    local_ended: bool,
    eof_owed: bool,
    heard: Instant,
}

impl Pump {
    fn new(link: Link, channel: Channel, local: UnixStream) -> Self {
        link.session.set_keepalive(true, KEEPALIVE);
        link.session.set_blocking(false);
        Self {
            session: link.session,
            socket: link.socket,
            _through: link.through,
            channel,
            local,
            inward: Buffer::default(),
            outward: Buffer::default(),
            remote_ended: false,
            local_ended: false,
            eof_owed: false,
            heard: Instant::now(),
        }
    }

    fn run(&mut self) -> Result<(), String> {
        loop {
            let moved = self.inward()? | self.outward()?;
            if self.remote_ended && self.inward.is_empty() {
                return Ok(());
            }
            if !moved && !self.wait()? {
                return Ok(());
            }
        }
    }

    /// Channel → ours.
    fn inward(&mut self) -> Result<bool, String> {
        let mut moved = false;
        if self.inward.is_empty() && !self.remote_ended {
            match self.inward.fill(&mut self.channel) {
                Some(Ok(0)) if self.channel.eof() => (self.remote_ended, moved) = (true, true),
                Some(Ok(read)) => moved = read > 0,
                Some(Err(error)) => return Err(format!("the SSH connection broke: {error}")),
                None => {}
            }
        }
        if !self.inward.is_empty() {
            match self.inward.drain(&mut self.local) {
                Some(Ok(_)) => moved = true,
                // Our side is closed: `wait` sees the same and ends.
                Some(Err(_)) => (self.remote_ended, self.inward) = (true, Buffer::default()),
                None => {}
            }
        }
        Ok(moved)
    }

    /// Ours → channel.
    fn outward(&mut self) -> Result<bool, String> {
        let mut moved = false;
        if self.outward.is_empty() && !self.local_ended {
            match self.outward.fill(&mut self.local) {
                Some(Ok(0) | Err(_)) => (self.local_ended, self.eof_owed) = (true, true),
                Some(Ok(_)) => moved = true,
                None => {}
            }
        }
        if !self.outward.is_empty() {
            match self.outward.drain(&mut self.channel) {
                Some(Ok(_)) => moved = true,
                Some(Err(error)) => return Err(format!("the SSH connection broke: {error}")),
                None => {}
            }
        }
        if self.eof_owed && self.outward.is_empty() && self.channel.send_eof().is_ok() {
            self.eof_owed = false;
        }
        Ok(moved)
    }

    /// Sleeps until one of the sockets can move, or a keepalive is due. False when our side is closed.
    fn wait(&mut self) -> Result<bool, String> {
        // EAGAIN is a keepalive that will go out with the next turn.
        let due = self.session.keepalive_send().unwrap_or(1).clamp(1, KEEPALIVE);
        let mut remote = PollFlags::IN;
        if matches!(self.session.block_directions(), BlockDirections::Outbound | BlockDirections::Both) {
            remote |= PollFlags::OUT;
        }
        let mut local = PollFlags::empty();
        local.set(PollFlags::IN, self.outward.is_empty() && !self.local_ended);
        local.set(PollFlags::OUT, !self.inward.is_empty());
        let mut fds = [
            PollFd::from_borrowed_fd(self.socket.as_fd(), remote),
            PollFd::from_borrowed_fd(self.local.as_fd(), local),
        ];
        let limit = Timespec { tv_sec: due.into(), tv_nsec: 0 };
        match poll(&mut fds, Some(&limit)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(format!("waiting for the SSH connection: {error}")),
        }
        if fds[0].revents().contains(PollFlags::IN) {
            self.heard = Instant::now();
        } else if self.heard.elapsed() > SILENCE {
            return Err(format!("the server has been silent for {} s", self.heard.elapsed().as_secs()));
        }
        Ok(!fds[1].revents().intersects(PollFlags::HUP | PollFlags::ERR))
    }

    /// Closes the channel in order, as far as the network lets it within a moment.
    fn goodbye(&mut self) {
        let _ = self.local.shutdown(Shutdown::Both);
        self.session.set_timeout(GOODBYE_MS);
        self.session.set_blocking(true);
        let _ = self.channel.close();
        let _ = self.session.disconnect(None, "done", None);
    }
}

/// Bytes on their way: those from `at` to `end`.
struct Buffer {
    bytes: Box<[u8]>,
    at: usize,
    end: usize,
}

impl Default for Buffer {
    fn default() -> Self {
        Self { bytes: vec![0; BUFFER].into(), at: 0, end: 0 }
    }
}

impl Buffer {
    fn is_empty(&self) -> bool {
        self.at == self.end
    }

    /// `None` when nothing is there yet.
    fn fill(&mut self, from: &mut impl Read) -> Option<std::io::Result<usize>> {
        let read = from.read(&mut self.bytes);
        (self.at, self.end) = (0, *read.as_ref().unwrap_or(&0));
        unblocked(read)
    }

    /// `None` when nothing can be taken yet.
    fn drain(&mut self, to: &mut impl Write) -> Option<std::io::Result<usize>> {
        let written = to.write(&self.bytes[self.at..self.end]);
        self.at += *written.as_ref().unwrap_or(&0);
        unblocked(written)
    }
}

fn unblocked(moved: std::io::Result<usize>) -> Option<std::io::Result<usize>> {
    match moved {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => None,
        moved => Some(moved),
    }
}
