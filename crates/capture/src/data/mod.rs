//! Plain data, below everything: what a hunt is asked to do, what it sees, what it takes, what it tells.
//!
//! Nothing here acts, and nothing here knows of what lies above.

mod app_time;
mod cost;
mod death;
mod destination;
mod error;
mod event;
mod hold;
mod inspector;
pub(crate) mod millis;
mod plan;
mod process;
mod receipt;
mod resident;
mod shortage;
mod taken;
mod thread;

pub use self::app_time::AppTime;
pub use self::cost::{Bound, EvidenceKind, Prediction, Refusal};
pub use self::death::Death;
pub use self::destination::Destination;
pub use self::error::Error;
pub use self::event::{Event, Step};
pub(crate) use self::hold::devtools_address;
pub use self::hold::{Attach, Hold, HoldWhen};
pub use self::inspector::Inspector;
pub(crate) use self::inspector::port_taken;
pub use self::plan::{Fallback, Interrupt, Judged, Plan, Profile, Risk, Route, Unread};
pub(crate) use self::process::DEFAULT_INSPECTOR_PORT;
pub use self::process::{Listener, Machine, NodeProcess, Proof};
pub(crate) use self::receipt::Line;
pub use self::receipt::{Receipt, Seen, TeardownStep, Undone};
pub use self::resident::Resident;
pub(crate) use self::resident::{Cost, Past};

pub use self::shortage::{Resource, Shortage};
pub(crate) use self::taken::Numbers;
pub use self::taken::{
    Beside, Descriptors, EventLoop, Mappings, Observation, Profiled, Reading, Snapshot, WorkerHeap,
};
pub use self::thread::{WhichThread, WorkerThread};
