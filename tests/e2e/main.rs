//! The command line, end to end: the real leakhunt, the real Heroku CLI, a real sshd, real Node.js processes.
//!
//! After each hunt it is asked what is left of it, here and in the dyno: see [`support::Ran::left_nothing`].

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod alarms;
mod allocations;
mod analyze;
mod answer;
mod bare;
mod choice;
mod clis;
mod command;
mod consent;
mod docker;
mod doctor;
mod events;
mod faults;
mod fir;
mod fleet;
mod fleet_log;
mod fly;
mod foreign;
mod hold;
mod hostile;
mod hosts;
mod hunt;
mod kubectl;
mod lighter;
mod limits;
mod matrix;
mod matrix_exec;
mod memory;
mod outside;
mod programs;
mod runbooks;
mod runtimes;
mod shell;
mod shipped;
mod shown;
mod signals;
mod sinks;
mod soak;
mod soak_hostile;
mod soak_kills;
mod sources;
mod support;
mod terminal;
mod threads;
mod timelines;
mod together;
mod undo;
mod usage;
mod workers;
