//! What a process group really listens on, read from the kernel and not from what it was told to do.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use rustix::process::Pid;

use crate::members::members;

/// Who could connect to a forward besides its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nobody: no listener at all, or sockets in a private folder only.
    OwnerOnly,
    /// Every user of this machine: a loopback port.
    ThisMachine,
    /// Everybody who can reach this machine: a port on an outward address.
    Network,
    /// It could not be looked (no `/proc` here, or not readable).
    Unknown,
}

/// One listening socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listener {
    /// A TCP port.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

/// The listening sockets of a forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// All of them, SOCKS proxies and the like included.
    pub listeners: Vec<Listener>,
    /// The widest of them.
    pub reach: Reach,
}

impl Exposure {
    /// Nothing listens on this machine.
    pub(crate) fn none() -> Self {
        Self { listeners: Vec::new(), reach: Reach::OwnerOnly }
    }

    /// Looks at every process of a group. `private` is the folder whose sockets only the owner can reach.
    pub(crate) fn of_group(id: u32, private: Option<&Path>) -> Self {
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
        let listeners = pid.and_then(|pid| listeners_of(&members(pid)));
        let Some(listeners) = listeners else {
            return Self { listeners: Vec::new(), reach: Reach::Unknown };
        };
        let reach = listeners.iter().map(|l| reach_of(l, private)).max().unwrap_or(Reach::OwnerOnly);
        Self { listeners, reach }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

fn reach_of(listener: &Listener, private: Option<&Path>) -> Reach {
    match listener {
        Listener::Tcp(address) if address.ip().to_canonical().is_loopback() => Reach::ThisMachine,
        Listener::Tcp(_) => Reach::Network,
        Listener::Unix(path) if private.is_some_and(|folder| path.starts_with(folder)) => Reach::OwnerOnly,
        Listener::Unix(_) => Reach::ThisMachine,
    }
}

/// `None` where the kernel does not tell.
fn listeners_of(pids: &[u32]) -> Option<Vec<Listener>> {
    let mut found = Vec::new();
    for pid in pids {
        let inodes = socket_inodes(*pid)?;
        // Each process's own view, for it may be in another network namespace.
        let read =
            |table: &str| std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        let tcp = read("tcp");
        if tcp.is_empty() {
            return None;
        }
        let tables = [tcp, read("tcp6")];
        found.extend(
            tables.iter().flat_map(|table| table.lines().filter_map(|line| tcp_listener(line, &inodes))),
        );
        found.extend(read("unix").lines().filter_map(|line| unix_listener(line, &inodes)));
    }
    // A socket that several processes of the group share is one listener.
    let mut unique = Vec::with_capacity(found.len());
    found.into_iter().for_each(|listener| {
        if !unique.contains(&listener) {
            unique.push(listener);
        }
    });
    Some(unique)
}

pub(crate) fn socket_inodes(pid: u32) -> Option<HashSet<String>> {
    let links = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let inode = |link: PathBuf| {
        let target = std::fs::read_link(link).ok()?;
        Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
    };
    Some(links.flatten().filter_map(|entry| inode(entry.path())).collect())
}

/// proc(5): `sl local_address rem_address st … inode`, addresses as hex words in host order; state 0A is LISTEN.
fn tcp_listener(line: &str, inodes: &HashSet<String>) -> Option<Listener> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
    if *state != "0A" || !inodes.contains(*inode) {
        return None;
    }
    socket_address(local).map(Listener::Tcp)
}

/// `0100007F:240D`.
pub(crate) fn socket_address(hex: &str) -> Option<SocketAddr> {
    let (ip, port) = hex.split_once(':')?;
    Some(SocketAddr::new(hex_ip(ip)?, u16::from_str_radix(port, 16).ok()?))
}

fn hex_ip(hex: &str) -> Option<IpAddr> {
    let words = (0..hex.len())
        .step_by(8)
        .map(|at| u32::from_str_radix(hex.get(at..at + 8)?, 16).ok())
        .collect::<Option<Vec<u32>>>()?;
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    match bytes.len() {
        4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into()),
        16 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into()),
        _ => None,
    }
}

/// `Num RefCount Protocol Flags Type St Inode Path`; the flag 0x10000 (`__SO_ACCEPTCON`) marks a listener.
fn unix_listener(line: &str, inodes: &HashSet<String>) -> Option<Listener> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (flags, inode) = (fields.get(3)?, fields.get(6)?);
    if u32::from_str_radix(flags, 16).ok()? & 0x10000 == 0 || !inodes.contains(*inode) {
        return None;
    }
    // A path may hold spaces; everything after the inode is its.
    let path = line.split_once(&format!(" {inode} ")).map_or("", |(_, path)| path.trim_start());
    Some(Listener::Unix(PathBuf::from(path)))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    fn mine() -> Vec<Listener> {
        listeners_of(&[std::process::id()]).unwrap()
    }

    #[track_caller]
    fn check_tcp(address: &str, expected: Reach) {
        let socket = TcpListener::bind(address).unwrap();
        let listener = Listener::Tcp(socket.local_addr().unwrap());
        assert!(mine().contains(&listener), "{listener}");
        assert_eq!(reach_of(&listener, None), expected);
        drop(socket);
        assert!(!mine().contains(&listener), "{listener} was closed");
    }

    #[test]
    fn a_listener_is_seen_with_its_address() {
        check_tcp("127.0.0.1:0", Reach::ThisMachine);
        check_tcp("0.0.0.0:0", Reach::Network);
        check_tcp("[::]:0", Reach::Network);
        check_tcp("[::1]:0", Reach::ThisMachine);
    }

    #[test]
    fn a_socket_in_the_private_folder_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a socket");
        let _socket = UnixListener::bind(&path).unwrap();
        let listener = Listener::Unix(path);
        assert!(mine().contains(&listener));
        assert_eq!(reach_of(&listener, Some(folder.path())), Reach::OwnerOnly);
        assert_eq!(reach_of(&listener, None), Reach::ThisMachine);
    }

    #[test]
    fn a_loopback_address_written_as_ipv6_is_loopback() {
        let address: SocketAddr = "[::ffff:127.0.0.1]:9229".parse().unwrap();
        assert_eq!(reach_of(&Listener::Tcp(address), None), Reach::ThisMachine);
    }
}
