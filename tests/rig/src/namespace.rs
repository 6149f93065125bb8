//! The kernel's side of a dyno: who may make namespaces, and how the host's side talks into a dyno's network.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::error::Named;
use crate::{Error, error};

/// The ordinary user as which everything in a dyno runs, as on Heroku.
pub(crate) const DYNO_UID: u32 = 21_000;

/// How the rig came to be allowed to make namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Privilege {
    /// Root: the dyno's user is a uid of its own.
    Root,
    /// Root of a user namespace with one uid: the dyno's user is that uid under another number, one namespace further in.
    Namespaced,
}

impl Privilege {
    /// What this process is, or [`Error::NotRoot`].
    pub(crate) fn of_this_process() -> Result<Self, Error> {
        if !rustix::process::geteuid().is_root() {
            return Err(Error::NotRoot);
        }
        let map = std::fs::read_to_string("/proc/self/uid_map").named("/proc/self/uid_map")?;
        let covers = |line: &str| {
            let mut numbers = line.split_whitespace().map(|number| number.parse::<u64>().unwrap_or(0));
            let (first, _, count) =
                (numbers.next().unwrap_or(0), numbers.next(), numbers.next().unwrap_or(0));
            (first..first + count).contains(&u64::from(DYNO_UID))
        };
        Ok(if map.lines().any(covers) { Self::Root } else { Self::Namespaced })
    }

    /// The command prefix with which a dyno's setup gives up its rights, in place.
    pub(crate) fn give_up(self) -> String {
        match self {
            Self::Root => format!("setpriv --reuid={DYNO_UID} --regid={DYNO_UID} --clear-groups"),
            Self::Namespaced => format!("unshare --user --map-user={DYNO_UID} --map-group={DYNO_UID}"),
        }
    }

    /// The options with which `nsenter` becomes the dyno's user inside a dyno.
    pub(crate) fn enter(self) -> Vec<String> {
        match self {
            Self::Root => vec![format!("--setuid={DYNO_UID}"), format!("--setgid={DYNO_UID}")],
            Self::Namespaced => vec!["--user".to_owned(), "--preserve-credentials".to_owned()],
        }
    }
}

/// Brings the loopback interface of this thread's network namespace up, by netlink: minimal systems have no `ip`.
pub fn loopback_up() -> io::Result<()> {
    // A `nlmsghdr` and an `ifinfomsg` (rtnetlink(7)): set IFF_UP on interface 1, which is always `lo`.
    const NEWLINK: u16 = 16;
    const REQUEST_AND_ACKNOWLEDGE: u16 = 1 | 4;
    const IFF_UP: u32 = 1;
    let mut message = Vec::with_capacity(32);
    message.extend(32_u32.to_ne_bytes());
    message.extend(NEWLINK.to_ne_bytes());
    message.extend(REQUEST_AND_ACKNOWLEDGE.to_ne_bytes());
    message.extend([0; 8]);
    message.extend([0; 4]);
    message.extend(1_i32.to_ne_bytes());
    message.extend(IFF_UP.to_ne_bytes());
    message.extend(IFF_UP.to_ne_bytes());
    let socket = rustix::net::socket(AddressFamily::NETLINK, SocketType::RAW, None)?;
    rustix::net::sendto(&socket, &message, SendFlags::empty(), &SocketAddrNetlink::new(0, 0))?;
    let mut answer = [0_u8; 64];
    let (length, _) = rustix::net::recv(&socket, &mut answer[..], RecvFlags::empty())?;
    // The acknowledgement is a `nlmsgerr` whose error is 0.
    match answer.get(16..20).filter(|_| length >= 20) {
        Some([0, 0, 0, 0]) => Ok(()),
        Some(&[a, b, c, d]) => Err(io::Error::from_raw_os_error(-i32::from_ne_bytes([a, b, c, d]))),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Connects to ports inside a dyno's network, from a thread that lives there.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    orders: mpsc::Sender<(u16, mpsc::SyncSender<io::Result<TcpStream>>)>,
}

impl Dialer {
    /// Moves a new thread into the network namespace of a process and brings its loopback up.
    pub(crate) fn into_network_of(pid: u32) -> Result<Self, Error> {
        let path = PathBuf::from(format!("/proc/{pid}/ns/net"));
        let namespace = std::fs::File::open(&path).named(error::shown(&path))?;
        let (orders, incoming) = mpsc::channel::<(u16, mpsc::SyncSender<io::Result<TcpStream>>)>();
        let (ready, is_ready) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let moved = move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
                .map_err(io::Error::from)
                .and_then(|()| loopback_up());
            let usable = moved.is_ok();
            if ready.send(moved).is_err() || !usable {
                return;
            }
            drop(namespace);
            while let Ok((port, answer)) = incoming.recv() {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                // Nobody waits any more: the connection is closed again.
                let _ = answer.send(TcpStream::connect_timeout(&address, Duration::from_secs(2)));
            }
        });
        is_ready
            .recv()
            .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))
            .named("the dyno's network")?;
        Ok(Self { orders })
    }

    /// A connection to a port of the dyno's 127.0.0.1.
    pub(crate) fn connect(&self, port: u16) -> io::Result<TcpStream> {
        let (answer, connection) = mpsc::sync_channel(1);
        self.orders.send((port, answer)).map_err(|_| io::ErrorKind::NotConnected)?;
        connection.recv().map_err(|_| io::ErrorKind::NotConnected)?
    }

    /// One HTTP request, answered in full.
    pub(crate) fn get(&self, port: u16, path: &str, patience: Duration) -> io::Result<Answer> {
        let mut connection = self.connect(port)?;
        connection.set_read_timeout(Some(patience))?;
        connection.set_write_timeout(Some(patience))?;
        connection.write_all(
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes(),
        )?;
        let mut bytes = Vec::new();
        connection.take(4 << 20).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok(Answer { status: status.ok_or(io::ErrorKind::InvalidData)?, body: body.to_owned() })
    }
}

/// What an app answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as it came, chunk headers included.
    pub body: String,
}
