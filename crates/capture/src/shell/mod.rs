//! The one remote command of a hunt: a shell that is spoken with by lines. It looks first, and later obeys orders.

mod answers;
mod probe;
mod remote_shell;
mod shortages;
mod signal;
mod words;

pub(crate) use self::answers::{InspectorPort, Port, Refused, Signalled, SnapshotFiles, State};
pub(crate) use self::probe::Probe;
pub(crate) use self::remote_shell::{RemoteShell, Silence};
pub use self::signal::Signal;
