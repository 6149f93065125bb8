//! What is known of a process's inspector before anything is sent or connected.

use serde::Serialize;

use super::error::Error;
use super::process::NodeProcess;

/// What is known of a process's inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Inspector {
    /// Open: a hunt would use it, and leave it open.
    Open {
        /// On this port.
        port: u16,
        /// So many are connected to it; a hunt steps back from them.
        clients: u32,
    },
    /// Closed: a hunt would open it and close it again.
    Closed,
    /// Closed, and another process has the port that Node.js would want.
    PortTaken {
        /// The port.
        port: u16,
        /// The other process, where it runs Node.js.
        by: Option<u32>,
    },
    /// The process is gone.
    Gone,
}

impl Inspector {
    /// The one rule, for a hunt and for `leakhunt doctor`: nothing is sent where no inspector could open, and nobody is attached to
    /// where somebody else is.
    pub(crate) fn admits(self, target: &str, process: &NodeProcess) -> Result<(), Error> {
        let pid = process.pid;
        match self {
            Self::Open { clients: 0, .. } | Self::Closed => Ok(()),
            Self::Open { port, clients } => {
                Err(Error::Attached { target: target.to_owned(), pid, port, clients })
            }
            Self::PortTaken { port, by } => {
                Err(Error::NotOpened { pid, why: format!("{}; nothing was signalled", port_taken(port, by)) })
            }
            Self::Gone => Err(Error::gone_before()),
        }
    }
}

pub(crate) fn port_taken(port: u16, by: Option<u32>) -> String {
    let holder = by.map_or_else(|| "another program".to_owned(), |pid| format!("process {pid}"));
    format!("{holder} listens on its port {port}")
}
