//! A port of a place in which commands can be run; each connection is a command of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{Relay, Start};
use crate::connection::Connection;
use crate::footprint::Footprint;
use crate::group::{Ended, Stopped};
use crate::output::Recognise;
use crate::tail::{LastLines, Tail};
use crate::{CommandLine, Environment, Error};

/// A place, and how a relay to a port is started there, beside a process that may lend its program to it.
pub(crate) struct Place {
    /// The place in words.
    pub(crate) what: String,
    pub(crate) environment: Environment,
    /// What is known of what its tool prints.
    pub(crate) recognise: Recognise,
    pub(crate) tail: Tail,
    pub(crate) start: StartRelay,
}

type StartRelay = Box<dyn Fn(u16, Option<u32>) -> Result<Start, Error> + Send + Sync>;

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
    /// Those that may still carry.
    relays: Vec<Relay>,
    /// The last of all.
    last: Option<CommandLine>,
}

impl RelayForward {
    pub(crate) fn new(place: Place, port: u16) -> Self {
        Self { place, port, pid: None, begun: Arc::default() }
    }

    pub(crate) fn beside(&mut self, pid: u32) {
        self.pid = Some(pid);
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
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
        let Place { what, environment, recognise, tail, start } = &self.place;
        let start = start(self.port, self.pid)?;
        self.begun().last = Some(start.command().clone());
        let (relay, ends) = Relay::start(start.command(), environment, Arc::clone(recognise), tail.clone())?;
        {
            let mut begun = self.begun();
            begun.relays.retain_mut(|relay| !relay.is_gone());
            begun.relays.push(relay);
        }
        let piped = match start {
            Start::ByItself(_) => ends.into_piped(),
            Start::Script { mark, told, .. } => {
                match timeout(deadline, ends.connected((&mark, told), self.port, what)).await {
                    Ok(connected) => connected?,
                    Err(_) => {
                        return Err(Error::TimedOut {
                            what: format!("from the relay to port {} of {what}", self.port),
                            after: deadline,
                            last_lines: self.last_lines(),
                        });
                    }
                }
            }
        };
        Ok(Connection::Piped(Box::new(piped)))
    }

    pub(crate) async fn stop(self) -> Stopped {
        let start = Instant::now();
        let Begun { relays, last } = std::mem::take(&mut *self.begun());
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
