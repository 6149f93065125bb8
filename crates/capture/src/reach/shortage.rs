//! What a process is short of, so that SIGUSR1 could end it: Node.js asserts that its inspector can be opened.
//!
//! The numbers and the thresholds are the shell's (`room` in `reach.sh`), which looks once for the choice and once more just
//! before the signal; here they become words.

use std::fmt;

use serde::Serialize;

use super::probe::{Unreadable, unreadable};

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

const RESOURCES: [(&str, Resource); 9] = [
    ("descriptors", Resource::Descriptors),
    ("machine-files", Resource::MachineFiles),
    ("user-threads", Resource::UserThreads),
    ("cgroup-threads", Resource::CgroupThreads),
    ("machine-threads", Resource::MachineThreads),
    ("cgroup-memory", Resource::CgroupMemory),
    ("machine-memory", Resource::MachineMemory),
    ("address-space", Resource::AddressSpace),
    ("data-size", Resource::DataSize),
];

/// `descriptors:1021:1024,cgroup-threads:250:256`, or `-` for none; a number that cannot be read is a `-`.
pub(crate) fn shortages(word: &str) -> Result<Vec<Shortage>, Unreadable> {
    if word == "-" {
        return Ok(Vec::new());
    }
    word.split(',').map(|one| shortage(one).ok_or_else(|| unreadable(one))).collect()
}

fn shortage(word: &str) -> Option<Shortage> {
    let mut parts = word.split(':');
    let name = parts.next()?;
    let of = RESOURCES.iter().find(|known| known.0 == name)?.1;
    let mut number = || match parts.next()? {
        "-" => Some(None),
        // What a cgroup can take back at once may be more than it is charged for.
        below if below.starts_with('-') => Some(Some(0)),
        text => text.parse().ok().map(Some),
    };
    let (used, limit) = (number()?, number()?);
    parts.next().is_none().then_some(Shortage { of, used, limit })
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(used), Some(limit)) = (self.used, self.limit) else {
            return f.write_str("its file descriptors cannot be counted");
        };
        let spare = limit.saturating_sub(used);
        let what = match self.of {
            Resource::Descriptors => "file descriptors",
            Resource::MachineFiles => "open files of the whole machine",
            Resource::UserThreads => "threads of its user (ulimit -u)",
            Resource::CgroupThreads => "threads of its cgroup (pids.max)",
            Resource::MachineThreads => "threads of the whole machine",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &str) {
        assert_eq!(listed(&shortages(word).unwrap()), expected);
    }

    #[test]
    fn each_is_said_with_its_numbers() {
        check("-", "");
        check("descriptors:1021:1024", "3 of 1024 file descriptors are free");
        check("descriptors:-:1024", "its file descriptors cannot be counted");
        check(
            "cgroup-threads:255:256,cgroup-memory:510000000:512000000",
            "1 of 256 threads of its cgroup (pids.max) are free; 2.0 of 512 MB of its cgroup's memory are free",
        );
        check("user-threads:300:256", "0 of 256 threads of its user (ulimit -u) are free");
        check("cgroup-memory:-4096:8000000", "8.0 of 8 MB of its cgroup's memory are free");
    }

    #[test]
    fn what_is_not_the_scripts_word_is_named() {
        for word in ["descriptors", "descriptors:1", "luck:1:2", "descriptors:1:2:3", "descriptors:x:2", ""] {
            assert_eq!(shortages(word).unwrap_err().word, word);
        }
    }
}
