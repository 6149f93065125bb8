//! A way to a port of the host: started, ready, connected to, stopped.
//!
//! A forward carried by the Heroku CLI is a child of its own. States: *starting* → *ready* (its local end listens) → *stopped*
//! or *died*. Readiness is the preload's word, or, for the bare CLI, the look at what its process group listens on.
//! Nothing connects before the caller does: `ps:forward` dies when something connects while the remote port is closed, so
//! the first [`Forward::connect`] must come after the inspector is known to listen. Each connection is one SSH connection.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use crate::connection::{Connection, Endpoint};
use crate::exposure::Exposure;
use crate::footprint::Footprint;
use crate::group::{Ended, Stopped};
use crate::heroku::CliForward;
use crate::relay::RelayForward;
use crate::ssh::SshForward;
use crate::{CommandLine, Error};

/// A forwarded port. Dropping it ends the forward and kills the child's process group.
#[must_use = "dropping a forward ends it"]
pub struct Forward {
    way: Way,
}

pub(crate) enum Way {
    /// `heroku ps:forward`.
    Cli(Box<CliForward>),
    /// Commands, one a connection.
    Exec(Box<RelayForward>),
    /// Channels of SSH connections.
    Ssh(SshForward),
    /// The port is on this machine: nothing has to be carried.
    Direct(u16),
}

impl Forward {
    pub(crate) fn new(way: Way) -> Self {
        Self { way }
    }

    /// The command that carries this forward, or the last of its connections, for the audit; `None` where there is none.
    pub fn command(&self) -> Option<CommandLine> {
        match &self.way {
            Way::Cli(cli) => Some(cli.command().clone()),
            Way::Exec(exec) => exec.command(),
            Way::Ssh(ssh) => Some(ssh.command()),
            Way::Direct(_) => None,
        }
    }

    /// Leads to another port from now on. False where it cannot: then another forward has to be started.
    #[must_use]
    pub fn aim(&mut self, port: u16) -> bool {
        match &mut self.way {
            Way::Exec(exec) => exec.aim(port),
            Way::Ssh(ssh) => ssh.aim(port),
            Way::Direct(direct) => *direct = port,
            Way::Cli(_) => return false,
        }
        true
    }

    /// Names the process to which the port belongs: where a program of its host has to carry, that may be its own.
    pub fn beside(&mut self, pid: u32) {
        match &mut self.way {
            Way::Exec(exec) => exec.beside(pid),
            Way::Ssh(ssh) => ssh.beside(pid),
            Way::Cli(_) | Way::Direct(_) => {}
        }
    }

    /// What this forward, or the last of its connections, has on this machine; `None` where that is nothing that outlives us.
    pub fn footprint(&self) -> Option<Footprint> {
        match &self.way {
            Way::Cli(cli) => Some(cli.footprint()),
            Way::Exec(exec) => exec.footprint(),
            Way::Ssh(_) | Way::Direct(_) => None,
        }
    }

    /// Waits until the local end listens. It does not connect.
    ///
    /// # Errors
    /// What the tool is known to refuse with, [`Error::PreloadNotTaken`], [`Error::Tunnel`] when it ended, [`Error::TimedOut`].
    pub async fn ready(&mut self, deadline: Duration) -> Result<(), Error> {
        match &mut self.way {
            Way::Cli(cli) => cli.ready(deadline).await,
            Way::Exec(_) | Way::Ssh(_) | Way::Direct(_) => Ok(()),
        }
    }

    /// Makes one connection. Only after [`ready`](Self::ready), and only once the remote port is known to listen.
    ///
    /// # Errors
    /// [`Error::Tunnel`] when the local end refuses, [`Error::NoRelay`] where nothing there can carry it, [`Error::TimedOut`]
    /// after `deadline`.
    pub async fn connect(&self, deadline: Duration) -> Result<Connection, Error> {
        match &self.way {
            Way::Exec(exec) => return exec.connect(deadline).await,
            Way::Ssh(ssh) => return ssh.connect(deadline).await,
            Way::Cli(_) | Way::Direct(_) => {}
        }
        let connecting = async {
            match self.endpoint() {
                Endpoint::Remote(_) => Err(std::io::ErrorKind::Unsupported.into()),
                Endpoint::Unix(path) => UnixStream::connect(path).await.map(Connection::Unix),
                Endpoint::Tcp(address) => {
                    let stream = TcpStream::connect(address).await?;
                    stream.set_nodelay(true)?;
                    Ok(Connection::Tcp(stream))
                }
            }
        };
        match timeout(deadline, connecting).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Error::Tunnel {
                what: format!("refuses connections at {}: {error}", self.endpoint()),
                last_lines: self.last_lines(),
            }),
            Err(_) => Err(Error::TimedOut {
                what: format!("from the tunnel at {}", self.endpoint()),
                after: deadline,
                last_lines: self.last_lines(),
            }),
        }
    }

    /// Where the local end is.
    pub fn endpoint(&self) -> Endpoint {
        match &self.way {
            Way::Cli(cli) => cli.endpoint(),
            Way::Exec(exec) => Endpoint::Remote(exec.port()),
            Way::Ssh(ssh) => Endpoint::Remote(ssh.port()),
            Way::Direct(port) => Endpoint::Tcp((Ipv4Addr::LOCALHOST, *port).into()),
        }
    }

    /// What listens on this machine because of this forward, looked at now.
    pub fn exposure(&self) -> Exposure {
        match &self.way {
            Way::Cli(cli) => cli.exposure(),
            // With SSH and with pipes nothing listens here. Where the port is local, its listener is the process under study.
            Way::Exec(_) | Way::Ssh(_) | Way::Direct(_) => Exposure::none(),
        }
    }

    /// Resolves when the forward has died, with the reason; never for one that cannot die.
    pub async fn exited(&mut self) -> Error {
        match &mut self.way {
            Way::Cli(cli) => cli.exited().await,
            Way::Exec(_) | Way::Ssh(_) | Way::Direct(_) => std::future::pending().await,
        }
    }

    /// Ends the forward: SIGTERM to the group, a grace, SIGKILL, and a look whether anything is left.
    pub async fn stop(self) -> Stopped {
        let start = Instant::now();
        match self.way {
            Way::Cli(cli) => cli.stop().await,
            Way::Exec(exec) => exec.stop().await,
            Way::Ssh(ssh) => ssh.stop().await,
            Way::Direct(port) => Stopped {
                what: format!("127.0.0.1:{port}"),
                group: None,
                how: Ended::Nothing,
                gone: true,
                took: start.elapsed(),
            },
        }
    }

    fn last_lines(&self) -> crate::LastLines {
        match &self.way {
            Way::Cli(cli) => cli.last_lines(),
            Way::Exec(exec) => exec.last_lines(),
            Way::Ssh(ssh) => ssh.last_lines(),
            Way::Direct(_) => crate::LastLines::default(),
        }
    }
}
