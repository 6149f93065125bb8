//! A container, through the command line of what runs it: Docker's, or one that speaks as it does.

mod end;
mod inspect;
mod names;
mod words;

pub(super) use end::ended;
pub(super) use inspect::survey;
pub use names::{ContainerName, Engine};
pub(super) use words::recognise;

use super::template::ExecTemplate;

/// One container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Docker {
    /// Which.
    pub container: ContainerName,
    /// The command line by which it is reached.
    pub engine: Engine,
}

impl Docker {
    /// How a command is run in it.
    #[must_use]
    pub fn template(&self) -> ExecTemplate {
        ExecTemplate::of([self.engine.program(), "exec", "-i", self.container.as_str(), "sh", "-c", "{}"])
    }
}
