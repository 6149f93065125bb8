//! One place, and what is run there.

use std::sync::Arc;
use std::time::Instant;

use super::config::{Config, Tool};
use super::docker::{self, ContainerEnd, ContainerFacts};
use crate::child::Child;
use crate::findings::{Check, Findings, Source};
use crate::frame::Mark;
use crate::output::Recognise;
use crate::private::PrivateFolders;
use crate::relay;
use crate::tail::{Tail, clean};
use crate::{Environment, Error};

const HINT: &str = "install it, or name it by its path";
/// A template in words; whole it stands in the audit.
const SHOWN: usize = 80;

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

    pub(crate) fn describe(&self) -> String {
        match &self.config.tool {
            Tool::Command { exec, .. } => {
                format!("`{}`", clean(&leakhunt_text::cut(&exec.to_string()), SHOWN))
            }
            Tool::Docker(docker) => format!("container {}", docker.container),
        }
    }

    /// Whether the programs are there, and what the tool says of the place. What else there is to know, only a command there can tell.
    pub(crate) async fn survey(&self) -> Result<Findings<Option<ContainerFacts>>, Error> {
        let start = Instant::now();
        let (exec, forward) = match &self.config.tool {
            Tool::Command { exec, forward } => (exec, forward),
            Tool::Docker(docker) => {
                let found = docker::survey(docker, &self.config.environment).await?;
                let Findings { facts, checks, warnings, refusals, took } = found;
                return Ok(Findings { facts: Some(facts), checks, warnings, refusals, took });
            }
        };
        let mut checks = vec![self.find("program", exec.program())?];
        if let Some(forward) = forward {
            checks.push(self.find("forward", forward.program())?);
        }
        let took = start.elapsed();
        Ok(Findings { facts: None, checks, warnings: Vec::new(), refusals: Vec::new(), took })
    }

    /// How the container of these facts ended, if it did.
    pub(crate) async fn ended(&self, before: &ContainerFacts) -> Result<Option<ContainerEnd>, Error> {
        match &self.config.tool {
            Tool::Command { .. } => Ok(None),
            Tool::Docker(docker) => docker::ended(docker, before, &self.config.environment).await,
        }
    }

    fn find(&self, what: &'static str, program: &str) -> Result<Check, Error> {
        let start = Instant::now();
        let path = self.config.environment.get("PATH");
        let found = which::which_in(program, path, ".").map_err(|_| Error::ToolMissing {
            tool: clean(program, SHOWN).into(),
            path: program.contains('/').then(|| program.into()),
            hint: HINT,
        })?;
        Ok(Check::new(what, found.display().to_string(), Source::Host, start.elapsed()))
    }

    /// Runs a script there.
    pub(crate) fn open(&self, script: &str) -> Result<Child, Error> {
        let mark = Mark::draw()?;
        let command = self.config.tool.exec().fill(&mark.wrap(script)?);
        Child::start(&command, &self.environment(), mark, self.recognise(), self.tail())
    }

    pub(crate) fn private_folders(&self) -> &PrivateFolders {
        &self.private
    }

    /// What a child gets.
    pub(super) fn environment(&self) -> Environment {
        let mut environment = self.config.environment.clone();
        self.private.mark(&mut environment);
        environment
    }

    /// What is known of what it prints.
    pub(super) fn recognise(&self) -> Recognise {
        match &self.config.tool {
            Tool::Command { .. } => Arc::new(|_: &str| None),
            Tool::Docker(docker) => docker::recognise(docker),
        }
    }

    pub(super) fn tail(&self) -> Tail {
        Tail::new(&self.config.environment)
    }
}
