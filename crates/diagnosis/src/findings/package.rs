//! A package, and a leak of one that is known.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A package under `node_modules`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, where the hunt has read it.
    pub version: Option<String>,
    /// The package that the program itself requires, if it is another one that brings this one along.
    pub through: Option<Through>,
}

/// A package through which the program has another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Through {
    /// Its name.
    pub name: String,
    /// Its version, where the hunt has read it.
    pub version: Option<String>,
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |name: &str, version: &Option<String>| match version {
            Some(version) => format!("{name} {version}"),
            None => name.to_owned(),
        };
        f.write_str(&named(&self.name, &self.version))?;
        match &self.through {
            Some(Through { name, version }) => write!(f, " (through {})", named(name, version)),
            None => Ok(()),
        }
    }
}

/// A leak that others have found and mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownLeak {
    /// The package in which it was mended, or `node`.
    pub package: String,
    /// The first version without it.
    pub fixed_in: String,
    /// Where it is told of.
    pub link: String,
}
