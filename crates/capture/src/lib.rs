//! One hunt: reach the process, take the evidence, leave.
//!
//! [`run`] takes a [`Plan`] and a [`Host`](leakhunt_host::Host) and gives a [`Hunted`]: a session folder with whole
//! snapshots, and a [`Receipt`] that says of everything that was acquired whether it was seen undone. On the way it
//! tells of each [`Event`]; it never draws. It is the only orchestrator: the host runs commands and forwards ports, the
//! inspector speaks the DevTools protocol, and neither knows of the other.
//!
//! ```text
//! preflight   read-only: is there a dyno, may we reach it                    host
//! reach       one remote command: probe, choose, SIGUSR1, confirmed          reach/, host
//! attach      one session, identity checked, dead-man planted                attach, inspector
//! sample      repeat: wait for growth, weigh, check the ids, snapshot, keep  sample, growth, weigh, store, verify
//!             (a connection that is lost while nothing is under way is made again, once: reattach)
//! sources     if asked for: the program's source maps                        sources
//! leave       the undo stack, from the top                                   leave, undo
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
//! let hunted = run(&plan, &host, &|event| drop(event), &Interrupt::default()).await;
//! assert!(hunted.receipt.is_confirmed());
//! # }
//! ```
//!
//! What was begun stands in a journal on disk; [`cleanup()`] finishes what a hunt that was killed has left.
//!
//! Where snapshots would cost too much there is a sampling profile (`sampling`). [`examine`] is the first half alone: it looks,
//! predicts, and changes nothing.
//!
//! A hunt ends with files: nothing here knows what is in a snapshot beyond whether it is whole (`verify`).

mod attach;
mod cleanup;
mod data;
mod doctor;
mod evidence;
mod holdings;
mod hunt;
pub mod outside;
mod preflight;
mod reach;
mod record;
mod run;
mod sample;
mod shell;
mod teardown;
mod undo;
mod weigh;

pub use cleanup::cleanup;
pub use data::{
    AppTime, Bound, Death, Destination, Error, Event, EvidenceKind, Fallback, Inspector, Interrupt, Listener, Machine,
    NodeProcess, Plan, Prediction, Profile, Profiled, Proof, Reading, Receipt, Refusal, Resident, Resource,
    Risk, Route, Seen, Shortage, Snapshot, Step, TeardownStep, Undone,
};
pub use doctor::{Chosen, Examination, Look, Usr1, Weighed, examine};
pub use record::{Journals, Unfinished, journals};
pub use run::{Hunted, run};
pub use shell::Signal;
