//! Who connects to the local port, until a connection of the tunnel carries it.

use std::net::SocketAddr;
use std::time::Duration;

use leakhunt_host::{Connection, Forward, Peer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::local_port::{LocalPort, Looks, head, is_a_look};

/// Browsers connect beforehand and say nothing for a while, and after a look they may look again.
const NEXT_WORD: Duration = Duration::from_secs(120);
/// To the tunnel's local end; by SSH it is a login.
const CONNECT: Duration = Duration::from_secs(30);

/// One that is to be carried.
pub(super) struct Arrival {
    pub(super) client: TcpStream,
    pub(super) first: Vec<u8>,
    pub(super) tunnel: Connection,
    pub(super) peer: Option<Peer>,
}

/// Why one is not carried.
#[derive(Debug)]
pub(super) enum Turned {
    /// It is another user's.
    Another(u32),
    /// It has gone, or has said nothing.
    Away,
    /// The tunnel did not give a connection.
    NoWay(leakhunt_host::Error),
}

/// Lets in who is of this user, and answers its looks until it asks for more.
pub(super) async fn arrive(
    (mut client, theirs): (TcpStream, SocketAddr),
    (port, looks): (&LocalPort, &Looks),
    tunnel: &Forward,
) -> Result<Arrival, Turned> {
    let peer = admitted(port.address(), theirs).await?;
    loop {
        let first = timeout(NEXT_WORD, head(&mut client)).await.ok().flatten().ok_or(Turned::Away)?;
        if !is_a_look(&first) {
            let tunnel = tunnel.connect(CONNECT).await.map_err(Turned::NoWay)?;
            return Ok(Arrival { client, first, tunnel, peer });
        }
        let answer = looks.ask(&first, tunnel, || port.in_use()).await.map_err(Turned::NoWay)?;
        let answer = answer.ok_or(Turned::Away)?;
        client.write_all(&answer.bytes).await.map_err(|_| Turned::Away)?;
        if !answer.goes_on {
            return Err(Turned::Away);
        }
    }
}

/// Whose it is; none where this system does not tell, and that was consented to.
async fn admitted(ours: SocketAddr, theirs: SocketAddr) -> Result<Option<Peer>, Turned> {
    if !Peer::can_be_known() {
        return Ok(None);
    }
    // In another thread: the kernel's table has a line for each connection of the machine.
    match spawn_blocking(move || Peer::of(ours, theirs)).await {
        Ok(Some(peer)) if peer.is_own() => Ok(Some(peer)),
        Ok(Some(peer)) => Err(Turned::Another(peer.user())),
        _ => Err(Turned::Away),
    }
}
