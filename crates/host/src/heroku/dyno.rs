//! One dyno of one app, and the CLI that reaches it.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::child_env::child_environment;
use super::cli::Cli;
use super::config::Config;
use super::facts::Generation;
use super::names::DynoName;
use super::token::Token;
use crate::private::PrivateFolders;
use crate::{Environment, Error};

/// One dyno of one app. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Heroku {
    pub(super) config: Arc<Config>,
    cli: Arc<OnceCell<Cli>>,
    /// What was found out once.
    pub(super) token: Arc<OnceCell<Token>>,
    pub(super) generation: Arc<OnceCell<Generation>>,
    pub(super) private: Arc<PrivateFolders>,
    /// Do commands carry the connections to its ports?
    pub(super) relayed: bool,
}

impl Heroku {
    /// Names the dyno; nothing is started or asked yet.
    pub fn new(config: Config) -> Self {
        let private = Arc::new(PrivateFolders::draw(&config.environment));
        let (cli, token, generation) = (Arc::default(), Arc::default(), Arc::default());
        Self { config: Arc::new(config), cli, token, generation, private, relayed: false }
    }

    /// The dyno in words: "web.1 of myapp".
    pub fn describe(&self) -> String {
        format!("{} of {}", self.config.dyno, self.config.app)
    }

    /// The CLI, looked for once.
    pub(super) async fn cli(&self) -> Result<Cli, Error> {
        let found = self.cli.get_or_try_init(|| Cli::find(&self.config)).await?;
        Ok(found.clone())
    }

    /// The same, whose ports are reached by one more `ps:exec` for each connection instead of by `ps:forward`: nothing listens on this
    /// machine then.
    #[must_use]
    pub fn relayed(self) -> Self {
        Self { relayed: true, ..self }
    }

    /// The same app's dyno of this name.
    #[must_use]
    pub fn with_dyno(&self, dyno: DynoName) -> Self {
        let config = Config { dyno, ..(*self.config).clone() };
        Self { config: Arc::new(config), ..self.clone() }
    }

    pub(super) fn child_environment(&self, cli: &Cli) -> Environment {
        child_environment(&self.config.environment, Some(cli.version))
    }
}
