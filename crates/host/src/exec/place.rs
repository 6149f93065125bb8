//! One place, and what is run there.

use std::sync::Arc;
use std::time::Instant;

use super::config::Config;
use crate::child::Child;
use crate::findings::{Check, Findings, Source};
use crate::frame::Mark;
use crate::output::Recognise;
use crate::private::PrivateFolders;
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

    pub(crate) fn describe(&self) -> String {
        let template = self.config.exec.to_string();
        format!("`{}`", clean(&leakhunt_text::cut(&template), SHOWN))
    }

    /// Whether the programs are there. What else there is to know, only the command itself can tell.
    pub(crate) fn survey(&self) -> Result<Findings<()>, Error> {
        let start = Instant::now();
        let mut checks = vec![self.find("program", self.config.exec.program())?];
        if let Some(forward) = &self.config.forward {
            checks.push(self.find("forward", forward.program())?);
        }
        let took = start.elapsed();
        Ok(Findings { facts: (), checks, warnings: Vec::new(), refusals: Vec::new(), took })
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
        let command = self.config.exec.fill(&mark.wrap(script)?);
        Child::start(&command, &self.environment(), mark, refuses_nothing(), self.tail())
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

    pub(super) fn tail(&self) -> Tail {
        Tail::new(&self.config.environment)
    }
}

/// What a command prints is known to nobody.
pub(super) fn refuses_nothing() -> Recognise {
    Arc::new(|_: &str| None)
}
