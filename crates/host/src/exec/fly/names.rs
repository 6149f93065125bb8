//! Apps and machines of Fly.io by their names, and the program by which they are reached.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// An app's name, or a machine's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlyName(String);

impl FlyName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FlyName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let valid = text.len() <= 63 && text.starts_with(plain) && text.chars().all(|c| plain(c) || c == '-');
        match valid {
            true => Ok(Self(text.to_owned())),
            false => Err(Error::InvalidName { what: "Fly.io app or machine", value: text.to_owned() }),
        }
    }
}

impl fmt::Display for FlyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// By which of its two names flyctl is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FlyProgram {
    /// `flyctl`.
    #[default]
    Flyctl,
    /// `fly`.
    Fly,
}

impl FlyProgram {
    /// All of them, in the order in which they are looked for: `fly` is also the name of another tool's command line.
    pub(super) const ALL: [Self; 2] = [Self::Flyctl, Self::Fly];

    /// The program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Flyctl => "flyctl",
            Self::Fly => "fly",
        }
    }
}

impl fmt::Display for FlyProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

impl FromStr for FlyProgram {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|one| one.program() == text)
            .ok_or_else(|| Error::InvalidName { what: "flyctl", value: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_fly_takes() {
        for good in ["shop", "shop-web-1", "3d8d9014b32d68", "7"] {
            assert_eq!(good.parse::<FlyName>().unwrap().to_string(), good);
        }
        for bad in ["", "-a", "--select", "Shop", "a b", "a/b", "a;b", "a_b", "é", &"x".repeat(64)] {
            assert!(bad.parse::<FlyName>().is_err(), "{bad}");
        }
        assert!("sh".parse::<FlyProgram>().is_err());
    }
}
