//! How a place is reached in which a command can be run.

use std::sync::Arc;
use std::time::Instant;

use super::docker::{self, Docker};
use super::fly::{self, Fly};
use super::kubectl::{self, Kubectl};
use super::life::{Life, PlaceEnd};
use super::template::{ExecTemplate, ForwardTemplate};
use crate::findings::{Check, Findings, Source};
use crate::output::Recognise;
use crate::tail::clean;
use crate::{Environment, Error};

const HINT: &str = "install it, or name it by its path";
/// A template in words; whole it stands in the audit.
const SHOWN: usize = 80;

/// Which place.
#[derive(Debug, Clone)]
pub struct Config {
    /// By what.
    pub tool: Tool,
    /// What the commands get: PATH, and whatever their tool reads.
    pub environment: Environment,
}

/// What runs the commands there. All that differs from one tool to another is asked here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tool {
    /// A command of one's own.
    Command {
        /// How a command is run there.
        exec: ExecTemplate,
        /// How a connection is made there, where it is not a relay that a command starts.
        forward: Option<ForwardTemplate>,
    },
    /// What runs a container.
    Docker(Docker),
    /// What runs a pod.
    Kubectl(Kubectl),
    /// What runs a machine of Fly.io.
    Fly(Fly),
}

impl Tool {
    /// How a command is run there.
    pub(super) fn exec(&self) -> ExecTemplate {
        match self {
            Self::Command { exec, .. } => exec.clone(),
            Self::Docker(docker) => docker.template(),
            Self::Kubectl(kubectl) => kubectl.template(),
            Self::Fly(fly) => fly.template(),
        }
    }

    /// How a connection is made there, where it is no relay.
    pub(super) fn forward(&self) -> Option<&ForwardTemplate> {
        match self {
            Self::Command { forward, .. } => forward.as_ref(),
            Self::Docker(_) | Self::Kubectl(_) | Self::Fly(_) => None,
        }
    }

    /// Does its exec change nothing, and fail where the place is not up? As far as that was tried.
    pub(super) fn can_be_entered_unasked(&self) -> bool {
        matches!(self, Self::Docker(_) | Self::Kubectl(_))
    }

    /// The place in words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Command { exec, .. } => {
                format!("`{}`", clean(&leakhunt_text::cut(&exec.to_string()), SHOWN))
            }
            Self::Docker(docker) => format!("container {}", docker.container),
            Self::Kubectl(kubectl) => kubectl.describe(),
            Self::Fly(fly) => fly.describe(),
        }
    }

    /// What is known of what it prints.
    pub(super) fn recognise(&self) -> Recognise {
        match self {
            Self::Command { .. } => Arc::new(|_: &str| None),
            Self::Docker(docker) => docker::recognise(docker),
            Self::Kubectl(kubectl) => kubectl::recognise(kubectl),
            Self::Fly(fly) => fly::recognise(fly),
        }
    }

    /// Whether the programs are there, and what the tool says of the place: no life, where it knows of none.
    pub(super) async fn survey(&self, environment: &Environment) -> Result<Findings<Option<Life>>, Error> {
        let found = match self {
            Self::Command { exec, forward } => {
                return programs(exec, forward.as_ref(), environment);
            }
            Self::Docker(docker) => docker::survey(docker, environment).await?,
            Self::Kubectl(kubectl) => kubectl::survey(kubectl, environment).await?,
            Self::Fly(fly) => fly::survey(fly, environment).await?,
        };
        let Findings { facts, checks, warnings, refusals, took } = found;
        Ok(Findings { facts: Some(facts), checks, warnings, refusals, took })
    }

    /// How this life of the place ended, if it did.
    pub(super) async fn ended(
        &self,
        before: &Life,
        environment: &Environment,
    ) -> Result<Option<PlaceEnd>, Error> {
        match self {
            Self::Command { .. } => Ok(None),
            Self::Docker(docker) => docker::ended(docker, before, environment).await,
            Self::Kubectl(kubectl) => kubectl::ended(kubectl, before, environment).await,
            Self::Fly(fly) => fly::ended(fly, before, environment).await,
        }
    }
}

fn programs(
    exec: &ExecTemplate,
    forward: Option<&ForwardTemplate>,
    environment: &Environment,
) -> Result<Findings<Option<Life>>, Error> {
    let start = Instant::now();
    let mut checks = vec![find("program", exec.program(), environment)?];
    if let Some(forward) = forward {
        checks.push(find("forward", forward.program(), environment)?);
    }
    let took = start.elapsed();
    Ok(Findings { facts: None, checks, warnings: Vec::new(), refusals: Vec::new(), took })
}

fn find(what: &'static str, program: &str, environment: &Environment) -> Result<Check, Error> {
    let start = Instant::now();
    let found = which::which_in(program, environment.get("PATH"), ".").map_err(|_| Error::ToolMissing {
        tool: clean(program, SHOWN).into(),
        path: program.contains('/').then(|| program.into()),
        hint: HINT,
    })?;
    Ok(Check::new(what, found.display().to_string(), Source::Host, start.elapsed()))
}
