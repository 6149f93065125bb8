//! What is known of a dyno, its app and the CLI.

use super::quota::Quota;
use super::version::CliVersion;

/// A dyno, its app and the CLI, as they were before a hunt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HerokuFacts {
    /// The version of the Heroku CLI on this machine.
    pub cli_version: CliVersion,
    /// The app's name, as the platform gives it.
    pub app: String,
    /// The app's id.
    pub app_id: Option<String>,
    /// The dyno.
    pub dyno: String,
    /// The platform's word for its state: `up`, `starting`, `crashed`, `idle`; `None` when there is no such dyno.
    pub dyno_state: Option<String>,
    /// Its size: `Eco`, `Standard-1X`, `Performance-M`.
    pub dyno_size: Option<String>,
    /// Since when it is in that state, as the platform writes it.
    pub dyno_since: Option<String>,
    /// The release that it runs.
    pub release: Option<u64>,
    /// The generation of the platform that runs it.
    pub generation: Generation,
    /// The Private Space it runs in.
    pub space: Option<Space>,
    /// The region, `us` say.
    pub region: Option<String>,
    /// The stack, `heroku-24` say.
    pub stack: Option<String>,
    /// Whether Heroku Exec is on.
    pub exec_enabled: bool,
    /// Whose token it is, where the API was asked.
    pub logged_in_as: Option<String>,
    /// What the dyno's runtime metrics call its memory quota, bytes; looked up where its size is not known here.
    pub metered_quota: Option<u64>,
}

impl HerokuFacts {
    /// The memory that the dyno may use.
    pub fn memory_quota(&self) -> Quota {
        Quota::of(self.dyno_size.as_deref(), self.metered_quota)
    }
}

/// A generation of Heroku's platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Generation {
    /// The one with Heroku Exec.
    Cedar,
    /// The one without.
    Fir,
    /// One that is not known here, by its name.
    Other(String),
}

/// A Private Space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// Its name.
    pub name: String,
    /// Whether it is a Shield space.
    pub shield: bool,
}
