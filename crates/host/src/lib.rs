//! Where a Node process runs. Two verbs: run a command there, forward a port from there.
//!
//! A [`Host`] is a dyno behind the Heroku CLI, this machine, any machine behind SSH, or any place in which a command can be run. In goes a script and a port number; out
//! come a [`Dialogue`], which is that script running on the host and spoken with by lines, and a [`Forward`], through which
//! [`Connection`]s reach the port. Both own the processes they started: stopping one ends its whole process group and
//! gives a [`Stopped`] for the receipt, dropping one kills the group. Every wait takes a deadline.
//!
//! ```
//! use leakhunt_host::{Environment, Host, Local};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), leakhunt_host::Error> {
//! let host = Host::Local(Local::new(Environment::new(std::env::vars_os())));
//! let mut dialogue = host.open("read -r name; tell \"hello $name\"").await?;
//! dialogue.say("world").await?;
//! assert_eq!(dialogue.line(Duration::from_secs(5)).await?.as_deref(), Some("hello world"));
//! # Ok(())
//! # }
//! ```
//!
//! This is the only crate that starts processes. It reads no environment of its own: see [`Environment`].
//!
//! Its rooms, from the bottom up; each knows only what is above it in this list:
//!
//! 1. What everybody speaks of: `command`, `environment`, `tail` (what a tool printed last), `no_place` (why nothing
//!    can be run in a container, a pod or a machine of Fly.io), `error` and `hint`, `findings`.
//! 2. Processes of this machine: `members` of a group, `footprint`, `group`, `process` (a command that is run for its own sake),
//!    `private` folders, `exposure`, `peer` (who connects to a port of ours), `browser`.
//! 3. What a carrier carries: `frame`, `output`, `child` (a script behind the stdin and stdout of a child), `connection`, `relay` (a
//!    connection behind those of a command, in lines where a terminal is on the way), `question` (a command that answers and is over).
//! 4. The kinds of host, siblings that do not know each other: [`exec`], [`heroku`], [`ssh`], `local`.
//! 5. The door: `preflight`, `dialogue` and `forward`, which are one of each kind, and `host`.

mod browser;
mod child;
mod command;
mod connection;
mod dialogue;
mod environment;
mod error;
pub mod exec;
mod exposure;
mod findings;
mod footprint;
mod forward;
mod frame;
mod group;
pub mod heroku;
mod hint;
mod host;
mod local;
mod members;
mod no_place;
mod output;
mod peer;
mod preflight;
mod private;
mod process;
mod question;
mod relay;
pub mod ssh;
mod tail;

pub use browser::Browser;
pub use command::CommandLine;
pub use connection::{Connection, Endpoint, Piped};
pub use dialogue::Dialogue;
pub use environment::{Environment, LIFELINE};
pub use error::{Came, Error, Unsupported};
pub use exec::Exec;
pub use exposure::{Exposure, Listener, Reach};
pub use findings::{Check, Source};
pub use footprint::{Erased, Footprint};
pub use forward::Forward;
pub use group::{Ended, Stopped};
pub use heroku::Heroku;
pub use host::{End, Host};
pub use local::Local;
pub use no_place::{NoContainer, NoMachine, NoPod};
pub use peer::{Peer, Program};
pub use preflight::{Platform, Preflight};
pub use private::PrivateFolders;
pub use process::{Process, Stdin, Streams};
pub use ssh::Ssh;
pub use tail::LastLines;
