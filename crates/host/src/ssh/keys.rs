//! Which private key a machine takes: one of the agent's, one in a file, one in a file that has a passphrase, in this order.
//!
//! Only what lies open is tried without asking anybody. The agent is asked first, as ssh does; where the configuration or the command
//! line says which keys those are (`IdentitiesOnly`, `--identity`), only for them.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ssh2::{ErrorCode, Session};

use super::config::Config;
use super::passphrase::Tried;
use super::settings::{Agent, Settings, public_half};
use crate::Error;
use crate::tail::clean;

/// libssh2's words for a key that cannot be read (LIBSSH2_ERROR_FILE, LIBSSH2_ERROR_KEYFILE_AUTH_FAILED), as by a wrong passphrase.
const UNREADABLE: [i32; 2] = [-16, -48];
/// An OpenSSH key without a passphrase begins so: the name of the cipher, "none", is the first thing in it.
const OPENSSH_OPEN: &str = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";

/// Gives how it was logged in, in words.
pub(super) fn authenticate(
    config: &Config,
    to: &Settings,
    ssh: &str,
    session: &Session,
) -> Result<String, Error> {
    let mut tried = Vec::new();
    match by_agent(config, to, session) {
        Ok(Some(key)) => return Ok(format!("agent, {}", clean(&key, 60))),
        Ok(None) => {}
        Err(why) => tried.push(format!("agent: {why}")),
    }
    let private = to.identities.iter().filter(|file| **file != public_half(file) && file.exists());
    let (locked, open): (Vec<&PathBuf>, _) = private.partition(|file| has_passphrase(file));
    for file in open {
        match session.userauth_pubkey_file(&to.user, None, file, None) {
            Ok(()) => return Ok(file.display().to_string()),
            Err(error) => tried.push(format!("{}: {error}", file.display())),
        }
    }
    for file in locked {
        match by_passphrase(config, to, session, file) {
            Ok(Some(())) => return Ok(file.display().to_string()),
            Ok(None) => tried.push(format!("{} has a passphrase", file.display())),
            Err(error) => tried.push(format!("{}: {error}", file.display())),
        }
    }
    let tried = if tried.is_empty() { "there is no key to try".to_owned() } else { tried.join("; ") };
    let detail = format!("no key of {} was accepted ({tried})", to.user);
    Err(Error::NoKey { host: to.target.to_string(), detail, ssh: ssh.to_owned() })
}

/// `None` where there is no agent that may help.
fn by_agent(config: &Config, to: &Settings, session: &Session) -> Result<Option<String>, ssh2::Error> {
    let socket = match &to.agent {
        Agent::None => return Ok(None),
        Agent::At(socket) => socket.clone(),
        Agent::Usual => match config.environment.get("SSH_AUTH_SOCK") {
            Some(socket) => PathBuf::from(socket),
            None => return Ok(None),
        },
    };
    let mut agent = session.agent()?;
    agent.set_identity_path(&socket)?;
    agent.connect()?;
    agent.list_identities()?;
    let only: Option<Vec<String>> =
        to.identities_only.then(|| to.identities.iter().filter_map(|file| public_key(file)).collect());
    let mut refused = None;
    for key in agent.identities()? {
        if only.as_ref().is_some_and(|only| !only.iter().any(|known| *known == STANDARD.encode(key.blob()))) {
            continue;
        }
        match agent.userauth(&to.user, &key) {
            Ok(()) => return Ok(Some(key.comment().to_owned())),
            Err(error) => refused = Some(error),
        }
    }
    refused.map_or(Ok(None), Err)
}

/// `None` where nobody knows a passphrase that is right.
fn by_passphrase(
    config: &Config,
    to: &Settings,
    session: &Session,
    file: &Path,
) -> Result<Option<()>, ssh2::Error> {
    config.passphrases.open(file, |passphrase| {
        match session.userauth_pubkey_file(&to.user, None, file, Some(passphrase)) {
            Ok(()) => Ok(Tried::Right(())),
            Err(error) => match error.code() {
                ErrorCode::Session(code) if UNREADABLE.contains(&code) => Ok(Tried::Wrong),
                _ => Err(error),
            },
        }
    })
}

/// Does it have to be unlocked first? A file that cannot be read is said to be open, so that the reason comes to light.
fn has_passphrase(file: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(file) else { return false };
    let mut lines = text.lines().map(str::trim);
    match lines.next() {
        Some("-----BEGIN OPENSSH PRIVATE KEY-----") => {
            lines.next().is_some_and(|first| !first.starts_with(OPENSSH_OPEN))
        }
        Some("-----BEGIN ENCRYPTED PRIVATE KEY-----") => true,
        Some(_) => lines.next().is_some_and(|first| first.starts_with("Proc-Type: 4,ENCRYPTED")),
        None => false,
    }
}

/// The public half, as it stands in its file.
fn public_key(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(public_half(file)).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}
