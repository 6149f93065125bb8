//! What one session has at the other end: its connection, and what it has planted there.

use crate::agent::{Agent, Planted};
use crate::error::Error;
use crate::limits::Limits;
use crate::route::Isolate;
use crate::wire::Wire;

pub(crate) struct State {
    pub(crate) wire: Wire,
    pub(crate) dead_man: Option<(Agent, Planted)>,
    pub(crate) agent: Option<Agent>,
    /// What is planted in the worker thread that was entered.
    pub(crate) worker: Option<InWorker>,
    pub(crate) running: Running,
}

/// The two pieces in a worker thread.
pub(crate) struct InWorker {
    pub(crate) dead_man: Agent,
    pub(crate) agent: Agent,
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
    pub(crate) fn new(wire: Wire) -> Self {
        Self { wire, dead_man: None, agent: None, worker: None, running: Running::default() }
    }

    /// The main thread's.
    pub(crate) fn dead_man(&mut self, what: &'static str) -> Result<(&mut Wire, &Agent, &Planted), Error> {
        match &self.dead_man {
            Some((dead_man, planted)) => Ok((self.wire.go(Isolate::Main), dead_man, planted)),
            None => Err(Error::NotPlanted { what }),
        }
    }

    /// The main thread's agent, which is planted when it is first needed.
    pub(crate) async fn agent(
        &mut self,
        what: &'static str,
        limits: &Limits,
    ) -> Result<(&mut Wire, &Agent), Error> {
        self.plant_agent(what, limits).await?;
        let agent = self.agent.as_ref().expect("it was just planted");
        Ok((self.wire.go(Isolate::Main), agent))
    }

    /// The connection to the isolate whose heap is under study.
    pub(crate) fn heap(&mut self) -> &mut Wire {
        self.wire.go(if self.worker.is_some() { Isolate::Worker } else { Isolate::Main })
    }

    /// The same, with the dead-man in it, if there is one.
    pub(crate) fn heap_and_dead_man(&mut self) -> (&mut Wire, Option<&Agent>) {
        match (&self.worker, &self.dead_man) {
            (Some(worker), _) => (self.wire.go(Isolate::Worker), Some(&worker.dead_man)),
            (None, main) => (self.wire.go(Isolate::Main), main.as_ref().map(|(dead_man, _)| dead_man)),
        }
    }

    /// The same, where there must be one.
    pub(crate) fn heaps_dead_man(&mut self, what: &'static str) -> Result<(&mut Wire, &Agent), Error> {
        match self.heap_and_dead_man() {
            (wire, Some(dead_man)) => Ok((wire, dead_man)),
            (_, None) => Err(Error::NotPlanted { what }),
        }
    }

    /// Its agent, and the main thread's, which is the same one where no worker was entered.
    pub(crate) async fn heaps_agent(
        &mut self,
        what: &'static str,
        limits: &Limits,
    ) -> Result<(&mut Wire, &Agent, &Agent), Error> {
        self.plant_agent(what, limits).await?;
        let main = self.agent.as_ref().expect("it was just planted");
        let (isolate, agent) = match &self.worker {
            Some(worker) => (Isolate::Worker, &worker.agent),
            None => (Isolate::Main, main),
        };
        Ok((self.wire.go(isolate), agent, main))
    }

    async fn plant_agent(&mut self, what: &'static str, limits: &Limits) -> Result<(), Error> {
        if self.agent.is_none() {
            let (wire, dead_man, planted) = self.dead_man(what)?;
            if planted.rival {
                return Err(Error::NotPlanted { what });
            }
            self.agent = Some(dead_man.evidence(wire, limits.reply).await?);
        }
        Ok(())
    }
}
