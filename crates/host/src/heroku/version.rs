//! The version of a Heroku CLI.

use std::fmt;

/// A version of the Heroku CLI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CliVersion {
    /// 8 to 11 are known.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl CliVersion {
    /// Reads `11.10.0`, with or without what a pre-release appends.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split(['-', '+']).next()?.split('.').map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self { major: next()?, minor: next()?, patch: next()? })
    }
}

impl fmt::Display for CliVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let version = |major, minor, patch| Some(CliVersion { major, minor, patch });
        assert_eq!(CliVersion::read("11.10.0"), version(11, 10, 0));
        assert_eq!(CliVersion::read("8.7.1-beta.2"), version(8, 7, 1));
        assert_eq!(CliVersion::read("11"), None);
        assert_eq!(CliVersion::read(""), None);
    }
}
