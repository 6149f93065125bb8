//! What a process is short of, so that SIGUSR1 could end it: Node.js asserts that its inspector can be opened.
//!
//! The numbers and the thresholds are the remote shell's (`room` in its script), which looks once for the choice and once more
//! just before the signal; here they become words.

use std::fmt;

use serde::Serialize;

/// One thing that a process has too little left of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shortage {
    /// Of what.
    pub of: Resource,
    /// How much is used; `None` where that cannot be read.
    pub used: Option<u64>,
    /// How much there is; `None` where that cannot be read.
    pub limit: Option<u64>,
}

/// What an inspector needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// File descriptors of the process.
    Descriptors,
    /// Open files of the machine.
    MachineFiles,
    /// Threads of the process's user.
    UserThreads,
    /// Threads of its cgroup, or of one around it.
    CgroupThreads,
    /// Threads of the machine.
    MachineThreads,
    /// Memory of its cgroup, or of one around it, bytes.
    CgroupMemory,
    /// Memory of the machine, bytes.
    MachineMemory,
    /// Its address space (`ulimit -v`), bytes.
    AddressSpace,
    /// Its data segment (`ulimit -d`), bytes.
    DataSize,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(used), Some(limit)) = (self.used, self.limit) else {
            return f.write_str("its file descriptors cannot be counted");
        };
        let spare = limit.saturating_sub(used);
        let what = match self.of {
            Resource::Descriptors => "file descriptors",
            Resource::MachineFiles => "open files on the machine",
            Resource::UserThreads => "threads of its user (ulimit -u)",
            Resource::CgroupThreads => "threads of its cgroup (pids.max)",
            Resource::MachineThreads => "threads on the machine",
            Resource::CgroupMemory => return megabytes(f, spare, limit, "of its cgroup's memory"),
            Resource::MachineMemory => return megabytes(f, spare, limit, "of the machine's memory"),
            Resource::AddressSpace => return megabytes(f, spare, limit, "of its address space (ulimit -v)"),
            Resource::DataSize => return megabytes(f, spare, limit, "of its data segment (ulimit -d)"),
        };
        write!(f, "{spare} of {limit} {what} are free")
    }
}

fn megabytes(f: &mut fmt::Formatter<'_>, spare: u64, limit: u64, what: &str) -> fmt::Result {
    write!(f, "{:.1} of {:.0} MB {what} are free", spare as f64 / 1e6, limit as f64 / 1e6)
}

/// All of them, in a sentence's part.
pub(crate) fn listed(shortages: &[Shortage]) -> String {
    shortages.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
