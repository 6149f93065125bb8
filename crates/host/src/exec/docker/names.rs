//! Containers, and what runs them, by their names.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// A container's name or id, as Docker allows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerName(String);

impl ContainerName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContainerName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let valid = text.len() <= 255
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(fits);
        match valid {
            true => Ok(Self(text.to_owned())),
            false => Err(Error::InvalidName { what: "container", value: text.to_owned() }),
        }
    }
}

impl fmt::Display for ContainerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose command line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// Docker's own.
    #[default]
    Docker,
    /// Podman's.
    Podman,
    /// That of containerd.
    Nerdctl,
}

impl Engine {
    /// The program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Nerdctl => "nerdctl",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

impl FromStr for Engine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Docker, Self::Podman, Self::Nerdctl]
            .into_iter()
            .find(|engine| engine.program() == text)
            .ok_or_else(|| Error::InvalidName { what: "engine", value: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_docker_takes() {
        for good in ["shop", "shop_web.1-a", "06db4dd63c9f", "7"] {
            assert_eq!(good.parse::<ContainerName>().unwrap().to_string(), good);
        }
        for bad in ["", "-it", "--privileged", "a b", "a/b", "a;b", "_a", "é", &"x".repeat(256)] {
            assert!(bad.parse::<ContainerName>().is_err(), "{bad}");
        }
    }
}
