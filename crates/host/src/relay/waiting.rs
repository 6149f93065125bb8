//! A relay that was started before it is known where it is to connect, and waits for that.
//!
//! It takes a command's start of its own, which goes on beside whatever else is asked there. Where nobody tells it a port, its input
//! ends, and so does it.

use std::future::Future;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Ends;
use crate::Error;
use crate::connection::Piped;
use crate::frame::Mark;

/// For one that is told nothing to be on its way out.
const GIVEN_UP: Duration = Duration::from_secs(5);

pub(crate) struct Waiting {
    /// The process whose port it is, until that is told.
    pid: Option<oneshot::Sender<u32>>,
    port: oneshot::Sender<u16>,
    carried: JoinHandle<Result<Piped, Error>>,
}

impl Waiting {
    /// One that comes about by `start`, with what it is to be told before anything else.
    pub(crate) fn new(
        start: impl Future<Output = Result<Ends, Error>> + Send + 'static,
        mark: Mark,
        told: Option<String>,
        target: String,
    ) -> Self {
        let (pid, told_pid) = oneshot::channel();
        let (port, told_port) = oneshot::channel();
        let carried = async move {
            let mut ends = start.await?;
            if !ends.set_up(&mark, told.as_deref()).await? {
                return Err(ends.broken().await);
            }
            // Given up: the end of its input ends it.
            let Ok(pid) = told_pid.await else { return Err(ends.unconnected()) };
            // One that has ended does not say that it is connected either.
            let _ = ends.tell(&format!("{pid}\n")).await;
            let Ok(port) = told_port.await else { return Err(ends.unconnected()) };
            let _ = ends.tell(&format!("{port}\n")).await;
            ends.connected(&mark, (port, &target)).await
        };
        Self { pid: Some(pid), port, carried: tokio::spawn(carried) }
    }

    /// Names the process whose port it is, which may lend its program; 0 where it is not known. The first word counts.
    pub(crate) fn beside(&mut self, pid: u32) {
        if let Some(told) = self.pid.take() {
            let _ = told.send(pid);
        }
    }

    /// Has it connect to a port.
    pub(crate) async fn connected(mut self, port: u16) -> Result<Piped, Error> {
        self.beside(0);
        let Self { port: told, carried, .. } = self;
        let _ = told.send(port);
        carried.await.map_err(|error| Error::io("starting a relay", std::io::Error::other(error)))?
    }

    /// Ends it.
    pub(crate) async fn stop(self) {
        let Self { pid, port, carried } = self;
        drop((pid, port));
        let _ = timeout(GIVEN_UP, carried).await;
    }
}
