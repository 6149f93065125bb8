//! A port of the machine; each connection is an SSH connection of its own.
//!
//! Its one channel leads to the port (`direct-tcpip`), or, where the server forbids that, to a relay: a command there that connects
//! to the port (see `relay`).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::bridge::Bridge;
use super::config::Forwarding;
use super::machine::{Ssh, forbids};
use crate::connection::{Connection, Piped};
use crate::frame::Mark;
use crate::group::{Ended, Stopped};
use crate::relay::{self, Terminal};
use crate::tail::{LastLines, Tail};
use crate::{CommandLine, Error};

pub(crate) struct SshForward {
    ssh: Ssh,
    remote_port: u16,
    /// The process whose port it is, where that is known.
    pid: Option<u32>,
    bridges: Arc<Mutex<Vec<Bridge>>>,
    tail: Tail,
}

impl Ssh {
    pub(crate) fn forward(&self, remote_port: u16) -> SshForward {
        SshForward {
            ssh: self.clone(),
            remote_port,
            pid: None,
            bridges: Arc::default(),
            tail: Tail::default(),
        }
    }
}

impl SshForward {
    pub(crate) fn command(&self) -> CommandLine {
        let port = self.remote_port.to_string();
        match self.ssh.forwards() {
            true => self.ssh.command(&["direct-tcpip", "127.0.0.1", &port]),
            false => self.ssh.command(&["relay", "127.0.0.1", &port]),
        }
    }

    pub(crate) fn beside(&mut self, pid: u32) {
        self.pid = Some(pid);
    }

    pub(crate) fn port(&self) -> u16 {
        self.remote_port
    }

    pub(crate) fn last_lines(&self) -> LastLines {
        self.tail.last_lines()
    }

    pub(crate) async fn connect(&self, deadline: Duration) -> Result<Connection, Error> {
        match timeout(deadline, self.carried()).await {
            Ok(connection) => connection,
            Err(_) => Err(Error::TimedOut {
                what: format!("from port {} of {}", self.remote_port, self.ssh.describe()),
                after: deadline,
                last_lines: self.last_lines(),
            }),
        }
    }

    async fn carried(&self) -> Result<Connection, Error> {
        if self.ssh.forwards() {
            match self.by_channel().await {
                Err(Error::ForwardForbidden { .. }) if self.ssh.config.forward == Forwarding::Auto => {
                    // Whoever was first to see it.
                    let _ = self.ssh.forwards.set(false);
                }
                carried => return carried,
            }
        }
        self.by_relay().await
    }

    async fn by_channel(&self) -> Result<Connection, Error> {
        let (target, port) = (self.ssh.config.target.clone(), self.remote_port);
        let open = move |session: &ssh2::Session| {
            session.channel_direct_tcpip("127.0.0.1", port, None).map_err(|error| match forbids(&error) {
                true => Error::ForwardForbidden { host: target.to_string() },
                false => target.unopened(error),
            })
        };
        let (bridge, stream) = self.ssh.bridged(self.tail.clone(), open).await?;
        self.keep(bridge);
        Ok(Connection::Unix(stream))
    }

    async fn by_relay(&self) -> Result<Connection, Error> {
        let mark = Mark::draw()?;
        let line = mark.wrap_plain(&relay::script(self.remote_port, self.pid, Terminal::Refuse))?;
        let (bridge, mut stream) = self.ssh.run(line, self.tail.clone()).await?;
        self.keep(bridge);
        let (mut first, target) = (Vec::new(), self.ssh.describe());
        let place = (self.remote_port, target.as_str());
        if relay::greeted(&mut stream, &mut first, &mark, place, &self.tail).await?.is_none() {
            self.tail.push(&String::from_utf8_lossy(&first));
            return Err(Error::Tunnel {
                what: "ended before it was connected".into(),
                last_lines: self.last_lines(),
            });
        }
        let (stdout, stdin) = stream.into_split();
        Ok(Connection::Piped(Box::new(Piped::new(stdin, stdout, first))))
    }

    fn keep(&self, bridge: Bridge) {
        self.bridges.lock().unwrap_or_else(PoisonError::into_inner).push(bridge);
    }

    pub(crate) async fn stop(self) -> Stopped {
        let start = Instant::now();
        let what = self.command().short();
        let bridges = std::mem::take(&mut *self.bridges.lock().unwrap_or_else(PoisonError::into_inner));
        let mut gone = true;
        for bridge in bridges {
            gone &= bridge.stop().await;
        }
        Stopped { what, group: None, how: Ended::Asked, gone, took: start.elapsed() }
    }
}
