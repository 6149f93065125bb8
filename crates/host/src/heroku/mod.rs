//! A dyno, reached through the Heroku CLI that the user has installed.
//!
//! Nothing is asked of `ps:exec` or `ps:forward` that a question could tell first, for both act on the app when Heroku
//! Exec is off (they offer to restart every dyno) or missing (in a Private Space they add a buildpack). So
//! [`Host::preflight`](crate::Host::preflight) comes before [`Host::open`](crate::Host::open) and
//! [`Host::forward`](crate::Host::forward); it only reads.
//! No child ever gets a terminal, and none is ever answered `y`. An app of the Fir generation has neither of the two, and is reached by
//! `run:inside` (`fir`).

mod api;
mod ask;
mod busy;
mod child_env;
mod cli;
mod commands;
mod config;
mod dyno;
mod enable;
mod end;
mod facts;
mod fir;
mod follow;
mod forward;
mod git;
mod list;
mod log;
mod metrics;
mod names;
mod preflight;
mod preload;
mod quota;
mod relayed;
mod shell;
mod token;
mod version;
mod words;

pub use commands::{exec_command, forward_command};
pub use config::Config;
pub use dyno::Heroku;
pub use enable::Enabled;
pub use end::DynoEnd;
pub use facts::{Generation, HerokuFacts, Space};
pub use follow::LogTail;
pub(crate) use forward::CliForward;
pub use git::{RemoteApp, app_of_remote};
pub use list::Listed;
pub use metrics::Memory;
pub use names::{AppName, DynoName};
pub use quota::{Quota, QuotaSource};
pub(crate) use shell::Shell;
pub use version::CliVersion;

use crate::Error;
use crate::child::Child;
use crate::findings::Findings;
use crate::private::PrivateFolders;
use crate::relay::{self, RelayForward};

/// A script that runs in a dyno, by the platform's generation.
pub(crate) enum Opened {
    /// By `ps:exec`.
    Exec(Shell),
    /// By `run:inside`.
    Inside(Child),
}

/// A way to a port of a dyno, by the platform's generation.
pub(crate) enum Tunnel {
    /// `ps:forward`.
    Forward(Box<CliForward>),
    /// A relay, by `run:inside` or by `ps:exec`.
    Relay(Box<RelayForward>),
}

impl Heroku {
    /// Everything that can be found out without changing anything, refusals collected. Fails only where nothing could be found.
    pub(crate) async fn survey(&self) -> Result<Findings<HerokuFacts>, Error> {
        preflight::survey(self).await
    }

    /// Which generation of the platform runs the app. It is asked once.
    ///
    /// # Errors
    /// Where the platform could not be asked.
    pub async fn generation(&self) -> Result<Generation, Error> {
        ask::generation(self).await
    }

    /// The app's dynos.
    ///
    /// # Errors
    /// Where the platform could not be asked.
    pub async fn dynos(&self) -> Result<Vec<Listed>, Error> {
        list::dynos(self).await
    }

    /// What the platform has logged lately of all dynos of the app, as `heroku logs` prints it; what they print themselves is left out.
    /// Nothing where it cannot be read, for it only makes an answer better.
    pub async fn recent_log(&self) -> String {
        log::of_all(self).await
    }

    /// Switches Heroku Exec on, RESTARTS EVERY DYNO of the app, and waits until this one is up again. The leaked heap is lost.
    pub async fn enable_exec(&self) -> Result<Enabled, Error> {
        enable::enable_exec(self).await
    }

    /// How the dyno of these facts ended, if it did: one that is up since the same moment is the same.
    ///
    /// # Errors
    /// Where the platform could not be asked.
    pub async fn ended(&self, before: &HerokuFacts) -> Result<Option<DynoEnd>, Error> {
        end::of(self, before).await
    }

    /// Follows the log of the app, all its dynos together.
    ///
    /// # Errors
    /// The CLI is not there, or cannot be started. Why it will not is known when the connection is over: [`LogTail::ended`].
    pub async fn follow_log(&self) -> Result<LogTail, Error> {
        LogTail::start(self).await
    }

    /// Runs a script in the dyno.
    pub(crate) async fn open(&self, script: &str) -> Result<Opened, Error> {
        match ask::generation(self).await? {
            Generation::Fir => fir::open(self, script).await.map(Opened::Inside),
            _ => Shell::open(self, script).await.map(Opened::Exec),
        }
    }

    /// Starts a forward to one of its ports.
    pub(crate) async fn forward(&self, remote_port: u16) -> Result<Tunnel, Error> {
        match ask::generation(self).await? {
            Generation::Fir => Ok(Tunnel::Relay(Box::new(fir::forward(self, remote_port).await?))),
            _ if self.relayed => Ok(Tunnel::Relay(Box::new(relayed::forward(self, remote_port).await?))),
            _ => Ok(Tunnel::Forward(Box::new(CliForward::start(self, remote_port).await?))),
        }
    }

    /// What carries a connection takes so much of the memory there, bytes; nothing where it is not known to take any.
    pub(crate) fn relay_memory(&self) -> u64 {
        let relays = self.relayed || self.generation.get() == Some(&Generation::Fir);
        if relays { relay::MEMORY } else { 0 }
    }

    /// Its dyno that is meant where none was named: `web.1`, on Fir the first web dyno that is up.
    ///
    /// # Errors
    /// Where the platform could not be asked.
    pub async fn usual_dyno(&self) -> Result<DynoName, Error> {
        list::usual(self).await
    }

    /// Where the private folders of its children are; `None` without the preload, which alone needs them.
    pub(crate) fn private_folders(&self) -> Option<&PrivateFolders> {
        self.config.preload.then_some(&*self.private)
    }
}
