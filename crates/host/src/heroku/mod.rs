//! A dyno, reached through the Heroku CLI that the user has installed.
//!
//! Nothing is asked of `ps:exec` or `ps:forward` that a question could tell first, for both act on the app when Heroku
//! Exec is off (they offer to restart every dyno) or missing (in a Private Space they add a buildpack). So
//! [`preflight`](Heroku::preflight) comes before [`open`](Heroku::open) and [`forward`](Heroku::forward); it only reads.
//! No child ever gets a terminal, and none is ever answered `y`.

mod api;
mod ask;
mod busy;
mod child_env;
pub(crate) mod cli;
mod enable;
mod end;
pub(crate) mod forward;
mod git;
mod log;
mod names;
mod preflight;
pub(crate) mod preload;
mod quota;
mod words;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OnceCell;

pub use cli::CliVersion;
pub use enable::Enabled;
pub use end::DynoEnd;
pub use git::{RemoteApp, app_of_remote};
pub use names::{AppName, DynoName};
pub use preflight::{Generation, HerokuFacts, Space};
pub use quota::{Quota, QuotaSource};

use crate::dialogue::{Carrier, Dialogue};
use crate::forward::{Forward, Way};
use crate::frame::Mark;
use crate::private::PrivateFolders;
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error, Preflight};
use cli::Cli;
use forward::CliForward;
use preload::Session;

/// How a dyno is to be reached.
#[derive(Debug, Clone)]
pub struct Config {
    /// The app.
    pub app: AppName,
    /// The dyno, `web.1` say.
    pub dyno: DynoName,
    /// The Heroku CLI, when it is not the `heroku` on PATH.
    pub program: Option<PathBuf>,
    /// True: the preload keeps the forward private. False: the bare CLI, whose forward listens on all interfaces.
    pub preload: bool,
    /// The caller's environment: PATH, credentials, proxies.
    pub environment: Environment,
}

/// One dyno of one app. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Heroku {
    config: Arc<Config>,
    cli: Arc<OnceCell<Cli>>,
    private: Arc<PrivateFolders>,
}

impl Heroku {
    /// Names the dyno; nothing is started or asked yet.
    pub fn new(config: Config) -> Self {
        let private = Arc::new(PrivateFolders::draw(&config.environment));
        Self { config: Arc::new(config), cli: Arc::default(), private }
    }

    /// The dyno in words: "web.1 of myapp".
    pub fn describe(&self) -> String {
        format!("{} of {}", self.config.dyno, self.config.app)
    }

    /// Asks, without changing anything, whether a hunt can go there. See [`crate::Host::preflight`].
    pub async fn preflight(&self) -> Result<Preflight, Error> {
        self.survey().await?.go()
    }

    /// Everything that could be found out, refusals collected instead of returned. Fails only where nothing could be found.
    pub async fn survey(&self) -> Result<Preflight, Error> {
        preflight::survey(self).await
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

    /// See [`crate::Host::open`].
    pub async fn open(&self, script: &str) -> Result<Dialogue, Error> {
        let mark = Mark::draw()?;
        let word = mark.wrap(script)?;
        let cli = self.cli().await?;
        let mut env = self.child_environment(&cli);
        let session = self.config.preload.then(|| Session::open(&self.private)).transpose()?;
        if let Some(session) = &session {
            session.arm(&mut env, None);
        }
        // ONE argument after `--`: it reaches the remote shell as it is. Several would be joined, half quoted.
        let (app, dyno) = (self.config.app.as_str(), self.config.dyno.as_str());
        let command = CommandLine::new(&cli.program, ["ps:exec", "-a", app, "-d", dyno, "--", &word]);
        let tail = Tail::new(&self.config.environment);
        let recognise = words::recognise(&self.config);
        Dialogue::start(Carrier { command, env, session, recognise, tail }, mark)
    }

    /// See [`crate::Host::private_folders`].
    pub fn private_folders(&self) -> Option<&PrivateFolders> {
        self.config.preload.then_some(&*self.private)
    }

    /// See [`crate::Host::forward`].
    pub async fn forward(&self, remote_port: u16) -> Result<Forward, Error> {
        Ok(Forward::new(Way::Cli(Box::new(CliForward::start(self, remote_port).await?))))
    }

    /// The CLI, looked for once.
    async fn cli(&self) -> Result<Cli, Error> {
        let found = self.cli.get_or_try_init(|| Cli::find(&self.config)).await?;
        Ok(found.clone())
    }

    fn child_environment(&self, cli: &Cli) -> Environment {
        child_env::child_environment(&self.config.environment, Some(cli.version))
    }
}
