//! The SSH entrance to a dyno: a relay on port 80 of a loopback address of its own, and behind it OpenSSH's server, one
//! for each connection, inside the dyno's namespaces.
//!
//! Each direction of a connection is a reader, a short queue of chunks with their time of arrival, and a writer. The
//! writer applies what the faults say at that moment: it delays (latency), it paces (slow), it stops for ever while the
//! socket stays open (stalled), or it ends the connection (cut). Since the queue is short, a slow entrance fills up and
//! its pressure reaches the app, as through a real tunnel. When either direction ends, both sides are closed, and the
//! server's process group is killed.

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::error::Named;
use crate::world::World;
use crate::{Dyno, Error, Fault};

/// The port of the tunnel's host, hard-wired in the CLI.
pub(crate) const PORT: u16 = 80;
/// Bytes a chunk, and chunks in a queue: half a megabyte is under way at most.
const CHUNK: usize = 32 * 1024;
const QUEUE: usize = 16;

/// What tests do to all tunnels of a rig at once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Command {
    /// Counts the cuts: a tunnel that sees it change ends.
    pub(crate) cuts: u64,
    /// Whether nothing moves.
    pub(crate) stalled: bool,
}

/// Takes a loopback address on which port 80 is free.
pub(crate) async fn free_address() -> Result<(Ipv4Addr, TcpListener), Error> {
    let mut seed = [0_u8; 3];
    for _ in 0..50 {
        rustix::rand::getrandom(&mut seed, rustix::rand::GetRandomFlags::empty())
            .map_err(std::io::Error::from)
            .named("random numbers")?;
        // 127.0.0.x is where everybody else is.
        let address = Ipv4Addr::new(127, seed[0].max(1), seed[1], seed[2].clamp(1, 254));
        match TcpListener::bind((address, PORT)).await {
            Ok(listener) => return Ok((address, listener)),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error).named(format!("{address}:{PORT}")),
        }
    }
    Err(std::io::Error::from(std::io::ErrorKind::AddrInUse)).named("a loopback address's port 80")
}

/// Serves one dyno's entrance until the rig ends. While the tunnel is closed, the port is closed.
pub(crate) async fn serve(world: Arc<World>, dyno: Dyno, listener: TcpListener) {
    let address = dyno.plan().tunnel_address;
    let mut listener = Some(listener);
    let mut changes = world.fault_changes.subscribe();
    loop {
        let closed = world.faults.has(Fault::TunnelClosed);
        if closed {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind((address, PORT)).await.ok();
        }
        let Some(open) = &listener else {
            if changes.changed().await.is_err() {
                return;
            }
            continue;
        };
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            accepted = open.accept() => {
                if let Ok((client, _)) = accepted {
                    world.audit.tunnel(dyno.name());
                    let _ = client.set_nodelay(true);
                    // Without a running dyno the connection is closed, as the platform's proxy does.
                    let Some(server) = dyno.ssh_server() else { continue };
                    tokio::spawn(connection(Arc::clone(&world), server, client));
                }
            }
        }
    }
}

/// Lets a client speak with a server that is started for it.
pub(crate) async fn connection(
    world: Arc<World>,
    server: std::process::Command,
    client: impl AsyncRead + AsyncWrite,
) {
    let mut server = tokio::process::Command::from(server);
    server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut server) = server.spawn() else { return };
    let (stdin, stdout) =
        (server.stdin.take().expect("stdin is piped"), server.stdout.take().expect("stdout is piped"));
    between(&world, client, (stdout, stdin)).await;
    end(&mut server).await;
}

/// Lets a client speak with a command that has a terminal, of which `ours` is the other end.
pub(crate) async fn terminal(
    world: Arc<World>,
    command: std::process::Command,
    ours: std::fs::File,
    client: impl AsyncRead + AsyncWrite,
) {
    let Ok(mut child) = tokio::process::Command::from(command).spawn() else { return };
    // Two, for a file of tokio's does one thing at a time.
    let Ok(to) = ours.try_clone() else { return };
    let (from, to) = (tokio::fs::File::from_std(ours), tokio::fs::File::from_std(to));
    between(&world, client, (from, to)).await;
    // As a terminal that is gone does to those on it.
    signal(&child, Signal::HUP);
    end(&mut child).await;
}

/// Until either has ended, or a test cuts it.
async fn between(
    world: &Arc<World>,
    client: impl AsyncRead + AsyncWrite,
    (stdout, stdin): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
) {
    let (from_client, to_client) = tokio::io::split(client);
    let up = direction(Arc::clone(world), from_client, stdin, false);
    let down = direction(Arc::clone(world), stdout, to_client, true);
    let mut commands = world.tunnels.subscribe();
    let cuts = commands.borrow().cuts;
    tokio::select! {
        () = up => {}
        () = down => {}
        _ = commands.wait_for(|command| command.cuts != cuts) => {}
    }
}

fn signal(child: &Child, signal: Signal) {
    if let Some(pid) = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)) {
        let _ = kill_process_group(pid, signal);
    }
}

/// sshd ends by itself when its client is gone; a session that hangs is killed.
async fn end(server: &mut Child) {
    if tokio::time::timeout(Duration::from_secs(2), server.wait()).await.is_err() {
        signal(server, Signal::KILL);
        let _ = server.wait().await;
    }
}

/// Moves bytes one way until either end is closed or a fault ends it.
async fn direction(
    world: Arc<World>,
    mut from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin,
    from_dyno: bool,
) {
    let (queue, chunks) = mpsc::channel(QUEUE);
    let reader = async move {
        loop {
            let mut chunk = vec![0; CHUNK];
            match from.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(length) => chunk.truncate(length),
            }
            if queue.send((Instant::now(), chunk)).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(reader, writer(world, chunks, to, from_dyno));
}

async fn writer(
    world: Arc<World>,
    mut chunks: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut to: impl AsyncWrite + Unpin,
    from_dyno: bool,
) {
    let mut commands = world.tunnels.subscribe();
    let mut faults = world.fault_changes.subscribe();
    let mut moved = 0_u64;
    while let Some((arrived, mut chunk)) = chunks.recv().await {
        if commands.wait_for(|command| !command.stalled).await.is_err() {
            return;
        }
        while world.faults.has(Fault::TunnelStalled) {
            if faults.changed().await.is_err() {
                return;
            }
        }
        let effect = Effect::now(&world);
        tokio::time::sleep_until(arrived + effect.latency).await;
        let limit = |bytes: Option<u64>| bytes.filter(|_| from_dyno).map(|bytes| bytes.saturating_sub(moved));
        let length = chunk.len() as u64;
        let cut = limit(effect.cut_after).filter(|left| *left < length);
        let stall = limit(effect.stalled_after).filter(|left| *left < length);
        if let Some(left) = cut.or(stall) {
            chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        if to.write_all(&chunk).await.is_err() {
            return;
        }
        moved += chunk.len() as u64;
        if cut.is_some() {
            return;
        }
        if stall.is_some() {
            std::future::pending::<()>().await;
        }
        if let Some(rate) = effect.bytes_per_second.filter(|_| from_dyno) {
            world.pacer.pause(chunk.len(), rate).await;
        }
    }
    let _ = to.shutdown().await;
}

/// What the faults do to a chunk that moves now.
struct Effect {
    latency: Duration,
    bytes_per_second: Option<u64>,
    cut_after: Option<u64>,
    stalled_after: Option<u64>,
}

impl Effect {
    fn now(world: &World) -> Self {
        let faults = &world.faults;
        Self {
            latency: faults
                .find(|fault| if let Fault::TunnelLatency(latency) = fault { Some(*latency) } else { None })
                .unwrap_or_default(),
            bytes_per_second: faults
                .find(|fault| if let Fault::TunnelSlow(rate) = fault { Some(*rate) } else { None }),
            cut_after: faults
                .find(|fault| if let Fault::TunnelCutAfter(bytes) = fault { Some(*bytes) } else { None }),
            stalled_after: faults
                .find(|fault| if let Fault::TunnelStalledAfter(bytes) = fault { Some(*bytes) } else { None }),
        }
    }
}

/// Shares one rate among all tunnels: each chunk takes its time on the line after those before it.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    free_at: std::sync::Mutex<Option<Instant>>,
}

impl Pacer {
    async fn pause(&self, bytes: usize, rate: u64) {
        let taken = Duration::from_secs_f64(bytes as f64 / rate as f64);
        let until = {
            let mut free_at = self.free_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let until = free_at.unwrap_or_else(Instant::now).max(Instant::now()) + taken;
            *free_at = Some(until);
            until
        };
        tokio::time::sleep_until(until).await;
    }
}

/// The sender's half of what tests do to tunnels.
pub(crate) type Commands = watch::Sender<Command>;
