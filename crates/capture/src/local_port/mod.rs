//! A port of this machine's loopback at which DevTools finds the inspector.
//!
//! A debugger's connection is carried through the tunnel by one of its own ([`carry()`]), and what is said on it is nobody's business
//! here; looks at `/json/list` and its like share one ([`looks`]). Node.js itself checks the Host header of each request, so that
//! no web page reaches it under another name, and a page of another origin can read no answer and guess no target.
//!
//! Only the user who hunts is served, where the kernel tells whose a connection is ([`Peer`]). Who owns what: the port owns its
//! listener and the tasks that carry; closing it ends both, and so does dropping it.

mod carry;
mod looks;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use leakhunt_host::{Connection, Peer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub(crate) use self::carry::Happening;
use self::carry::{Carried, carry};
pub(crate) use self::looks::{Looks, head, is_a_look};

/// Where debuggers look by themselves: chrome://inspect, and editors.
const DEBUGGERS_OWN: u16 = 9229;

/// One DevTools has one connection, and chrome://inspect a few more for a moment.
pub(crate) const MOST_CONNECTIONS: usize = 16;

/// The listener, and what it has accepted.
pub(crate) struct LocalPort {
    listener: TcpListener,
    address: SocketAddr,
    tasks: Mutex<JoinSet<()>>,
    stop: CancellationToken,
    /// Connections of the tunnel that are in use.
    carried: Arc<AtomicU32>,
    tell: mpsc::UnboundedSender<Happening>,
}

impl LocalPort {
    /// Listens: where debuggers look by themselves, or on another port if that one is taken. What happens on it is told to the
    /// receiver.
    pub(crate) async fn open() -> std::io::Result<(Self, mpsc::UnboundedReceiver<Happening>)> {
        let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, DEBUGGERS_OWN)).await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
        };
        let address = listener.local_addr()?;
        // No more is ever unread than there are connections.
        let (tell, told) = mpsc::unbounded_channel();
        let port = Self {
            listener,
            address,
            tasks: Mutex::default(),
            stop: CancellationToken::new(),
            carried: Arc::default(),
            tell,
        };
        Ok((port, told))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next one who connects, and where from.
    pub(crate) async fn accept(&self) -> std::io::Result<(TcpStream, SocketAddr)> {
        self.listener.accept().await
    }

    /// How many connections of the tunnel are in use.
    pub(crate) fn carried(&self) -> u32 {
        self.carried.load(Ordering::Relaxed)
    }

    /// Counts a connection of the tunnel that is about to be used.
    pub(crate) fn in_use(&self) -> InUse {
        InUse::new(&self.carried)
    }

    /// Carries what was accepted through a connection of the tunnel, beginning with what was read of it already.
    pub(crate) fn carry(&self, client: TcpStream, first: Vec<u8>, tunnel: Connection, peer: Option<Peer>) {
        let ends = Carried { client, first, tunnel, peer };
        let (stop, tell) = (self.stop.clone(), self.tell.clone());
        let in_use = self.in_use();
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            carry(ends, &stop, &tell).await;
            drop(in_use);
        });
    }

    /// Listens no more, and ends what is connected: in order, so that nothing is reset that the app may be writing to. Gives how
    /// many connections that were.
    pub(crate) async fn close(self) -> u32 {
        let Self { listener, tasks, stop, carried, .. } = self;
        drop(listener);
        let ended = carried.load(Ordering::Relaxed);
        stop.cancel();
        let mut tasks = tasks.into_inner().unwrap_or_else(PoisonError::into_inner);
        while tasks.join_next().await.is_some() {}
        ended
    }
}

/// Counts one connection of the tunnel for as long as it lives.
pub(crate) struct InUse(Arc<AtomicU32>);

impl InUse {
    fn new(count: &Arc<AtomicU32>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
