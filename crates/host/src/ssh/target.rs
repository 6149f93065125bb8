//! `[USER@]HOST[:PORT]`, or the same as an `ssh://` address, checked where it enters.

use std::fmt;
use std::str::FromStr;

use crate::{Error, LastLines};

/// Whom to reach where. An IPv6 address with a port is written in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SshTarget {
    /// The user; where none is named, the one that ssh's configuration says, else the local one.
    pub user: Option<String>,
    /// A host name, an address, or a `Host` of ssh's configuration.
    pub host: String,
    /// The port; where none is named, the one that ssh's configuration says, else 22.
    pub port: Option<u16>,
}

impl SshTarget {
    /// As `ssh` takes it: `-p 2222 me@there`.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(port) = self.port {
            arguments.extend(["-p".to_owned(), port.to_string()]);
        }
        let user = self.user.as_ref().map_or_else(String::new, |user| format!("{user}@"));
        arguments.push(format!("{user}{}", self.host));
        arguments
    }

    /// The way there could not be opened.
    pub(super) fn unopened(&self, why: impl fmt::Display) -> Error {
        let what = format!("to {self} could not be opened: {why}");
        Error::Tunnel { what, last_lines: LastLines::default() }
    }
}

impl FromStr for SshTarget {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidName { what: "host", value: text.chars().take(80).collect() };
        let address = text.strip_prefix("ssh://").map(|address| address.strip_suffix('/').unwrap_or(address));
        let text = address.unwrap_or(text);
        let (user, rest) = text.rsplit_once('@').map_or((None, text), |(user, rest)| (Some(user), rest));
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => match rest.split_once(']').ok_or_else(invalid)? {
                (host, "") => (host, None),
                (host, after) => (host, Some(after.strip_prefix(':').ok_or_else(invalid)?)),
            },
            // More than one colon without brackets is an IPv6 address.
            None if rest.matches(':').count() == 1 => {
                let (host, port) = rest.split_once(':').ok_or_else(invalid)?;
                (host, Some(port))
            }
            None => (rest, None),
        };
        let word = |text: &str, also: &str| {
            (1..=255).contains(&text.len())
                && !text.starts_with('-')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
        };
        let port =
            port.map(|port| port.parse().ok().filter(|port| *port > 0).ok_or_else(invalid)).transpose()?;
        if !word(host, "-_.:%") || !user.is_none_or(|user| word(user, "-_.+$\\@")) {
            return Err(invalid());
        }
        Ok(Self { user: user.map(str::to_owned), host: host.to_owned(), port })
    }
}

impl fmt::Display for SshTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match (self.host.contains(':'), self.port) {
            (_, None) => f.write_str(&self.host),
            (false, Some(port)) => write!(f, "{}:{port}", self.host),
            (true, Some(port)) => write!(f, "[{}]:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(Option<&str>, &str, Option<u16>)>) {
        let target: Option<SshTarget> = text.parse().ok();
        let read = target.as_ref().map(|t| (t.user.as_deref(), t.host.as_str(), t.port));
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn targets_are_read() {
        check("host", Some((None, "host", None)));
        check("deploy@10.0.0.7:2222", Some((Some("deploy"), "10.0.0.7", Some(2222))));
        check("[::1]:2222", Some((None, "::1", Some(2222))));
        check("[::1]", Some((None, "::1", None)));
        check("me@fe80::1", Some((Some("me"), "fe80::1", None)));
        check("ssh://me@there:2222/", Some((Some("me"), "there", Some(2222))));
        check("ssh://there", Some((None, "there", None)));
        for bad in [
            "",
            "-oProxyCommand=x",
            "host:0",
            "host:99999",
            "a b",
            "host:",
            "me@",
            "[::1",
            "[::1]2",
            "h;x",
            "-u@h",
            "ssh://",
            "http://there",
        ] {
            check(bad, None);
        }
        let target: SshTarget = "me@[::1]:2222".parse().unwrap();
        assert_eq!(target.to_string(), "me@[::1]:2222");
        assert_eq!(target.arguments().join(" "), "-p 2222 me@::1");
    }
}
