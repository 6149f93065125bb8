//! One place, and what is run there.

use std::sync::Arc;

use super::config::Config;
use super::life::{Life, PlaceEnd};
use crate::child::Child;
use crate::findings::Findings;
use crate::frame::Mark;
use crate::output::Recognise;
use crate::private::PrivateFolders;
use crate::relay::{self, By, Place, RelayForward, Start, Terminal};
use crate::tail::Tail;
use crate::{Environment, Error};

/// A place in which a command can be run. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Exec {
    pub(super) config: Arc<Config>,
    /// No folder is ever made: by its name in their environment the children are found again.
    private: Arc<PrivateFolders>,
}

impl Exec {
    /// Names the place; nothing is started yet.
    pub fn new(config: Config) -> Self {
        let private = Arc::new(PrivateFolders::draw(&config.environment));
        Self { config: Arc::new(config), private }
    }

    pub(crate) fn relay_memory(&self) -> u64 {
        if self.config.tool.forward().is_some() { 0 } else { relay::MEMORY }
    }

    pub(crate) fn can_be_entered_unasked(&self) -> bool {
        self.config.tool.can_be_entered_unasked()
    }

    pub(crate) fn describe(&self) -> String {
        self.config.tool.describe()
    }

    /// Whether the programs are there, and what the tool says of the place. What else there is to know, only a command there can tell.
    pub(crate) async fn survey(&self) -> Result<Findings<Option<Life>>, Error> {
        self.config.tool.survey(&self.config.environment).await
    }

    /// How this life of the place ended, if it did.
    pub(crate) async fn ended(&self, before: &Life) -> Result<Option<PlaceEnd>, Error> {
        self.config.tool.ended(before, &self.config.environment).await
    }

    /// Runs a script there.
    pub(crate) fn open(&self, script: &str) -> Result<Child, Error> {
        let mark = Mark::draw()?;
        let command = self.config.tool.exec().fill(&mark.wrap(script)?);
        Child::start(&command, &self.environment(), mark, self.recognise(), self.tail())
    }

    /// A way to one of its ports.
    pub(crate) fn forward(&self, port: u16) -> Result<RelayForward, Error> {
        let by = match self.config.tool.forward().cloned() {
            Some(forward) => By::Itself(Box::new(move |port| forward.fill(port))),
            None => {
                let exec = self.clone();
                By::Relay(Box::new(move || exec.relay()))
            }
        };
        let place = Place {
            what: self.describe(),
            environment: self.environment(),
            recognise: self.recognise(),
            tail: self.tail(),
            by,
        };
        RelayForward::start(place, port)
    }

    fn relay(&self) -> Result<Start, Error> {
        let mark = Mark::draw()?;
        let line = mark.wrap_plain(&relay::script(Terminal::Refuse))?;
        Ok(Start { command: self.config.tool.exec().fill(&line), mark, told: None })
    }

    pub(crate) fn private_folders(&self) -> &PrivateFolders {
        &self.private
    }

    /// What a child gets.
    fn environment(&self) -> Environment {
        let mut environment = self.config.environment.clone();
        self.private.mark(&mut environment);
        environment
    }

    /// What is known of what it prints.
    fn recognise(&self) -> Recognise {
        self.config.tool.recognise()
    }

    fn tail(&self) -> Tail {
        Tail::new(&self.config.environment)
    }
}
