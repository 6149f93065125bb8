//! Any machine behind SSH, by libssh2: no `ssh` program, no local port.
//!
//! Every dialogue and every connection is an SSH connection of its own, with a thread of its own that bridges its one
//! channel to a socket pair (see `bridge.rs`); nothing listens on this machine. A connection costs a handshake more that way,
//! and a stalled one stalls no other.

mod bridge;
mod config;
mod login;
mod shell;
mod target;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

pub use config::Config;
pub(crate) use shell::Shell;
pub use target::SshTarget;

use crate::connection::Connection;
use crate::findings::Findings;
use crate::frame::Mark;
use crate::group::{Ended, Stopped};
use crate::tail::{LastLines, Tail, clean};
use crate::{CommandLine, Error};
use bridge::Bridge;
use login::{Login, tunnel};

/// A machine behind SSH. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ssh {
    config: Arc<Config>,
}

impl Ssh {
    /// Names the machine; nothing is connected yet.
    pub fn new(config: Config) -> Self {
        Self { config: Arc::new(config) }
    }

    pub(crate) fn describe(&self) -> String {
        self.config.target.to_string()
    }

    /// What it says before anything is done there: facts are the server's banner.
    pub(crate) async fn survey(&self) -> Result<Findings<String>, Error> {
        let start = Instant::now();
        let login = self.login().await?;
        let server = clean(login.session.banner().unwrap_or("unknown"), 100);
        let checks = login.checks.clone();
        // Saying goodbye can block, as everything of libssh2 does.
        drop(tokio::task::spawn_blocking(move || drop(login)));
        Ok(Findings {
            facts: server,
            checks,
            warnings: Vec::new(),
            refusals: Vec::new(),
            took: start.elapsed(),
        })
    }

    pub(crate) async fn open(&self, script: &str) -> Result<Shell, Error> {
        let mark = Mark::draw()?;
        let word = mark.wrap(script)?;
        let command = self.command(&[&word]);
        let tail = Tail::default();
        let run = move |session: &ssh2::Session| {
            let mut channel = session.channel_session()?;
            channel.exec(&word)?;
            Ok(channel)
        };
        let (bridge, stream) = self.bridged(tail.clone(), run).await?;
        Ok(Shell::new(command, bridge, stream, mark, tail))
    }

    pub(crate) fn forward(&self, remote_port: u16) -> SshForward {
        let port = remote_port.to_string();
        let command = self.command(&["direct-tcpip", "127.0.0.1", &port]);
        let bridges = Arc::default();
        SshForward { ssh: self.clone(), remote_port, command, bridges, tail: Tail::default() }
    }

    /// Logs in and opens a channel, then bridges it to a socket of ours.
    async fn bridged(
        &self,
        tail: Tail,
        open: impl FnOnce(&ssh2::Session) -> Result<ssh2::Channel, ssh2::Error> + Send + 'static,
    ) -> Result<(Bridge, tokio::net::UnixStream), Error> {
        let login = self.login().await?;
        let host = self.describe();
        let opened = tokio::task::spawn_blocking(move || {
            let channel = open(&login.session).map_err(|error| tunnel(&host, &error))?;
            Bridge::start(login, channel, tail)
        });
        opened.await.map_err(joined)?
    }

    async fn login(&self) -> Result<Login, Error> {
        let config = Arc::clone(&self.config);
        tokio::task::spawn_blocking(move || login::login(&config)).await.map_err(joined)?
    }

    fn command(&self, args: &[&str]) -> CommandLine {
        let target = self.describe();
        CommandLine::new("ssh", std::iter::once(target.as_str()).chain(args.iter().copied()))
    }
}

/// A port of the machine; each connection is a `direct-tcpip` channel.
pub(crate) struct SshForward {
    ssh: Ssh,
    remote_port: u16,
    command: CommandLine,
    bridges: Arc<Mutex<Vec<Bridge>>>,
    tail: Tail,
}

impl SshForward {
    pub(crate) fn command(&self) -> &CommandLine {
        &self.command
    }

    pub(crate) fn port(&self) -> u16 {
        self.remote_port
    }

    pub(crate) fn last_lines(&self) -> LastLines {
        self.tail.last_lines()
    }

    pub(crate) async fn connect(&self, deadline: Duration) -> Result<Connection, Error> {
        let port = self.remote_port;
        let open = move |session: &ssh2::Session| session.channel_direct_tcpip("127.0.0.1", port, None);
        match timeout(deadline, self.ssh.bridged(self.tail.clone(), open)).await {
            Ok(bridged) => {
                let (bridge, stream) = bridged?;
                self.bridges.lock().unwrap_or_else(PoisonError::into_inner).push(bridge);
                Ok(Connection::Unix(stream))
            }
            Err(_) => Err(Error::TimedOut {
                what: format!("from port {port} of {}", self.ssh.describe()),
                after: deadline,
                last_lines: self.last_lines(),
            }),
        }
    }

    pub(crate) async fn stop(self) -> Stopped {
        let start = Instant::now();
        let bridges = std::mem::take(&mut *self.bridges.lock().unwrap_or_else(PoisonError::into_inner));
        let mut gone = true;
        for bridge in bridges {
            gone &= bridge.stop().await;
        }
        let what = self.command.short();
        Stopped { what, group: None, how: Ended::Asked, gone, took: start.elapsed() }
    }
}

fn joined(error: tokio::task::JoinError) -> Error {
    Error::io("running libssh2", std::io::Error::other(error))
}
