//! How a place is reached in which a command can be run.

use super::docker::Docker;
use super::template::{ExecTemplate, ForwardTemplate};
use crate::Environment;

/// Which place.
#[derive(Debug, Clone)]
pub struct Config {
    /// By what.
    pub tool: Tool,
    /// What the commands get: PATH, and whatever their tool reads.
    pub environment: Environment,
}

/// What runs the commands there.
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
}

impl Tool {
    /// How a command is run there.
    pub(super) fn exec(&self) -> ExecTemplate {
        match self {
            Self::Command { exec, .. } => exec.clone(),
            Self::Docker(docker) => docker.template(),
        }
    }

    /// How a connection is made there, where it is no relay.
    pub(super) fn forward(&self) -> Option<&ForwardTemplate> {
        match self {
            Self::Command { forward, .. } => forward.as_ref(),
            Self::Docker(_) => None,
        }
    }
}
