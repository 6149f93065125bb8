//! How a machine behind SSH is to be reached.

use std::path::PathBuf;

use super::passphrase::Passphrases;
use super::target::SshTarget;
use crate::Environment;

/// Which machine, and how.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whom and where.
    pub target: SshTarget,
    /// The private key, when it is not one that ssh's configuration, the agent or the usual files have.
    pub identity: Option<PathBuf>,
    /// ssh's configuration, when it is not the user's and the machine's.
    pub config_file: Option<PathBuf>,
    /// How connections to a port are carried.
    pub forward: Forwarding,
    /// Those of the private keys.
    pub passphrases: Passphrases,
    /// The caller's environment: HOME for keys and `known_hosts`, USER, SSH_AUTH_SOCK, PATH for `ssh`.
    pub environment: Environment,
}

/// How a connection to a port there is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forwarding {
    /// By SSH itself, or by a command where the server forbids that.
    #[default]
    Auto,
    /// By SSH itself, as `ssh -L` does it: a `direct-tcpip` channel to the port.
    Tcp,
    /// By a command there that connects to the port: a relay.
    Exec,
}
