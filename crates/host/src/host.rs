//! The one door: a host of whatever kind, and what can be asked of it.

use crate::Error;
use crate::dialogue::{Dialogue, Shell};
use crate::exec::{Exec, PlaceEnd};
use crate::forward::{Forward, Way};
use crate::heroku::{DynoEnd, Heroku, Opened, Tunnel};
use crate::local::Local;
use crate::preflight::{Platform, Preflight};
use crate::private::PrivateFolders;
use crate::ssh::Ssh;

/// A place where a Node process runs.
#[derive(Debug, Clone)]
pub enum Host {
    /// A place in which a command can be run.
    Exec(Exec),
    /// A dyno, through the Heroku CLI.
    Heroku(Heroku),
    /// This machine.
    Local(Local),
    /// A machine behind SSH.
    Ssh(Ssh),
}

/// How a host ended, by its platform's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// A dyno's.
    Dyno(DynoEnd),
    /// A container's, a pod's, or that of a machine of Fly.io.
    Place(PlaceEnd),
}

impl Host {
    /// Can a shell be opened there beside the preflight's questions, for it changes nothing whatever they tell, and ends by itself where
    /// the place is not up? Not so by `heroku ps:exec`, which may offer to restart every dyno.
    pub fn can_be_entered_unasked(&self) -> bool {
        matches!(self, Self::Exec(exec) if exec.can_be_entered_unasked())
    }

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
        let target = self.describe();
        Ok(match self {
            Self::Exec(exec) => Preflight::new(target, exec.survey().await?, Platform::Exec),
            Self::Heroku(heroku) => {
                Preflight::new(target, heroku.survey().await?, |facts| Platform::Heroku(Box::new(facts)))
            }
            Self::Local(local) => Preflight::new(target, local.survey()?, |()| Platform::Local),
            Self::Ssh(ssh) => Preflight::new(target, ssh.survey().await?, |server| Platform::Ssh { server }),
        })
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
        Ok(Dialogue::new(match self {
            Self::Exec(exec) => Shell::Exec(Box::new(exec.open(script)?)),
            Self::Heroku(heroku) => match heroku.open(script).await? {
                Opened::Exec(shell) => Shell::Heroku(Box::new(shell)),
                Opened::Inside(child) => Shell::Exec(Box::new(child)),
            },
            Self::Local(local) => Shell::Local(Box::new(local.open(script)?)),
            Self::Ssh(ssh) => Shell::Ssh(Box::new(ssh.open(script).await?)),
        }))
    }

    /// Starts a forward to a port there. It connects to nothing by itself, so it can be started before the port listens; what its
    /// first connection needs of its tool it starts at once, beside whatever else is asked there.
    ///
    /// # Errors
    /// [`Error::ToolMissing`], [`Error::Io`] when the tool cannot be started.
    pub async fn forward(&self, remote_port: u16) -> Result<Forward, Error> {
        Ok(Forward::new(match self {
            Self::Exec(exec) => Way::Exec(Box::new(exec.forward(remote_port)?)),
            Self::Heroku(heroku) => match heroku.forward(remote_port).await? {
                Tunnel::Forward(cli) => Way::Cli(cli),
                Tunnel::Relay(relays) => Way::Exec(relays),
            },
            Self::Local(_) => Way::Direct(remote_port),
            Self::Ssh(ssh) => Way::Ssh(ssh.forward(remote_port)?),
        }))
    }

    /// How its platform says that the host of these facts ended; `None` where it is still the same, or nobody keeps count.
    ///
    /// # Errors
    /// Where the platform could not be asked.
    pub async fn ended(&self, before: &Platform) -> Result<Option<End>, Error> {
        match (self, before) {
            (Self::Exec(exec), Platform::Exec(Some(life))) => Ok(exec.ended(life).await?.map(End::Place)),
            (Self::Heroku(heroku), Platform::Heroku(facts)) => Ok(heroku.ended(facts).await?.map(End::Dyno)),
            _ => Ok(None),
        }
    }

    /// What carries a connection takes so much of the memory there, bytes.
    pub fn relay_memory(&self) -> u64 {
        match self {
            Self::Exec(exec) => exec.relay_memory(),
            Self::Heroku(heroku) => heroku.relay_memory(),
            Self::Local(_) | Self::Ssh(_) => 0,
        }
    }

    /// Where its children have their private folders, which is known before there is one; `None` where they have none.
    pub fn private_folders(&self) -> Option<&PrivateFolders> {
        match self {
            Self::Exec(exec) => Some(exec.private_folders()),
            Self::Heroku(heroku) => heroku.private_folders(),
            Self::Local(_) | Self::Ssh(_) => None,
        }
    }

    /// The host in words: "web.1 of myapp", "this machine".
    pub fn describe(&self) -> String {
        match self {
            Self::Exec(exec) => exec.describe(),
            Self::Heroku(heroku) => heroku.describe(),
            Self::Local(_) => "this machine".to_owned(),
            Self::Ssh(ssh) => ssh.describe(),
        }
    }
}
