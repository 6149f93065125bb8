//! A port of the place; each connection is a command of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::place::Exec;
use crate::connection::Connection;
use crate::footprint::Footprint;
use crate::frame::Mark;
use crate::group::{Ended, Stopped};
use crate::relay::{self, Relay};
use crate::tail::{LastLines, Tail};
use crate::{CommandLine, Error};

pub(crate) struct ExecForward {
    exec: Exec,
    port: u16,
    /// The process whose port it is, where that is known.
    pid: Option<u32>,
    begun: Arc<Mutex<Begun>>,
    tail: Tail,
}

/// What was started.
#[derive(Default)]
struct Begun {
    /// Those that may still carry.
    relays: Vec<Relay>,
    /// The last of all.
    last: Option<CommandLine>,
}

impl ExecForward {
    pub(super) fn new(exec: Exec, port: u16) -> Self {
        let tail = exec.tail();
        Self { exec, port, pid: None, begun: Arc::default(), tail }
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
        self.tail.last_lines()
    }

    pub(crate) async fn connect(&self, deadline: Duration) -> Result<Connection, Error> {
        let environment = self.exec.environment();
        let (command, mark) = match self.exec.config.tool.forward() {
            Some(forward) => (forward.fill(self.port), None),
            None => {
                let mark = Mark::draw()?;
                let line = mark.wrap_plain(&relay::script(self.port, self.pid))?;
                (self.exec.config.tool.exec().fill(&line), Some(mark))
            }
        };
        self.begun().last = Some(command.clone());
        let (relay, mut ends) =
            Relay::start(&command, &environment, self.exec.recognise(), self.tail.clone())?;
        {
            let mut begun = self.begun();
            begun.relays.retain_mut(|relay| !relay.is_gone());
            begun.relays.push(relay);
        }
        if let Some(mark) = mark {
            match timeout(deadline, ends.connected(&mark, self.port, &self.exec.describe())).await {
                Ok(connected) => connected?,
                Err(_) => {
                    return Err(Error::TimedOut {
                        what: format!("from the relay to port {} of {}", self.port, self.exec.describe()),
                        after: deadline,
                        last_lines: self.last_lines(),
                    });
                }
            }
        }
        Ok(Connection::Piped(Box::new(ends.into_piped())))
    }

    pub(crate) async fn stop(self) -> Stopped {
        let start = Instant::now();
        let Begun { relays, last } = std::mem::take(&mut *self.begun());
        let mut all = Stopped {
            what: last.map_or_else(|| self.exec.describe(), |last| last.short()),
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
