//! What the servers of a rig share: who the app is, what goes wrong, who called.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::watch;

use crate::Dyno;
use crate::entrance::{Commands, Pacer};
use crate::fault::Switches;
use crate::inside::Inside;
use crate::logs::Logs;

/// The state of one loopback Heroku.
pub(crate) struct World {
    pub(crate) app_name: String,
    pub(crate) app_id: String,
    pub(crate) account_id: String,
    pub(crate) token: String,
    pub(crate) created_at: jiff::Timestamp,
    /// The number of the release that the dynos run.
    pub(crate) release: AtomicU64,
    pub(crate) host_public_key: String,
    pub(crate) faults: Switches,
    /// Told whenever a fault is set or cleared.
    pub(crate) fault_changes: watch::Sender<()>,
    pub(crate) tunnels: Commands,
    pub(crate) pacer: Pacer,
    pub(crate) audit: Audit,
    pub(crate) logs: Arc<Logs>,
    pub(crate) log_sessions: LogSessions,
    /// Where its app is of the Fir generation.
    pub(crate) inside: Option<Inside>,
    pub(crate) api: OnceLock<SocketAddr>,
    pub(crate) dynos: Mutex<Vec<Dyno>>,
}

impl World {
    pub(crate) fn dynos(&self) -> Vec<Dyno> {
        self.dynos.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn dyno(&self, name: &str) -> Option<Dyno> {
        self.dynos().into_iter().find(|dyno| dyno.name() == name)
    }

    /// A dyno's name as the platform gives it: on Fir one of its boot.
    pub(crate) fn name_of(&self, dyno: &Dyno) -> String {
        match (&self.inside, dyno.name().split_once('.')) {
            (Some(_), Some((of, number))) => format!("{of}-848cd4f64d-p{number}x{}", dyno.boots()),
            _ => dyno.name().to_owned(),
        }
    }

    pub(crate) fn api_url(&self) -> String {
        self.api.get().map(|address| format!("http://{address}")).unwrap_or_default()
    }
}

/// The connections by which the log is followed.
#[derive(Debug, Default)]
pub(crate) struct LogSessions {
    /// How many were opened.
    pub(crate) streams: AtomicU64,
    /// Sessions with a lower number are over.
    pub(crate) first: AtomicU64,
    /// Changes where all connections are cut.
    pub(crate) cuts: watch::Sender<u64>,
}

/// A call that the platform received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// To the Platform API.
    Api {
        /// The HTTP method.
        method: String,
        /// The path, without the query.
        path: String,
    },
    /// To the exec-manager.
    Exec {
        /// The HTTP method.
        method: String,
        /// The path.
        path: String,
    },
    /// A connection to the SSH entrance of a dyno.
    Tunnel {
        /// The dyno's name.
        dyno: String,
    },
}

impl Call {
    /// Whether the call could change anything on a real platform; reading and tunnels do not.
    pub fn changes(&self) -> bool {
        // Making a log session is how the API lets one read.
        matches!(self, Self::Api { method, path } if method != "GET" && !path.ends_with("/log-sessions"))
    }
}

/// Every call, in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Audit(Mutex<Vec<Call>>);

impl Audit {
    pub(crate) fn api(&self, method: &str, path: &str) {
        self.calls().push(Call::Api { method: method.to_owned(), path: path.to_owned() });
    }

    pub(crate) fn exec(&self, method: &str, path: &str) {
        self.calls().push(Call::Exec { method: method.to_owned(), path: path.to_owned() });
    }

    pub(crate) fn tunnel(&self, dyno: &str) {
        self.calls().push(Call::Tunnel { dyno: dyno.to_owned() });
    }

    pub(crate) fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
