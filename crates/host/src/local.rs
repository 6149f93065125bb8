//! This machine: the script runs in a shell beside us, and the port is there already.

use std::sync::Arc;
use std::time::Instant;

use crate::child::Child;
use crate::findings::{Check, Findings, Source};
use crate::frame::Mark;
use crate::tail::Tail;
use crate::{CommandLine, Environment, Error};

/// This machine.
#[derive(Debug, Clone)]
pub struct Local {
    environment: Environment,
}

impl Local {
    /// `environment` is what the script's shell gets; PATH is the part that matters.
    pub fn new(environment: Environment) -> Self {
        Self { environment }
    }

    pub(crate) fn survey(&self) -> Result<Findings<()>, Error> {
        let start = Instant::now();
        let hint = "leakhunt needs a POSIX shell named `sh` on PATH";
        let missing = |_| Error::ToolMissing { tool: "sh".into(), path: None, hint };
        let shell = which::which_in("sh", self.environment.get("PATH"), "/").map_err(missing)?;
        let took = start.elapsed();
        let checks = vec![Check::new("shell", shell.display().to_string(), Source::Host, took)];
        Ok(Findings { facts: (), checks, warnings: Vec::new(), refusals: Vec::new(), took })
    }

    pub(crate) fn open(&self, script: &str) -> Result<Child, Error> {
        let mark = Mark::draw()?;
        let command = CommandLine::new("sh", ["-c", &mark.wrap(script)?]);
        Child::start(&command, &self.environment, mark, Arc::new(|_: &str| None), Tail::default())
    }
}
