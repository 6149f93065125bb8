//! Who is at the other end of a TCP connection within this machine.
//!
//! Every user of a machine can connect to a port of its loopback. Whose socket the other end is, the kernel tells
//! (`/proc/net/tcp`), so that whoever listens there can serve its own user and nobody else.

use std::net::SocketAddr;

use rustix::process::geteuid;

use crate::exposure::{socket_address, socket_inodes};

/// The other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    user: u32,
    inode: String,
}

/// A process of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its pid.
    pub pid: u32,
    /// What it calls itself, which may be anything.
    pub name: String,
}

impl Peer {
    /// Does the kernel of this machine tell? Linux does.
    pub fn can_be_known() -> bool {
        std::fs::File::open("/proc/self/net/tcp").is_ok()
    }

    /// The socket at `theirs` that is connected to `ours`; `None` where there is none any more.
    pub fn of(ours: SocketAddr, theirs: SocketAddr) -> Option<Self> {
        // A program may reach a port of IPv4 by a socket of IPv6.
        ["tcp", "tcp6"].iter().find_map(|table| {
            let table = std::fs::read_to_string(format!("/proc/self/net/{table}")).ok()?;
            table.lines().find_map(|line| connected(line, ours, theirs))
        })
    }

    /// Is it this user's?
    pub fn is_own(&self) -> bool {
        self.user == geteuid().as_raw()
    }

    /// The number of its user.
    pub fn user(&self) -> u32 {
        self.user
    }

    /// The process that has it, as far as this user can see.
    pub fn program(&self) -> Option<Program> {
        let pids = std::fs::read_dir("/proc").ok()?.flatten();
        let mut pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let pid = pids.find(|pid| socket_inodes(*pid).is_some_and(|inodes| inodes.contains(&self.inode)))?;
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        Some(Program { pid, name: name.trim().to_owned() })
    }
}

/// proc(5): `sl local_address rem_address st … uid timeout inode`; state 01 is ESTABLISHED. A socket that nobody holds any more
/// passes for root's.
fn connected(line: &str, ours: SocketAddr, theirs: SocketAddr) -> Option<Peer> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (state, user, inode) = (fields.get(3)?, fields.get(7)?, fields.get(9)?);
    if *state != "01" || *inode == "0" {
        return None;
    }
    let here = |field: usize, address: SocketAddr| {
        socket_address(fields.get(field)?).filter(|found| same(*found, address))
    };
    here(1, theirs)?;
    here(2, ours)?;
    Some(Peer { user: user.parse().ok()?, inode: (*inode).to_owned() })
}

fn same(one: SocketAddr, other: SocketAddr) -> bool {
    one.port() == other.port() && one.ip().to_canonical() == other.ip().to_canonical()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_other_end_is_known_with_its_user_and_its_program() {
        assert!(Peer::can_be_known());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let ours = listener.local_addr().unwrap();
        let client = TcpStream::connect(ours).unwrap();
        let (_served, theirs) = listener.accept().unwrap();
        let peer = Peer::of(ours, theirs).expect("it is connected");
        assert!(peer.is_own());
        assert_eq!(peer.program().expect("it is this process").pid, std::process::id());
        drop(client);
        // What has hung up is nobody's any more, and must not pass for somebody's.
        assert_eq!(Peer::of(ours, theirs), None);
    }

    #[test]
    fn a_socket_of_ipv6_is_found_behind_an_address_of_ipv4() {
        let line = "   1: 0000000000000000FFFF00000100007F:D431 0000000000000000FFFF00000100007F:240D 01 \
                    00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 20 4 30 10 -1";
        let (ours, theirs) = ("127.0.0.1:9229".parse().unwrap(), "127.0.0.1:54321".parse().unwrap());
        assert_eq!(connected(line, ours, theirs), Some(Peer { user: 1000, inode: "4711".into() }));
        assert_eq!(connected(line, theirs, ours), None, "that is our own end");
        for (from, to) in [(" 01 ", " 06 "), (" 4711 ", " 0 "), (":240D", ":240E"), (":D431", "")] {
            assert_eq!(connected(&line.replace(from, to), ours, theirs), None, "{from} → {to}");
        }
    }
}
