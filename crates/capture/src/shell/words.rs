//! The words of a line from the far end, read as hostile text.

use std::collections::HashMap;

use crate::data::Listener;

/// A line of the far end that is not what the script prints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the far end's answer cannot be read at \"{word}\"")]
pub(crate) struct Unreadable {
    /// The word in question, cut short.
    pub word: String,
}

/// The `name=value` words of one line.
pub(super) struct Words<'a>(HashMap<&'a str, &'a str>);

impl<'a> Words<'a> {
    /// Splits a line.
    pub(super) fn of(line: &'a str) -> Result<Self, Unreadable> {
        line.split_whitespace()
            .map(|word| word.split_once('=').ok_or_else(|| unreadable(word)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The value of a word that must be there.
    pub(super) fn word(&self, name: &str) -> Result<&'a str, Unreadable> {
        self.0.get(name).copied().ok_or_else(|| unreadable(name))
    }

    pub(super) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<N, Unreadable> {
        let word = self.word(name)?;
        word.parse().map_err(|_| unreadable(word))
    }

    /// A number, or `-` for one that the far end does not know.
    pub(super) fn optional(&self, name: &str) -> Result<Option<u64>, Unreadable> {
        match self.word(name)? {
            "-" => Ok(None),
            _ => self.number(name).map(Some),
        }
    }

    /// `LIMIT/USED` in bytes and kilobytes, as /proc has them, or `-` where there is no limit.
    pub(super) fn limited(&self, name: &str) -> Result<Option<(u64, u64)>, Unreadable> {
        let word = self.word(name)?;
        if word == "-" {
            return Ok(None);
        }
        let (limit, used) = word.split_once('/').ok_or_else(|| unreadable(word))?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| unreadable(word));
        Ok(Some((number(limit)?, number(used)?.saturating_mul(1024))))
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Unreadable> {
        self.number::<u8>(name).map(|flag| flag == 1)
    }

    pub(super) fn text(&self, name: &str) -> Result<String, Unreadable> {
        unhex(self.word(name)?)
    }
}

pub(super) fn unhex(word: &str) -> Result<String, Unreadable> {
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let bytes = word
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| unreadable(word))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub(super) fn unreadable(word: &str) -> Unreadable {
    Unreadable { word: word.chars().take(60).flat_map(char::escape_default).collect() }
}

/// `lo:9229,any:3000`, or `-` for none.
pub(super) fn listeners(word: &str) -> Result<Vec<Listener>, Unreadable> {
    if word == "-" {
        return Ok(Vec::new());
    }
    let mut ports = word
        .split(',')
        .map(|listener| {
            let (on, port) = listener.split_once(':').ok_or_else(|| unreadable(listener))?;
            let port = port.parse().map_err(|_| unreadable(listener))?;
            Ok(Listener { port, loopback: on == "lo" })
        })
        .collect::<Result<Vec<_>, _>>()?;
    // A port that listens on IPv4 and IPv6 is one port; exposed if either is.
    ports.sort_by_key(|listener| (listener.port, listener.loopback));
    ports.dedup_by_key(|listener| listener.port);
    Ok(ports)
}
