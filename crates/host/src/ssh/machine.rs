//! One machine: what it is asked, and what is run there.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use super::bridge::{Bridge, Link};
use super::config::{Config, Forwarding};
use super::login::{self, Login};
use super::settings::{self, Settings};
use super::shell::Shell;
use crate::findings::{Check, Findings, Source};
use crate::frame::Mark;
use crate::tail::{Tail, clean};
use crate::{CommandLine, Error};

/// A port on which nobody listens, by which it is seen whether the server would let anybody through.
const NOBODYS_PORT: u16 = 1;
/// A connection on which nothing is said for longer may be dropped by whatever is on the way.
const KEPT: Duration = Duration::from_secs(20);

/// A machine behind SSH. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ssh {
    pub(super) config: Arc<Config>,
    /// The machines on the way, itself last; asked for once.
    way: Arc<OnceCell<Vec<Settings>>>,
    /// Whether the server lets connections through to its ports, once that is known.
    pub(super) forwards: Arc<OnceLock<bool>>,
    /// The login of the look at what it says, for the first that needs one soon.
    kept: Arc<Mutex<Option<Kept>>>,
}

struct Kept {
    since: Instant,
    link: Link,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("since", &self.since).finish_non_exhaustive()
    }
}

impl Ssh {
    /// Names the machine; nothing is connected yet.
    pub fn new(config: Config) -> Self {
        Self { config: Arc::new(config), way: Arc::default(), forwards: Arc::default(), kept: Arc::default() }
    }

    pub(crate) fn describe(&self) -> String {
        self.config.target.to_string()
    }

    /// What it says before anything is done there: facts are the server's banner.
    pub(crate) async fn survey(&self) -> Result<Findings<String>, Error> {
        let start = Instant::now();
        let Login { link, mut checks } = self.login().await?;
        let server = clean(link.session.banner().unwrap_or("unknown"), 100);
        let asked = Instant::now();
        let ask = self.config.forward == Forwarding::Auto;
        // Asking can block, as everything of libssh2 does.
        let forbids = tokio::task::spawn_blocking(move || {
            let channel = || link.session.channel_direct_tcpip("127.0.0.1", NOBODYS_PORT, None);
            let forbids = ask && channel().is_err_and(|error| forbids(&error));
            (forbids, link)
        });
        let (forbids, link) = forbids.await.map_err(joined)?;
        *self.kept() = Some(Kept { since: Instant::now(), link });
        if ask {
            let _ = self.forwards.set(!forbids);
        }
        if !self.forwards() {
            let why = if forbids { "forbidden by the server: " } else { "" };
            let answer = format!("{why}a command there carries the connection");
            checks.push(Check::new("forwarding", answer, Source::Host, asked.elapsed()));
        }
        Ok(Findings {
            facts: server,
            checks,
            warnings: Vec::new(),
            refusals: Vec::new(),
            took: start.elapsed(),
        })
    }

    pub(crate) async fn open(&self, script: &str) -> Result<Shell, Error> {
        let mark = Mark::draw()?;
        let word = mark.wrap(script)?;
        let command = self.command(&[&word]);
        let tail = Tail::default();
        let (bridge, stream) = self.run(word, tail.clone()).await?;
        Ok(Shell::new(command, bridge, stream, mark, tail))
    }

    /// Runs a command line there.
    pub(super) async fn run(
        &self,
        line: String,
        tail: Tail,
    ) -> Result<(Bridge, tokio::net::UnixStream), Error> {
        let target = self.config.target.clone();
        let open = move |session: &ssh2::Session| {
            let mut channel = session.channel_session()?;
            channel.exec(&line)?;
            Ok(channel)
        };
        let failed = move |error: ssh2::Error| target.unopened(error);
        let link = self.link().await?;
        self.bridged(link, tail, move |session| open(session).map_err(failed)).await
    }

    /// Opens a channel, then bridges it to a socket of ours.
    pub(super) async fn bridged(
        &self,
        link: Link,
        tail: Tail,
        open: impl FnOnce(&ssh2::Session) -> Result<ssh2::Channel, Error> + Send + 'static,
    ) -> Result<(Bridge, tokio::net::UnixStream), Error> {
        let opened = tokio::task::spawn_blocking(move || {
            let channel = open(&link.session)?;
            Bridge::start(link, channel, tail)
        });
        let (bridge, stream) = opened.await.map_err(joined)??;
        let io = |source| Error::io("bridging an SSH channel", source);
        stream.set_nonblocking(true).map_err(io)?;
        Ok((bridge, tokio::net::UnixStream::from_std(stream).map_err(io)?))
    }

    /// A login: the one that was kept, or another.
    pub(super) async fn link(&self) -> Result<Link, Error> {
        let kept = self.kept().take().filter(|kept| kept.since.elapsed() < KEPT);
        match kept {
            Some(kept) => Ok(kept.link),
            None => Ok(self.login().await?.link),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn login(&self) -> Result<Login, Error> {
        let way = self.way.get_or_try_init(|| settings::way(&self.config)).await?.clone();
        let config = Arc::clone(&self.config);
        tokio::task::spawn_blocking(move || login::login(&config, &way)).await.map_err(joined)?
    }

    /// Do connections to its ports go by SSH itself, as far as is known?
    pub(super) fn forwards(&self) -> bool {
        match self.config.forward {
            Forwarding::Tcp => true,
            Forwarding::Exec => false,
            Forwarding::Auto => *self.forwards.get().unwrap_or(&true),
        }
    }

    pub(super) fn command(&self, args: &[&str]) -> CommandLine {
        let target = self.describe();
        CommandLine::new("ssh", std::iter::once(target.as_str()).chain(args.iter().copied()))
    }
}

/// Is this the server's word that nobody gets through to its ports, rather than that nobody listens at one?
pub(super) fn forbids(error: &ssh2::Error) -> bool {
    error.message().contains("administratively prohibited")
}

fn joined(error: tokio::task::JoinError) -> Error {
    Error::io("running libssh2", std::io::Error::other(error))
}
