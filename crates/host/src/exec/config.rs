//! How a place is reached in which a command can be run.

use super::template::{ExecTemplate, ForwardTemplate};
use crate::Environment;

/// Which place.
#[derive(Debug, Clone)]
pub struct Config {
    /// How a command is run there.
    pub exec: ExecTemplate,
    /// How a connection is made there, where it is not a relay that a command starts.
    pub forward: Option<ForwardTemplate>,
    /// What the commands get: PATH, and whatever their tool reads.
    pub environment: Environment,
}
