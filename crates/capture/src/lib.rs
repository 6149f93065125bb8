//! One hunt: reach the process, take the evidence, leave.
//!
//! [`run()`] takes a [`Plan`] and a [`Host`](leakhunt_host::Host) and gives a [`Hunted`]: a session folder with whole
//! snapshots, and a [`Receipt`] that says of everything that was acquired whether it was seen undone. On the way it
//! tells of each [`Event`]; it never draws. It is the only orchestrator: the host runs commands and forwards ports, the
//! inspector speaks the DevTools protocol, and neither knows of the other.
//!
//! The rooms, in the order in which a newcomer reads them; each uses only those above it:
//!
//! ```text
//! data       plain data: plan, process, costs, what was taken, receipt, events, errors
//! record     what is written on this machine: session folder, session.json, events, the journal
//! shell      the one remote command: a probe, then orders and their answers
//! local_port the port of this machine at which DevTools finds the inspector, and what it carries
//! undo       the undo stack
//! hunt       what every phase is passed: plan, host, record, journal, undo stack
//! holdings   what the hunt has on the far side; it outlives the phases, which hand each other a Held of it
//! evidence   what it has taken so far; it outlives them too
//!
//! preflight  read-only questions, then the session folder                    Hunt → Evidence, of which there is none yet
//! reach      one remote command: probe, choose, SIGUSR1, seen open; tunnel   → Reached
//! attach     one session, identity checked, dead-man planted                 Reached → Attached
//!            (a connection that is lost while nothing is under way is made again, once: reattach)
//! threads    which thread's heap it is about: the main one's, or a worker's, which is entered         Attached, Evidence
//! weigh      what the next evidence would cost, and how much room there is   Attached, Evidence → Prediction
//! sample     snapshots: wait for growth, check the id space, take one, keep it; profiles, a timeline; source maps
//!                                                                            Attached, Evidence → Attached, more Evidence
//! hold       the inspector offered to DevTools, instead of evidence or after it
//! teardown   the undo stack, from the top                                    Holdings → Receipt
//! run        all of them, in their order, and the teardown on every way out  Plan → Hunted
//!
//! cleanup    the teardown of a hunt that was killed, from its journal        Unfinished → Receipt
//! doctor     preflight, and the looks of reach and weigh alone               Plan → Examination
//! ```
//!
//! ```no_run
//! use leakhunt_capture::{Interrupt, Plan, run};
//! use leakhunt_host::{Environment, Host, Local};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let host = Host::Local(Local::new(Environment::new(std::env::vars_os())));
//! let plan = Plan { samples: 3, ..Plan::default() };
//! let hunted = run(&plan, &host, &|event| drop(event), None, &Interrupt::default()).await;
//! assert!(hunted.receipt.is_confirmed());
//! # }
//! ```
//!
//! What was begun stands in a journal on disk; [`cleanup()`] finishes what a hunt that was killed has left.
//!
//! Where snapshots would cost too much there is a sampling profile (`sample/sampling_profile`), and where lighter evidence may answer,
//! that is looked at first (`sample/observe`). [`examine`] is the first half
//! alone: it looks, predicts, and changes nothing.
//!
//! A hunt ends with files: nothing here knows what is in a snapshot beyond whether it is whole (`record/integrity`).

mod attach;
mod cleanup;
mod data;
mod doctor;
mod evidence;
mod hold;
mod holdings;
mod hunt;
mod local_port;
mod preflight;
mod reach;
mod record;
mod run;
mod sample;
mod shell;
mod teardown;
mod threads;
mod undo;
mod weigh;

pub use cleanup::cleanup;
pub use data::{
    AppTime, Attach, Beside, Bound, Death, Descriptors, Destination, Error, Event, EventLoop, EvidenceKind,
    Fallback, Hold, HoldWhen, Inspector, Interrupt, Judged, Listener, Machine, Mappings, NodeProcess,
    Observation, Plan, Prediction, Profile, Profiled, Proof, Reading, Receipt, Refusal, Resident, Resource,
    Risk, Route, Seen, Shortage, Snapshot, Step, TeardownStep, Undone, Unread, WhichThread, WorkerHeap,
    WorkerThread,
};
pub use doctor::{Chosen, Examination, Look, Usr1, Weighed, examine};
pub use preflight::UNVERIFIED_LINK;
pub use record::{Journals, Unfinished, journals};
pub use run::{Hunted, run};
pub use shell::Signal;
