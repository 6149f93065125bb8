//! From nothing to an authenticated SSH session, blocking, each step bounded.
//!
//! Where the way leads through other machines, each of them is logged in to and asked for a channel to the next, which is the next
//! one's connection. At every machine the host key is checked (see `known`) before any credential is offered (see `keys`).

use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use ssh2::Session;

use super::bridge::{Bridge, Link};
use super::config::Config;
use super::settings::{Settings, typed};
use super::{keys, known};
use crate::Error;
use crate::findings::{Check, Source};
use crate::tail::Tail;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For each blocking call of libssh2: a handshake, an answer of the server.
const CALL_TIMEOUT_MS: u32 = 15_000;

/// A session that is logged in, and what was seen on the way.
pub(super) struct Login {
    pub(super) link: Link,
    pub(super) checks: Vec<Check>,
}

/// What a connection has besides its session.
struct Beside {
    socket: OwnedFd,
    through: Option<Bridge>,
    checks: Vec<Check>,
}

/// Logs in at the end of the way.
pub(super) fn login(config: &Config, way: &[Settings]) -> Result<Login, Error> {
    let Some((last, before)) = way.split_last() else {
        return Err(Error::io("logging in", std::io::ErrorKind::NotFound.into()));
    };
    let ssh = typed(config, &last.target);
    let start = Instant::now();
    let (session, beside, how) = known::connect(last, &ssh, |types| connect(config, last, before, types))?;
    let Beside { socket, through, mut checks } = beside;
    checks.push(check("host key", how, start));
    let start = Instant::now();
    let how = keys::authenticate(config, last, &ssh, &session)?;
    checks.push(check("logged in as", format!("{} ({how})", last.user), start));
    Ok(Login { link: Link { session, socket, through }, checks })
}

/// Connects and shakes hands, for a host key of these types.
fn connect(
    config: &Config,
    to: &Settings,
    before: &[Settings],
    types: Option<&str>,
) -> Result<(Session, Beside), Error> {
    let (socket, through, checks) = match before.last() {
        None => (dial(&to.host_name, to.port).map_err(|error| to.target.unopened(error))?, None, Vec::new()),
        Some(last) => {
            let start = Instant::now();
            let Login { link, mut checks } = login(config, before)?;
            checks.retain(|check| check.what == "through");
            checks.push(check("through", format!("{} as {}", last.target, last.user), start));
            let channel = link.session.channel_direct_tcpip(&to.host_name, to.port, None);
            let channel =
                channel.map_err(|error| to.target.unopened(format!("{} says: {error}", last.target)))?;
            let (bridge, stream) = Bridge::start(link, channel, Tail::default())?;
            (stream.into(), Some(bridge), checks)
        }
    };
    let watched = socket.try_clone().map_err(|error| to.target.unopened(error))?;
    let shake = || {
        let mut session = Session::new()?;
        session.set_timeout(CALL_TIMEOUT_MS);
        if let Some(types) = types {
            session.method_pref(ssh2::MethodType::HostKey, types)?;
        }
        session.set_tcp_stream(socket);
        session.handshake()?;
        Ok(session)
    };
    let session = shake().map_err(|error: ssh2::Error| to.target.unopened(error))?;
    Ok((session, Beside { socket: watched, through, checks }))
}

fn dial(host: &str, port: u16) -> std::io::Result<OwnedFd> {
    let mut last = std::io::Error::other("the name has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream.into());
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

pub(super) fn check(what: &'static str, answer: impl Into<String>, since: Instant) -> Check {
    Check::new(what, answer, Source::Host, since.elapsed())
}
