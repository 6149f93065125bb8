//! What one session has at the other end: its connection, and what it has planted there.

use crate::agent::{Agent, Planted};
use crate::error::Error;
use crate::limits::Limits;
use crate::wire::Wire;

pub(crate) struct State {
    pub(crate) wire: Wire,
    pub(crate) dead_man: Option<(Agent, Planted)>,
    pub(crate) agent: Option<Agent>,
    pub(crate) running: Running,
}

/// What runs, and must be switched off before we go.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Running {
    pub(crate) sampling: bool,
    pub(crate) cpu: bool,
    pub(crate) timeline: bool,
    /// Worker threads have sessions.
    pub(crate) workers: bool,
}

impl State {
    pub(crate) fn dead_man(&mut self, what: &'static str) -> Result<(&mut Wire, &Agent, &Planted), Error> {
        match &self.dead_man {
            Some((dead_man, planted)) => Ok((&mut self.wire, dead_man, planted)),
            None => Err(Error::NotPlanted { what }),
        }
    }

    /// The agent, which is planted when it is first needed.
    pub(crate) async fn agent(
        &mut self,
        what: &'static str,
        limits: &Limits,
    ) -> Result<(&mut Wire, &Agent), Error> {
        if self.agent.is_none() {
            let (wire, dead_man, planted) = self.dead_man(what)?;
            if planted.rival {
                return Err(Error::NotPlanted { what });
            }
            self.agent = Some(dead_man.evidence(wire, limits.reply).await?);
        }
        let agent = self.agent.as_ref().expect("it was just planted");
        Ok((&mut self.wire, agent))
    }
}
