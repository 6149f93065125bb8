//! From nothing to an authenticated SSH session, blocking, each step bounded.
//!
//! The host key is checked against the user's and the system's `known_hosts` before any credential is offered, and an unknown
//! one is refused: there is nobody to ask. A server has several keys and `known_hosts` often only one of them, so when
//! the key that was negotiated is not on record the others are asked for in turn before the host is refused.
//!
//! Keys: the file that was named, else the agent's, else the usual files. A key with a passphrase belongs into the agent.

use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ssh2::{CheckResult, KnownHostFileKind, MethodType, Session};

use super::config::Config;
use crate::findings::{Check, Source};
use crate::tail::{LastLines, clean};
use crate::{Environment, Error};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For each blocking call of libssh2: a handshake, an answer of the server.
const CALL_TIMEOUT_MS: u32 = 15_000;
const USUAL_KEYS: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];
const HOST_KEY_TYPES: [&str; 5] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512,rsa-sha2-256",
];

/// An authenticated session and its socket.
pub(super) struct Login {
    pub(super) session: Session,
    /// Watched by the bridge; libssh2 has its own handle.
    pub(super) socket: OwnedFd,
    pub(super) checks: Vec<Check>,
}

pub(super) fn login(config: &Config) -> Result<Login, Error> {
    let start = Instant::now();
    let (session, socket) = known(config)?;
    let mut checks = vec![check("host key", "on record", start)];
    let start = Instant::now();
    let user = match &config.target.user {
        Some(user) => user.clone(),
        None => config.environment.text("USER").unwrap_or("root").to_owned(),
    };
    let how = authenticate(config, &session, &user)?;
    checks.push(check("logged in as", format!("{user} ({how})"), start));
    Ok(Login { session, socket, checks })
}

/// Connects until the server shows a host key that is on record.
fn known(config: &Config) -> Result<(Session, OwnedFd), Error> {
    let host = config.target.to_string();
    let files = known_hosts_files(&config.environment);
    let mut seen = None;
    for types in std::iter::once(None).chain(HOST_KEY_TYPES.map(Some)) {
        let (session, socket) = match handshake(config, types) {
            Ok(shaken) => shaken,
            // The server has no key of that type.
            Err(_) if types.is_some() => continue,
            Err(error) => return Err(error),
        };
        match on_record(&session, config, &files).map_err(|error| tunnel(&host, &error))? {
            CheckResult::Match => return Ok((session, socket)),
            result => {
                seen.get_or_insert(result);
            }
        }
    }
    let what = match seen {
        Some(CheckResult::Mismatch) => "is not the one on record in known_hosts; somebody may be in between",
        _ => "is not on record in known_hosts",
    };
    Err(Error::HostKey { host, what: what.into() })
}

fn handshake(config: &Config, types: Option<&str>) -> Result<(Session, OwnedFd), Error> {
    let target = &config.target;
    let failed = |why: String| Error::Tunnel {
        what: format!("to {target} could not be opened: {why}"),
        last_lines: LastLines::default(),
    };
    let stream = connect(&target.host, target.port).map_err(|error| failed(error.to_string()))?;
    let socket = stream.try_clone().map_err(|error| failed(error.to_string()))?;
    let shake = || {
        let mut session = Session::new()?;
        session.set_timeout(CALL_TIMEOUT_MS);
        if let Some(types) = types {
            session.method_pref(MethodType::HostKey, types)?;
        }
        session.set_tcp_stream(stream);
        session.handshake()?;
        Ok(session)
    };
    let session = shake().map_err(|error: ssh2::Error| failed(error.to_string()))?;
    Ok((session, socket.into()))
}

fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::other("the name has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn on_record(session: &Session, config: &Config, files: &[PathBuf]) -> Result<CheckResult, ssh2::Error> {
    let mut known = session.known_hosts()?;
    for file in files.iter().filter(|file| file.exists()) {
        known.read_file(file, KnownHostFileKind::OpenSSH)?;
    }
    Ok(match session.host_key() {
        Some((key, _)) => known.check_port(&config.target.host, config.target.port, key),
        None => CheckResult::Failure,
    })
}

fn known_hosts_files(env: &Environment) -> Vec<PathBuf> {
    let home = env.get("HOME").map(|home| Path::new(home).join(".ssh/known_hosts"));
    home.into_iter().chain([PathBuf::from("/etc/ssh/ssh_known_hosts")]).collect()
}

fn authenticate(config: &Config, session: &Session, user: &str) -> Result<String, Error> {
    let mut tried = Vec::new();
    let files: Vec<PathBuf> = match &config.identity {
        Some(file) => vec![file.clone()],
        None => {
            if config.environment.get("SSH_AUTH_SOCK").is_some() {
                match by_agent(session, user) {
                    Ok(key) => return Ok(format!("agent, {}", clean(&key, 60))),
                    Err(why) => tried.push(format!("agent: {why}")),
                }
            }
            let home = config.environment.get("HOME").map(|home| Path::new(home).join(".ssh"));
            home.map(|ssh| USUAL_KEYS.map(|key| ssh.join(key)).to_vec()).unwrap_or_default()
        }
    };
    for file in &files {
        if config.identity.is_none() && !file.exists() {
            continue;
        }
        match session.userauth_pubkey_file(user, None, file, None) {
            Ok(()) => return Ok(file.display().to_string()),
            Err(error) => tried.push(format!("{}: {error}", file.display())),
        }
    }
    let tried = if tried.is_empty() { "there is no key to try".to_owned() } else { tried.join("; ") };
    let detail = format!("no key of {user} was accepted ({tried})");
    Err(Error::NoKey { host: config.target.to_string(), detail })
}

fn by_agent(session: &Session, user: &str) -> Result<String, ssh2::Error> {
    let mut agent = session.agent()?;
    agent.connect()?;
    agent.list_identities()?;
    let mut refused = ssh2::Error::from_errno(ssh2::ErrorCode::Session(-18));
    for key in agent.identities()? {
        match agent.userauth(user, &key) {
            Ok(()) => return Ok(key.comment().to_owned()),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn check(what: &'static str, answer: impl Into<String>, since: Instant) -> Check {
    Check::new(what, answer, Source::Host, since.elapsed())
}

pub(super) fn tunnel(host: &str, error: &ssh2::Error) -> Error {
    Error::Tunnel {
        what: format!("to {host} could not be opened: {error}"),
        last_lines: LastLines::default(),
    }
}
