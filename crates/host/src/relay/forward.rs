//! A port of a place in which commands can be run; each connection is a command of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{Ends, Relay, Start, Waiting};
use crate::connection::{Connection, Piped};
use crate::footprint::Footprint;
use crate::group::{Ended, Stopped};
use crate::output::Recognise;
use crate::tail::{LastLines, Tail};
use crate::{CommandLine, Environment, Error};

/// A place, and how a connection to a port is made there.
pub(crate) struct Place {
    /// The place in words.
    pub(crate) what: String,
    pub(crate) environment: Environment,
    /// What is known of what its tool prints.
    pub(crate) recognise: Recognise,
    pub(crate) tail: Tail,
    pub(crate) by: By,
}

/// What carries a connection.
pub(crate) enum By {
    /// A command that connects to this port by itself.
    Itself(Box<dyn Fn(u16) -> CommandLine + Send + Sync>),
    /// A relay, started by this command.
    Relay(Box<dyn Fn() -> Result<Start, Error> + Send + Sync>),
}

pub(crate) struct RelayForward {
    place: Place,
    port: u16,
    /// The process whose port it is, where that is known.
    pid: Option<u32>,
    begun: Arc<Mutex<Begun>>,
}

/// What was started.
#[derive(Default)]
struct Begun {
    /// Those that may still carry, the one that waits last.
    relays: Vec<Relay>,
    /// For the first connection: started when the forward was, so that its command's start is over by then.
    waiting: Option<Waiting>,
    /// The last of all.
    last: Option<CommandLine>,
}

impl RelayForward {
    /// Starts the first relay, if it is one that can wait for its port.
    pub(crate) fn start(place: Place, port: u16) -> Result<Self, Error> {
        let forward = Self { place, port, pid: None, begun: Arc::default() };
        if let By::Relay(start) = &forward.place.by {
            let waiting = forward.relay(start()?)?;
            forward.begun().waiting = Some(waiting);
        }
        Ok(forward)
    }

    pub(crate) fn beside(&mut self, pid: u32) {
        self.pid = Some(pid);
        if let Some(waiting) = &mut self.begun().waiting {
            waiting.beside(pid);
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Leads to another port from now on.
    pub(crate) fn aim(&mut self, port: u16) {
        self.port = port;
    }

    /// That of the last connection.
    pub(crate) fn command(&self) -> Option<CommandLine> {
        self.begun().last.clone()
    }

    /// Of the last connection.
    pub(crate) fn footprint(&self) -> Option<Footprint> {
        self.begun().relays.last().map(Relay::footprint)
    }

    pub(crate) fn last_lines(&self) -> LastLines {
        self.place.tail.last_lines()
    }

    pub(crate) async fn connect(&self, deadline: Duration) -> Result<Connection, Error> {
        match timeout(deadline, self.carried()).await {
            Ok(piped) => Ok(Connection::Piped(Box::new(piped?))),
            Err(_) => Err(Error::TimedOut {
                what: format!("from the relay to port {} of {}", self.port, self.place.what),
                after: deadline,
                last_lines: self.last_lines(),
            }),
        }
    }

    async fn carried(&self) -> Result<Piped, Error> {
        let start = match &self.place.by {
            By::Itself(command) => {
                let command = command(self.port);
                return self.started(&command).map(Ends::into_piped);
            }
            By::Relay(start) => start,
        };
        let waiting = self.begun().take_waiting();
        let waiting = match waiting {
            Some(waiting) => waiting,
            None => {
                let mut fresh = self.relay(start()?)?;
                self.pid.into_iter().for_each(|pid| fresh.beside(pid));
                fresh
            }
        };
        waiting.connected(self.port).await
    }

    fn relay(&self, Start { command, mark, told }: Start) -> Result<Waiting, Error> {
        let ends = self.started(&command)?;
        Ok(Waiting::new(std::future::ready(Ok(ends)), mark, told, self.place.what.clone()))
    }

    fn started(&self, command: &CommandLine) -> Result<Ends, Error> {
        let Place { environment, recognise, tail, .. } = &self.place;
        let mut begun = self.begun();
        begun.last = Some(command.clone());
        let (relay, ends) = Relay::start(command, environment, Arc::clone(recognise), tail.clone())?;
        begun.relays.retain_mut(|relay| !relay.is_gone());
        begun.relays.push(relay);
        Ok(ends)
    }

    pub(crate) async fn stop(self) -> Stopped {
        let start = Instant::now();
        let Begun { relays, waiting, last } = std::mem::take(&mut *self.begun());
        if let Some(waiting) = waiting {
            waiting.stop().await;
        }
        let mut all = Stopped {
            what: last.map_or_else(|| self.place.what.clone(), |last| last.short()),
            group: None,
            how: Ended::Nothing,
            gone: true,
            took: Duration::ZERO,
        };
        for relay in relays {
            let stopped = relay.stop().await;
            all.gone &= stopped.gone;
            if all.how != Ended::Killed {
                (all.how, all.group) = (stopped.how, stopped.group);
            }
        }
        all.took = start.elapsed();
        all
    }

    fn begun(&self) -> MutexGuard<'_, Begun> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Begun {
    /// The relay that waits, if it is there still: a link may have dropped it meanwhile.
    fn take_waiting(&mut self) -> Option<Waiting> {
        let waiting = self.waiting.take()?;
        self.relays.last_mut().is_some_and(|relay| !relay.is_gone()).then_some(waiting)
    }
}
