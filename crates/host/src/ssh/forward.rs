//! A port of the machine; each connection is an SSH connection of its own.
//!
//! Its one channel leads to the port (`direct-tcpip`), or, where the server forbids that, to a relay: a command there that connects
//! to the port (see `relay`). For the first connection it is logged in at once, beside whatever else is asked there.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::bridge::{Bridge, Link};
use super::config::Forwarding;
use super::machine::{Ssh, forbids};
use crate::connection::Connection;
use crate::frame::Mark;
use crate::group::{Ended, Stopped};
use crate::output::Output;
use crate::relay::{self, Ends, Terminal, Waiting};
use crate::tail::{LastLines, Tail};
use crate::{CommandLine, Error};

/// For a login that nobody needs any more.
const GIVEN_UP: Duration = Duration::from_secs(5);

pub(crate) struct SshForward {
    ssh: Ssh,
    remote_port: u16,
    /// The process whose port it is, where that is known.
    pid: Option<u32>,
    ready: Mutex<Option<Ready>>,
    bridges: Arc<Mutex<Vec<Bridge>>>,
    tail: Tail,
}

/// What the first connection finds, or may have to wait for a little.
enum Ready {
    /// A login.
    Login(JoinHandle<Result<Link, Error>>),
    /// A relay.
    Relay(Waiting),
}

impl Ssh {
    pub(crate) fn forward(&self, remote_port: u16) -> Result<SshForward, Error> {
        let forward = SshForward {
            ssh: self.clone(),
            remote_port,
            pid: None,
            ready: Mutex::default(),
            bridges: Arc::default(),
            tail: Tail::default(),
        };
        let ready = if self.forwards() {
            let ssh = self.clone();
            Ready::Login(tokio::spawn(async move { ssh.link().await }))
        } else {
            Ready::Relay(forward.relay()?)
        };
        *forward.ready.lock().unwrap_or_else(PoisonError::into_inner) = Some(ready);
        Ok(forward)
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
        if let Some(Ready::Relay(waiting)) = self.ready.get_mut().unwrap_or_else(PoisonError::into_inner) {
            waiting.beside(pid);
        }
    }

    /// Leads to another port from now on.
    pub(crate) fn aim(&mut self, port: u16) {
        self.remote_port = port;
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
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).take();
        let login = match ready {
            Some(Ready::Relay(waiting)) => return self.by_relay(waiting).await,
            Some(Ready::Login(login)) => Some(login),
            None => None,
        };
        if self.ssh.forwards() {
            match self.by_channel(login).await {
                Err(Error::ForwardForbidden { .. }) if self.ssh.config.forward == Forwarding::Auto => {
                    // Whoever was first to see it.
                    let _ = self.ssh.forwards.set(false);
                }
                carried => return carried,
            }
        }
        let mut waiting = self.relay()?;
        self.pid.into_iter().for_each(|pid| waiting.beside(pid));
        self.by_relay(waiting).await
    }

    async fn by_channel(&self, login: Option<JoinHandle<Result<Link, Error>>>) -> Result<Connection, Error> {
        let link = match login {
            Some(login) => {
                login.await.map_err(|error| Error::io("logging in", std::io::Error::other(error)))??
            }
            None => self.ssh.link().await?,
        };
        let (target, port) = (self.ssh.config.target.clone(), self.remote_port);
        let open = move |session: &ssh2::Session| {
            session.channel_direct_tcpip("127.0.0.1", port, None).map_err(|error| match forbids(&error) {
                true => Error::ForwardForbidden { host: target.to_string() },
                false => target.unopened(error),
            })
        };
        let (bridge, stream) = self.ssh.bridged(link, self.tail.clone(), open).await?;
        keep(&self.bridges, bridge);
        Ok(Connection::Unix(stream))
    }

    async fn by_relay(&self, waiting: Waiting) -> Result<Connection, Error> {
        Ok(Connection::Piped(Box::new(waiting.connected(self.remote_port).await?)))
    }

    /// Starts one there.
    fn relay(&self) -> Result<Waiting, Error> {
        let mark = Mark::draw()?;
        let line = mark.wrap_plain(&relay::script(Terminal::Refuse))?;
        let (ssh, bridges, tail) = (self.ssh.clone(), Arc::clone(&self.bridges), self.tail.clone());
        let start = async move {
            let (bridge, stream) = ssh.run(line, tail.clone()).await?;
            keep(&bridges, bridge);
            let (stdout, stdin) = stream.into_split();
            let nothing = Output::read(
                tokio::io::empty(),
                tokio::io::empty(),
                None,
                Arc::new(|_: &str| None),
                tail.clone(),
            );
            Ok(Ends::new(stdin, stdout, nothing, tail))
        };
        Ok(Waiting::new(start, mark, None, self.ssh.describe()))
    }

    pub(crate) async fn stop(self) -> Stopped {
        let start = Instant::now();
        let what = self.command().short();
        match self.ready.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(Ready::Relay(waiting)) => waiting.stop().await,
            Some(Ready::Login(login)) => drop(timeout(GIVEN_UP, login).await),
            None => {}
        }
        let bridges = std::mem::take(&mut *self.bridges.lock().unwrap_or_else(PoisonError::into_inner));
        let mut gone = true;
        for bridge in bridges {
            gone &= bridge.stop().await;
        }
        Stopped { what, group: None, how: Ended::Asked, gone, took: start.elapsed() }
    }
}

fn keep(bridges: &Mutex<Vec<Bridge>>, bridge: Bridge) {
    bridges.lock().unwrap_or_else(PoisonError::into_inner).push(bridge);
}
