//! Where a Node process runs. Two verbs: run a command there, forward a port from there.
//!
//! A [`Host`] is a dyno behind the Heroku CLI, this machine, or any machine behind SSH. In goes a script and a port number; out
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

mod command;
mod dialogue;
mod environment;
mod error;
mod exposure;
mod footprint;
mod forward;
mod frame;
mod group;
pub mod heroku;
mod local;
mod output;
mod preflight;
mod private;
pub mod ssh;
mod tail;

pub use command::CommandLine;
pub use dialogue::Dialogue;
pub use environment::Environment;
pub use error::{Came, Error, Unsupported};
pub use exposure::{Exposure, Listener, Reach};
pub use footprint::{Erased, Footprint};
pub use forward::{Connection, Endpoint, Forward};
pub use group::{Ended, Stopped};
pub use heroku::Heroku;
pub use local::Local;
pub use preflight::{Check, Platform, Preflight, Source};
pub use private::PrivateFolders;
pub use ssh::Ssh;
pub use tail::LastLines;

/// A place where a Node process runs.
#[derive(Debug, Clone)]
pub enum Host {
    /// A dyno, through the Heroku CLI.
    Heroku(Heroku),
    /// This machine.
    Local(Local),
    /// A machine behind SSH.
    Ssh(Ssh),
}

impl Host {
    /// Asks, without changing anything, whether a hunt can go there.
    ///
    /// # Errors
    /// The first thing that stands against it, or the reason why it could not be found out.
    pub async fn preflight(&self) -> Result<Preflight, Error> {
        self.survey().await?.go()
    }

    /// As [`preflight`](Self::preflight), with everything that stands against a hunt collected in
    /// [`refusals`](Preflight::refusals) instead.
    ///
    /// # Errors
    /// The reason why nothing could be found out: no tool, not logged in, no such app.
    pub async fn survey(&self) -> Result<Preflight, Error> {
        match self {
            Self::Heroku(heroku) => heroku.survey().await,
            Self::Local(local) => local.preflight(),
            Self::Ssh(ssh) => ssh.preflight().await,
        }
    }

    /// Runs ONE script there, a POSIX shell's, and gives the dialogue with it. Returns when the tool has been started, not when
    /// it is there: see [`Dialogue::ready`].
    ///
    /// The script says a line by `tell words…` (a function it is given) and hears one by `read -r line`. Everything else it
    /// prints is kept for error messages only. Lines should be ASCII: the Heroku CLI cuts its stream without regard to
    /// characters. It must not replace the EXIT trap, which reports its end, and should end when `read` fails: that is
    /// how a cut tunnel looks from there.
    ///
    /// # Errors
    /// [`Error::ToolMissing`], [`Error::Unsendable`] for a script that is too long (30 kB).
    pub async fn open(&self, script: &str) -> Result<Dialogue, Error> {
        match self {
            Self::Heroku(heroku) => heroku.open(script).await,
            Self::Local(local) => local.open(script),
            Self::Ssh(ssh) => ssh.open(script).await,
        }
    }

    /// Starts a forward to a port there. It connects to nothing by itself, so it can be started before the port listens.
    ///
    /// # Errors
    /// [`Error::ToolMissing`], [`Error::Io`] when the tool cannot be started.
    pub async fn forward(&self, remote_port: u16) -> Result<Forward, Error> {
        match self {
            Self::Heroku(heroku) => heroku.forward(remote_port).await,
            Self::Local(_) => Ok(Local::forward(remote_port)),
            Self::Ssh(ssh) => Ok(ssh.forward(remote_port)),
        }
    }

    /// How the platform says that the host of these facts ended; `None` where it is still the same, or nobody keeps count.
    ///
    /// # Errors
    /// Where the platform could not be asked.
    pub async fn ended(&self, before: &Platform) -> Result<Option<heroku::DynoEnd>, Error> {
        match (self, before) {
            (Self::Heroku(heroku), Platform::Heroku(facts)) => heroku.ended(facts).await,
            _ => Ok(None),
        }
    }

    /// Where its children have their private folders, which is known before there is one; `None` where they have none.
    pub fn private_folders(&self) -> Option<&PrivateFolders> {
        match self {
            Self::Heroku(heroku) => heroku.private_folders(),
            Self::Local(_) | Self::Ssh(_) => None,
        }
    }

    /// The host in words: "web.1 of myapp", "this machine".
    pub fn describe(&self) -> String {
        match self {
            Self::Heroku(heroku) => heroku.describe(),
            Self::Local(_) => "this machine".to_owned(),
            Self::Ssh(ssh) => ssh.describe(),
        }
    }
}
