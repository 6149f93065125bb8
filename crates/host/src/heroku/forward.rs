//! `heroku ps:forward` as a child: with the preload on a Unix socket, or bare on a port that is picked for it.
//!
//! The bare CLI binds the port itself, on all interfaces, so the port can only be guessed to be free: pick, spawn, look
//! whether its group listens there, and pick again when it died of `EADDRINUSE`.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketType};
use tokio::time::{Instant, timeout, timeout_at};

use super::commands::forward_command;
use super::dyno::Heroku;
use super::preload::{Session, Told};
use super::words;
use crate::connection::Endpoint;
use crate::exposure::{Exposure, Listener, Reach};
use crate::footprint::Footprint;
use crate::group::{Group, Stopped};
use crate::output::{Heard, Output};
use crate::tail::{LastLines, Tail};
use crate::{CommandLine, Error};

const PORTS_TRIED: usize = 4;
/// The bare CLI's proxy has this port in all majors.
const SOCKS_PORT: u16 = 1080;
/// The preload tells that it listens in the same turn in which the CLI prints that it does.
const NEWS_AFTER_PRINT: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(20);

pub(crate) struct CliForward {
    // Declared first, dropped first: the group is killed before its folder goes.
    group: Group,
    output: Output,
    mode: Mode,
    ready: bool,
    heroku: Heroku,
    remote_port: u16,
}

enum Mode {
    Private(Session),
    /// The bare CLI, on this port of all interfaces.
    Bare {
        port: u16,
        ports_left: usize,
    },
}

impl CliForward {
    pub(crate) async fn start(heroku: &Heroku, remote_port: u16) -> Result<Self, Error> {
        let mode = if heroku.config.preload {
            Mode::Private(Session::open(&heroku.private)?)
        } else {
            Mode::Bare { port: free_port()?, ports_left: PORTS_TRIED - 1 }
        };
        Self::spawn(heroku.clone(), remote_port, mode).await
    }

    async fn spawn(heroku: Heroku, remote_port: u16, mode: Mode) -> Result<Self, Error> {
        let cli = heroku.cli().await?;
        let mut env = heroku.child_environment(&cli);
        let local = match &mode {
            Mode::Private(session) => {
                session.arm(&mut env, Some(remote_port));
                remote_port
            }
            Mode::Bare { port, .. } => *port,
        };
        let ports = format!("{local}:{remote_port}");
        let (app, dyno) = (heroku.config.app.as_str(), heroku.config.dyno.as_str());
        let command = forward_command(&cli.program, &ports, app, dyno);
        let (group, pipes) = Group::spawn(&command, &env)?;
        // stdin is not read by ps:forward; it is closed so that a prompt meets its end instead of waiting.
        drop(pipes.stdin);
        let tail = Tail::new(&heroku.config.environment);
        let output = Output::read(pipes.stdout, pipes.stderr, None, words::recognise(&heroku.config), tail);
        Ok(Self { group, output, mode, ready: false, heroku, remote_port })
    }

    pub(crate) fn command(&self) -> &CommandLine {
        self.group.command()
    }

    pub(crate) fn last_lines(&self) -> LastLines {
        self.output.last_lines()
    }

    pub(crate) async fn ready(&mut self, deadline: Duration) -> Result<(), Error> {
        if self.ready {
            return Ok(());
        }
        let until = Instant::now() + deadline;
        loop {
            let listening = match timeout_at(until, self.until_listening()).await {
                Ok(listening) => listening,
                Err(_) => Err(Error::TimedOut {
                    what: "while the tunnel was being opened".into(),
                    after: deadline,
                    last_lines: self.last_lines(),
                }),
            };
            match (listening, &self.mode) {
                (Ok(()), _) => {
                    self.ready = true;
                    return Ok(());
                }
                (Err(Error::Tunnel { last_lines, .. }), Mode::Bare { port, .. })
                    if *port != SOCKS_PORT && names_taken_port(&last_lines, SOCKS_PORT) =>
                {
                    return Err(Error::PortTaken { port: SOCKS_PORT });
                }
                (Err(Error::Tunnel { last_lines, .. }), Mode::Bare { port, ports_left })
                    if *ports_left > 0 && names_taken_port(&last_lines, *port) =>
                {
                    let mode = Mode::Bare { port: free_port()?, ports_left: ports_left - 1 };
                    *self = Self::spawn(self.heroku.clone(), self.remote_port, mode).await?;
                }
                (Err(error), _) => return Err(error),
            }
        }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        match &self.mode {
            Mode::Private(session) => Endpoint::Unix(session.forward_path()),
            Mode::Bare { port, .. } => Endpoint::Tcp((Ipv4Addr::LOCALHOST, *port).into()),
        }
    }

    pub(crate) fn exposure(&self) -> Exposure {
        Exposure::of_group(self.group.id(), self.private())
    }

    pub(crate) fn footprint(&self) -> Footprint {
        self.group.footprint()
    }

    fn private(&self) -> Option<&Path> {
        match &self.mode {
            Mode::Private(session) => Some(session.folder()),
            Mode::Bare { .. } => None,
        }
    }

    pub(crate) async fn exited(&mut self) -> Error {
        loop {
            match self.output.next().await {
                Some(Heard::Refused(error)) => return error,
                Some(_) => {}
                None => break,
            }
        }
        self.group.exited().await;
        Error::Tunnel { what: "ended by itself".into(), last_lines: self.last_lines() }
    }

    pub(crate) async fn stop(mut self) -> Stopped {
        // The preload leaves at once when its session ends. Without it ps:forward of major 11 takes no SIGTERM.
        self.mode = Mode::Bare { port: 0, ports_left: 0 };
        self.group.stop().await
    }

    async fn until_listening(&mut self) -> Result<(), Error> {
        match self.mode {
            Mode::Private(_) => self.until_told().await,
            Mode::Bare { port, .. } => self.until_seen(port).await,
        }
    }

    async fn until_told(&mut self) -> Result<(), Error> {
        loop {
            let Mode::Private(session) = &mut self.mode else { return Ok(()) };
            tokio::select! {
                told = session.told() => match told {
                    Some(Told::Listening) => return Ok(()),
                    Some(Told::Failed(why)) => return Err(Error::Tunnel {
                        what: format!("could not be set up: {why}"),
                        last_lines: self.last_lines(),
                    }),
                    Some(Told::Loaded | Told::Key) | None => {}
                },
                heard = self.output.next() => match heard {
                    Some(Heard::Refused(error)) => return Err(error),
                    Some(Heard::Text(line)) if words::says_it_listens(&line) => {
                        return self.told_after_print().await;
                    }
                    Some(_) => {}
                    None => return Err(self.exited().await),
                },
            }
        }
    }

    /// The CLI says that it listens. If the preload does not, then the CLI listens on all interfaces.
    async fn told_after_print(&mut self) -> Result<(), Error> {
        let Mode::Private(session) = &mut self.mode else { return Ok(()) };
        let listening = async {
            loop {
                match session.told().await {
                    Some(Told::Listening) => return true,
                    Some(Told::Failed(_)) | None => return false,
                    Some(Told::Loaded | Told::Key) => {}
                }
            }
        };
        if timeout(NEWS_AFTER_PRINT, listening).await == Ok(true) {
            return Ok(());
        }
        let _ = self.group.stop().await;
        Err(Error::PreloadNotTaken { last_lines: self.last_lines() })
    }

    async fn until_seen(&mut self, port: u16) -> Result<(), Error> {
        loop {
            match self.output.next().await {
                Some(Heard::Refused(error)) => return Err(error),
                Some(Heard::Text(line)) if words::says_it_listens(&line) => break,
                Some(_) => {}
                None => return Err(self.exited().await),
            }
        }
        // It says so before the bind; an error of the bind ends the process.
        let here = |address: &SocketAddr| address.port() == port;
        loop {
            let exposure = self.exposure();
            if exposure.listeners.iter().any(|l| matches!(l, Listener::Tcp(address) if here(address))) {
                return Ok(());
            }
            match timeout(POLL, self.output.next()).await {
                Ok(None) => return Err(self.exited().await),
                Ok(Some(Heard::Refused(error))) => return Err(error),
                Ok(Some(_)) => {}
                // Where /proc does not tell whose a port is, the port itself tells that somebody has it; had somebody else
                // taken it, the CLI would have said so and ended in the meantime.
                Err(_) if exposure.reach == Reach::Unknown && is_taken(port) => return Ok(()),
                Err(_) => {}
            }
        }
    }
}

/// Node's report of the uncaught error ends with its properties, `code: 'EADDRINUSE'` and `port: 1080` among them.
fn names_taken_port(last_lines: &LastLines, port: u16) -> bool {
    let port = format!("port: {port}");
    let has = |words: &str| last_lines.0.iter().any(|line| line.trim().trim_end_matches(',') == words);
    has("code: 'EADDRINUSE'") && has(&port)
}

/// Whether a local port has a listener, asked without a connection: `ps:forward` ends when it is connected to while the port of
/// the dyno is closed. Node listens on all addresses, of both families where there are both.
fn is_taken(port: u16) -> bool {
    let everywhere: [IpAddr; 2] = [Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()];
    everywhere.iter().any(|address| matches!(bound((*address, port).into()), Err(Errno::ADDRINUSE)))
}

/// A socket that is bound and does not listen. With SO_REUSEADDR, which Node sets too, it is in no listener's way.
fn bound(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv6() { AddressFamily::INET6 } else { AddressFamily::INET };
    let socket = net::socket(family, SocketType::STREAM, None)?;
    net::sockopt::set_socket_reuseaddr(&socket, true)?;
    net::bind(&socket, &address)?;
    Ok(socket)
}

fn free_port() -> Result<u16, Error> {
    portpicker::pick_unused_port()
        .ok_or_else(|| Error::io("looking for a free local port", ErrorKind::AddrInUse.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_taken_port_is_read_from_nodes_report() {
        let lines = ["  code: 'EADDRINUSE',", "  errno: -98,", "  address: '::',", "  port: 40001", "}"];
        let report = LastLines(lines.map(str::to_owned).to_vec());
        assert!(names_taken_port(&report, 40001));
        assert!(!names_taken_port(&report, 4000));
        assert!(!names_taken_port(&LastLines(vec!["  port: 40001".into()]), 40001));
    }

    #[test]
    fn a_port_is_asked_whether_somebody_listens_there() {
        for address in ["0.0.0.0:0", "[::]:0"] {
            let listener = std::net::TcpListener::bind(address).unwrap();
            let port = listener.local_addr().unwrap().port();
            assert!(is_taken(port), "{address}");
            drop(listener);
            assert!(!is_taken(port), "{address}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn asking_is_in_the_way_of_no_listener() {
        let port = free_port().unwrap();
        let _asked = bound((Ipv6Addr::UNSPECIFIED, port).into()).unwrap();
        std::net::TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).unwrap();
    }
}
