//! `[USER@]HOST[:PORT]`, checked where it enters.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// Whom to reach where. An IPv6 address with a port is written in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SshTarget {
    /// The user; the local one where none is named.
    pub user: Option<String>,
    /// A host name or an address.
    pub host: String,
    /// The port, 22 where none is named.
    pub port: u16,
}

impl FromStr for SshTarget {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidName { what: "host", value: text.chars().take(80).collect() };
        let (user, rest) = text.rsplit_once('@').map_or((None, text), |(user, rest)| (Some(user), rest));
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']').ok_or_else(invalid)?;
                (
                    host,
                    after
                        .strip_prefix(':')
                        .or_else(|| after.is_empty().then_some("22"))
                        .ok_or_else(invalid)?,
                )
            }
            // More than one colon without brackets is an IPv6 address.
            None if rest.matches(':').count() == 1 => rest.split_once(':').ok_or_else(invalid)?,
            None => (rest, "22"),
        };
        let word = |text: &str, also: &str| {
            (1..=255).contains(&text.len())
                && !text.starts_with('-')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
        };
        let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(invalid)?;
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
            (false, 22) => f.write_str(&self.host),
            (false, port) => write!(f, "{}:{port}", self.host),
            (true, port) => write!(f, "[{}]:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(Option<&str>, &str, u16)>) {
        let target: Option<SshTarget> = text.parse().ok();
        let read = target.as_ref().map(|t| (t.user.as_deref(), t.host.as_str(), t.port));
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn targets_are_read() {
        check("host", Some((None, "host", 22)));
        check("deploy@10.0.0.7:2222", Some((Some("deploy"), "10.0.0.7", 2222)));
        check("[::1]:2222", Some((None, "::1", 2222)));
        check("me@fe80::1", Some((Some("me"), "fe80::1", 22)));
        for bad in
            ["", "-oProxyCommand=x", "host:0", "host:99999", "a b", "host:", "me@", "[::1", "h;x", "-u@h"]
        {
            check(bad, None);
        }
        assert_eq!("me@[::1]:2222".parse::<SshTarget>().unwrap().to_string(), "me@[::1]:2222");
    }
}
