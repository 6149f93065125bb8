//! What a test wants to know of a dyno, read from outside through the host's `/proc`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

use super::{AGENT_PORT, APP_PORT, Dyno};

/// A process of a dyno.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number inside the dyno.
    pub pid: u32,
    /// Its parent's number inside the dyno; 0 where that is outside.
    pub ppid: u32,
    /// The command's name as the kernel has it: 15 bytes, changed by `process.title`.
    pub comm: String,
    /// The command line, its arguments joined by spaces.
    pub cmdline: String,
    /// The file that it executes, as the dyno sees it.
    pub exe: PathBuf,
    /// The signals that it catches, as in `/proc/PID/status` `SigCgt`.
    pub caught_signals: u64,
    /// Its number on the host.
    pub host_pid: u32,
}

impl Process {
    /// Whether it executes Node.js, whatever it calls itself.
    pub fn is_node(&self) -> bool {
        self.exe.file_name().is_some_and(|name| name == "node")
    }

    /// Whether it would survive a SIGUSR1 at this moment.
    pub fn catches_usr1(&self) -> bool {
        const SIGUSR1_BIT: u64 = 1 << (10 - 1);
        self.caught_signals & SIGUSR1_BIT != 0
    }

    /// Sends it a signal, from the host.
    pub fn signal(&self, signal: Signal) -> std::io::Result<()> {
        let pid = i32::try_from(self.host_pid).ok().and_then(Pid::from_raw);
        Ok(kill_process(pid.ok_or(std::io::ErrorKind::InvalidInput)?, signal)?)
    }

    /// The TCP ports on which it listens.
    pub fn listens_on(&self) -> Vec<u16> {
        let sockets = sockets_of(self.host_pid);
        let mut ports: Vec<u16> = listeners(self.host_pid)
            .into_iter()
            .filter(|(_, inode)| sockets.contains(inode))
            .map(|(port, _)| port)
            .collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }
}

/// What somebody left in a dyno.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Residue {
    /// A file that was not there when the dyno came up.
    File(PathBuf),
    /// A deleted file that a process of the dyno still holds open.
    Deleted {
        /// Who holds it.
        pid: u32,
        /// What it was called.
        path: String,
    },
}

impl Dyno {
    /// Its processes, as `ps` inside it would list them.
    pub fn processes(&self) -> Vec<Process> {
        self.init_pid().map(processes_of).unwrap_or_default()
    }

    /// The resident memory of all its processes, in bytes.
    pub fn memory(&self) -> u64 {
        let resident = |process: &Process| {
            let status = fs::read_to_string(format!("/proc/{}/status", process.host_pid)).ok()?;
            let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            kilobytes.trim().trim_end_matches(" kB").parse::<u64>().ok()
        };
        self.processes().iter().filter_map(resident).sum::<u64>() * 1024
    }

    /// The process that owns the app's port.
    pub fn node_pid(&self) -> Option<u32> {
        let owner = |process: &&Process| process.listens_on().contains(&APP_PORT);
        self.processes().iter().find(owner).map(|process| process.pid)
    }

    /// The ports on which a Node.js process listens beside the app's own: an open inspector is one of them.
    pub fn inspector_ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self
            .processes()
            .iter()
            .filter(|process| process.is_node())
            .flat_map(Process::listens_on)
            .collect();
        ports.retain(|port| ![APP_PORT, AGENT_PORT].contains(port));
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// What came into the dyno after it was up and is still there.
    pub fn leftovers(&self) -> Vec<Residue> {
        let (init, baseline) = {
            let now = self.shared.now();
            let Some(running) = &now.running else { return Vec::new() };
            (running.init.host_pid, running.baseline.clone())
        };
        let new = files_of(init).into_iter().filter(|path| !baseline.contains(path)).map(Residue::File);
        let deleted = processes_of(init).into_iter().flat_map(|process| {
            deleted_files(process.host_pid)
                .into_iter()
                .map(move |path| Residue::Deleted { pid: process.pid, path })
        });
        new.chain(deleted).collect()
    }

    fn init_pid(&self) -> Option<u32> {
        Some(self.shared.now().running.as_ref()?.init.host_pid)
    }
}

/// The processes in the pid namespace of an init, in order of their numbers inside.
pub(super) fn processes_of(init: u32) -> Vec<Process> {
    let namespace = |pid: u32| fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
    let Some(inside) = namespace(init) else { return Vec::new() };
    let mut inside_pids = HashMap::new();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(host_pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if namespace(host_pid).as_ref() != Some(&inside) {
            continue;
        }
        // A process may be gone between any two of these reads.
        if let Some((process, parent)) = read(host_pid) {
            inside_pids.insert(host_pid, process.pid);
            found.push((process, parent));
        }
    }
    let parent_inside = |parent: u32| inside_pids.get(&parent).copied().unwrap_or(0);
    let mut processes: Vec<Process> = found
        .into_iter()
        .map(|(process, parent)| Process { ppid: parent_inside(parent), ..process })
        .collect();
    processes.sort_by_key(|process| process.pid);
    processes
}

/// A process and its parent's number on the host.
fn read(host_pid: u32) -> Option<(Process, u32)> {
    let status = fs::read_to_string(format!("/proc/{host_pid}/status")).ok()?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let cmdline = fs::read(format!("/proc/{host_pid}/cmdline")).ok()?;
    let process = Process {
        pid: field("NSpid:")?.split_whitespace().last()?.parse().ok()?,
        ppid: 0,
        comm: field("Name:")?.to_owned(),
        cmdline: String::from_utf8_lossy(&cmdline).replace('\0', " ").trim_end().to_owned(),
        exe: fs::read_link(format!("/proc/{host_pid}/exe")).unwrap_or_default(),
        caught_signals: u64::from_str_radix(field("SigCgt:")?, 16).ok()?,
        host_pid,
    };
    Some((process, field("PPid:")?.parse().ok()?))
}

/// The listening TCP sockets of a process's network: port and inode.
fn listeners(pid: u32) -> Vec<(u16, u64)> {
    const LISTEN: &str = "0A";
    let mut found = Vec::new();
    for table in ["tcp", "tcp6"] {
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let port = fields.get(1).and_then(|local| local.rsplit_once(':'));
            let port = port.and_then(|(_, port)| u16::from_str_radix(port, 16).ok());
            let inode = fields.get(9).and_then(|inode| inode.parse().ok());
            if let (Some(&LISTEN), Some(port), Some(inode)) = (fields.get(3), port, inode) {
                found.push((port, inode));
            }
        }
    }
    found
}

fn sockets_of(host_pid: u32) -> Vec<u64> {
    open_files(host_pid)
        .iter()
        .filter_map(|target| target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok())
        .collect()
}

/// Deleted files that have a name in a writable folder: not shared memory of the runtime.
fn deleted_files(host_pid: u32) -> Vec<String> {
    let of_the_runtime = |path: &str| path.starts_with("/memfd:") || path.starts_with("/dev/zero");
    open_files(host_pid)
        .into_iter()
        .filter(|target| target.starts_with('/') && target.ends_with(" (deleted)") && !of_the_runtime(target))
        .collect()
}

fn open_files(host_pid: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{host_pid}/fd")).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| Some(fs::read_link(entry.path()).ok()?.to_string_lossy().into_owned()))
        .collect()
}

/// Every file in the dyno's writable folders, by its path inside.
pub(super) fn files_of(init: u32) -> Vec<PathBuf> {
    let root = PathBuf::from(format!("/proc/{init}/root"));
    let mut found = Vec::new();
    for folder in ["app", "tmp", "run", "dev/shm"] {
        walk(&root.join(folder), &mut found);
    }
    found.iter().filter_map(|path| Some(Path::new("/").join(path.strip_prefix(&root).ok()?))).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let mounted = [".heroku", "node_modules"].iter().any(|name| entry.file_name() == *name);
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !mounted => walk(&path, found),
            Ok(kind) if !kind.is_dir() => found.push(path),
            _ => {}
        }
    }
}
