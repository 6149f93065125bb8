//! What was asked about a host, and who answered.

use std::fmt;
use std::time::Duration;

use crate::Error;

/// What a kind of host finds out about one before anything is done there.
pub(crate) struct Findings<Facts> {
    pub(crate) facts: Facts,
    pub(crate) checks: Vec<Check>,
    pub(crate) warnings: Vec<String>,
    pub(crate) refusals: Vec<Error>,
    pub(crate) took: Duration,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was asked.
    pub what: &'static str,
    /// The answer, fit to be shown.
    pub answer: String,
    /// Who answered.
    pub source: Source,
    /// How long it took. Questions that were asked side by side overlap.
    pub took: Duration,
}

/// Who answered a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The platform's HTTP API.
    Api,
    /// A command of the platform's CLI.
    Cli,
    /// The `package.json` beside the CLI.
    PackageJson,
    /// What runs a container.
    Engine,
    /// The host itself.
    Host,
}

impl Check {
    pub(crate) fn new(what: &'static str, answer: impl Into<String>, source: Source, took: Duration) -> Self {
        Self { what, answer: answer.into(), source, took }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Api => "Platform API",
            Self::Cli => "heroku",
            Self::PackageJson => "package.json",
            Self::Engine => "engine",
            Self::Host => "host",
        })
    }
}
