//! How the remote shell says what a process is short of.

use super::words::{Unreadable, unreadable};
use crate::data::{Resource, Shortage};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &str) {
        let said: Vec<String> = shortages(word).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(said.join("; "), expected);
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
