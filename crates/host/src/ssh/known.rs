//! Is it the machine that it is said to be? Its host key is looked for in the `known_hosts` that ssh's configuration names.
//!
//! An unknown key is refused, for there is nobody to ask, unless that configuration takes new keys (`StrictHostKeyChecking`); one
//! that has changed is always refused. A server has several keys and `known_hosts` often only one of them, so when the key
//! that was negotiated is not on record the others are asked for in turn before the host is refused.

use ssh2::{CheckResult, KnownHostFileKind, Session};

use super::settings::Settings;
use crate::Error;

const HOST_KEY_TYPES: [&str; 5] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512,rsa-sha2-256",
];

/// Connects until the server shows a host key that is on record. Gives what the connection came with, and how the key is known, in
/// words.
pub(super) fn connect<T>(
    to: &Settings,
    ssh: &str,
    mut connect: impl FnMut(Option<&str>) -> Result<(Session, T), Error>,
) -> Result<(Session, T, String), Error> {
    let mut first = None;
    for types in std::iter::once(None).chain(HOST_KEY_TYPES.map(Some)) {
        let (session, with) = match connect(types) {
            Ok(connected) => connected,
            // The server has no key of that type.
            Err(_) if types.is_some() => continue,
            Err(error) => return Err(error),
        };
        let result = on_record(&session, to).map_err(|error| to.target.unopened(error))?;
        if matches!(result, CheckResult::Match) {
            return Ok((session, with, "on record".to_owned()));
        }
        first.get_or_insert((session, with, result));
    }
    let refused =
        |what: &str| Error::HostKey { host: to.target.to_string(), what: what.into(), ssh: ssh.into() };
    match (first, &to.takes_new_keys) {
        (Some((.., CheckResult::Mismatch)), _) => {
            Err(refused("is not the one on record in known_hosts; somebody may be in between"))
        }
        (Some((session, with, _)), Some(says)) => {
            let how = format!("on no record, and taken as it is (StrictHostKeyChecking {says})");
            Ok((session, with, how))
        }
        _ => Err(refused("is not on record in known_hosts")),
    }
}

fn on_record(session: &Session, to: &Settings) -> Result<CheckResult, ssh2::Error> {
    let mut known = session.known_hosts()?;
    for file in to.known_hosts.iter().filter(|file| file.exists()) {
        known.read_file(file, KnownHostFileKind::OpenSSH)?;
    }
    let (host, port) = to.record();
    Ok(match session.host_key() {
        Some((key, _)) => known.check_port(host, port, key),
        None => CheckResult::Failure,
    })
}
