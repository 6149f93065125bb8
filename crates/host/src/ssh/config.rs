//! How a machine behind SSH is to be reached.

use std::path::PathBuf;

use super::target::SshTarget;
use crate::Environment;

/// Which machine, and with which key.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whom and where.
    pub target: SshTarget,
    /// The private key, when it is not the agent's or one of the usual files.
    pub identity: Option<PathBuf>,
    /// The caller's environment: HOME for keys and `known_hosts`, USER, SSH_AUTH_SOCK.
    pub environment: Environment,
}
