//! What was found out about a host before anything was done there.

use std::time::Duration;

use crate::Error;
use crate::exec::Life;
use crate::findings::{Check, Findings};
use crate::heroku::HerokuFacts;

/// The findings of a preflight.
#[derive(Debug)]
pub struct Preflight {
    /// The host in words: "web.1 of myapp".
    pub target: String,
    /// What is known of this kind of host.
    pub platform: Platform,
    /// What was asked, in the order in which it was answered.
    pub checks: Vec<Check>,
    /// What went otherwise than it should, and was got over.
    pub warnings: Vec<String>,
    /// What stands against a hunt; empty after [`Preflight::go`].
    pub refusals: Vec<Error>,
    /// How long it all took.
    pub took: Duration,
}

/// What is known of a host, by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Platform {
    /// A place in which a command can be run, and its life, where whatever runs it knows of one: a container's, a pod's, a machine's.
    Exec(Option<Life>),
    /// A dyno.
    Heroku(Box<HerokuFacts>),
    /// This machine.
    Local,
    /// A machine reached by SSH, with its version string.
    Ssh {
        /// The server's banner, `SSH-2.0-OpenSSH_9.6`.
        server: String,
    },
}

impl Preflight {
    pub(crate) fn new<F>(target: String, found: Findings<F>, platform: impl FnOnce(F) -> Platform) -> Self {
        let Findings { facts, checks, warnings, refusals, took } = found;
        Self { target, platform: platform(facts), checks, warnings, refusals, took }
    }

    /// Go or no-go: the findings, or the first refusal.
    ///
    /// # Errors
    /// The refusal an operator should deal with first.
    pub fn go(mut self) -> Result<Self, Error> {
        if self.refusals.is_empty() { Ok(self) } else { Err(self.refusals.swap_remove(0)) }
    }
}

impl Platform {
    /// Does somebody keep count of how it ends?
    pub fn tells_its_end(&self) -> bool {
        matches!(self, Self::Heroku(_) | Self::Exec(Some(_)))
    }

    /// The dyno's facts, when it is one.
    pub fn heroku(&self) -> Option<&HerokuFacts> {
        match self {
            Self::Heroku(facts) => Some(facts),
            Self::Exec(_) | Self::Local | Self::Ssh { .. } => None,
        }
    }
}
