//! What lets `heroku run:inside` into a dyno of the Fir generation: the platform keeps the command and names an address, and the CLI
//! connects to that. There are two kinds of it, and a rig has one of them:
//!
//! - [`FirWay::Ssh`]: https, whose certificate is nobody's; an upgrade to `tcp`, and then a real OpenSSH server in the dyno that takes the
//!   account's key and runs the command.
//! - [`FirWay::Rendezvous`]: TLS with a certificate of the rig's authority; the secret as its first line, a greeting, and then a terminal
//!   in the dyno on which the command runs.
//!
//! Each address is good for one connection.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rcgen::CertifiedKey;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::error::{Named, shown};
use crate::world::World;
use crate::{Dyno, Error, Fault, entrance, exec_manager, warden};

/// How the CLI comes into a dyno of Fir.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FirWay {
    /// By the user's own ssh.
    Ssh,
    /// By TLS, to a terminal.
    Rendezvous,
}

/// A command that waits for its connection.
struct Waiting {
    secret: String,
    dyno: Dyno,
    command: String,
}

/// The addresses of a rig whose app is of the Fir generation.
pub(crate) struct Inside {
    way: FirWay,
    /// The public key of the account.
    pub(crate) key: String,
    address: OnceLock<SocketAddr>,
    waiting: Mutex<Vec<Waiting>>,
}

impl Inside {
    pub(crate) fn new(way: FirWay, key: String) -> Self {
        Self { way, key, address: OnceLock::new(), waiting: Mutex::default() }
    }

    /// Keeps a command, and gives the address at which it runs.
    pub(crate) fn keep(&self, dyno: Dyno, command: String) -> Result<String, Error> {
        let secret = crate::random_uuid()?;
        let scheme = match self.way {
            FirWay::Ssh => "https",
            FirWay::Rendezvous => "rendezvous",
        };
        let address = self.address.get().map(ToString::to_string).unwrap_or_default();
        let url = format!("{scheme}://{address}/{secret}");
        self.waiting().push(Waiting { secret, dyno, command });
        Ok(url)
    }

    fn take(&self, secret: &str) -> Option<Waiting> {
        let mut waiting = self.waiting();
        let at = waiting.iter().position(|one| one.secret == secret)?;
        Some(waiting.swap_remove(at))
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves the address until the rig ends. `trusted` speaks in the name of the rig's authority.
pub(crate) async fn serve(world: Arc<World>, trusted: TlsAcceptor) -> Result<(), Error> {
    let Some(inside) = &world.inside else { return Ok(()) };
    let listener = TcpListener::bind("127.0.0.1:0").await.named("a port for run:inside")?;
    let address = listener.local_addr().named("the port for run:inside")?;
    inside.address.get_or_init(|| address);
    let way = inside.way;
    let acceptor = match way {
        FirWay::Ssh => nobodys_certificate()?,
        FirWay::Rendezvous => trusted,
    };
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            if world.faults.has(Fault::TunnelClosed) {
                continue;
            }
            let (world, acceptor) = (Arc::clone(&world), acceptor.clone());
            tokio::spawn(async move {
                match way {
                    FirWay::Ssh => by_ssh(world, acceptor, client).await,
                    FirWay::Rendezvous => by_rendezvous(world, acceptor, client).await,
                }
            });
        }
    });
    Ok(())
}

fn nobodys_certificate() -> Result<TlsAcceptor, Error> {
    let made = rcgen::generate_simple_self_signed(vec!["nobody.invalid".to_owned()]);
    let CertifiedKey { cert, signing_key } = made.map_err(|error| Error::Certificates(error.to_string()))?;
    exec_manager::acceptor(cert.der().clone(), &signing_key)
}

async fn by_ssh(world: Arc<World>, acceptor: TlsAcceptor, client: TcpStream) {
    let _ = client.set_nodelay(true);
    let Ok(mut client) = acceptor.accept(client).await else { return };
    let Some(head) = read_until(&mut client, b"\r\n\r\n").await else { return };
    if world.faults.has(Fault::UntrustedAddress) {
        let _ = client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
        return;
    }
    let secret = head.split([' ', '/']).find(|word| word.len() == 36).unwrap_or_default();
    let upgrades = head.to_ascii_lowercase().contains("\r\nupgrade: tcp\r\n");
    let waiting = world.inside.as_ref().and_then(|inside| inside.take(secret)).filter(|_| upgrades);
    let Some(Waiting { dyno, command, .. }) = waiting else {
        let _ = client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
        return;
    };
    let upgraded = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    if client.write_all(upgraded).await.is_err() {
        return;
    }
    world.audit.tunnel(dyno.name());
    let Some(server) = dyno.ssh_server_for(&command) else { return };
    entrance::connection(world, server, client).await;
}

async fn by_rendezvous(world: Arc<World>, acceptor: TlsAcceptor, client: TcpStream) {
    let _ = client.set_nodelay(true);
    let Ok(mut client) = acceptor.accept(client).await else { return };
    let Some(secret) = read_until(&mut client, b"\r\n").await else { return };
    let Some(Waiting { dyno, command, .. }) =
        world.inside.as_ref().and_then(|inside| inside.take(secret.trim()))
    else {
        return;
    };
    if client.write_all(b"rendezvous\r\n").await.is_err() {
        return;
    }
    world.audit.tunnel(dyno.name());
    let Some((command, ours)) = on_a_terminal(&dyno, &command) else { return };
    entrance::terminal(world, command, ours, client).await;
}

/// A command in the dyno with a terminal of its own, and our end of that.
fn on_a_terminal(dyno: &Dyno, command: &str) -> Option<(Command, File)> {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).ok()?;
    grantpt(&ours).ok()?;
    unlockpt(&ours).ok()?;
    let name = ptsname(&ours, Vec::new()).ok()?;
    let theirs = File::options().read(true).write(true).open(name.to_str().ok()?).ok()?;
    let mut started = dyno.run_inside(command)?;
    started.stdin(theirs.try_clone().ok()?).stdout(theirs.try_clone().ok()?).stderr(theirs);
    Some((started, File::from(ours)))
}

/// Up to and without an end; `None` where that does not come.
async fn read_until(client: &mut (impl AsyncRead + Unpin), end: &[u8]) -> Option<String> {
    let mut read = Vec::new();
    while !read.ends_with(end) {
        read.push(client.read_u8().await.ok().filter(|_| read.len() < 8 << 10)?);
    }
    read.truncate(read.len() - end.len() + 2);
    String::from_utf8(read).ok()
}

/// The ssh-agent of the user of a rig, with the account's key.
pub(crate) struct Agent {
    child: Child,
    warden: Arc<warden::Warden>,
    pub(crate) socket: PathBuf,
    /// Its public key.
    pub(crate) key: String,
}

impl Agent {
    pub(crate) fn start(folder: &Path, warden: &Arc<warden::Warden>) -> Result<Self, Error> {
        let (key, socket) = (folder.join("account_key"), folder.join("agent"));
        run(
            "ssh-keygen",
            Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key),
        )?;
        let child = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(&socket)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .named("ssh-agent")?;
        warden.guard(child.id());
        let public = std::fs::read_to_string(key.with_extension("pub")).named("the account's key")?;
        let agent = Self { child, warden: Arc::clone(warden), socket, key: public.trim().to_owned() };
        let deadline = Instant::now() + Duration::from_secs(10);
        while !agent.socket.exists() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        run(
            "ssh-add",
            Command::new("ssh-add").arg("-q").arg(&key).env("SSH_AUTH_SOCK", shown(&agent.socket)),
        )?;
        Ok(agent)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.warden.release(self.child.id());
    }
}

fn run(program: &'static str, command: &mut Command) -> Result<(), Error> {
    let failed = |reason: String| Error::Program { program, reason };
    let output = command.stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(failed(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}
