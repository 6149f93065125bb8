//! Names that go into URLs and command lines, checked where they enter.

use std::fmt;
use std::str::FromStr;

use crate::Error;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $also:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                if is_name(text, $also) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Error::InvalidName { what: $what, value: text.chars().take(80).collect() })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// An app's name, or its id.
    AppName, "app", "-"
}
name! {
    /// A dyno's name: `web.1`, `run.4859`, on Fir `web-6f8d9c7b5-x2l4q`.
    DynoName, "dyno", "-_."
}

/// Letters, digits and `also`; never a leading `-`, which a command line would take for a flag.
fn is_name(text: &str, also: &str) -> bool {
    (1..=80).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_anything_else_are_refused() {
        for good in ["myapp", "my-app-2", "01234567-89ab-cdef-0123-456789abcdef"] {
            assert_eq!(good.parse::<AppName>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "a/../b", "a b", "app?x", "app.1", "ä", &"a".repeat(81)] {
            assert!(bad.parse::<AppName>().is_err(), "{bad:?}");
        }
        assert!("web.1".parse::<DynoName>().is_ok());
        assert!("--dyno".parse::<DynoName>().is_err());
    }
}
