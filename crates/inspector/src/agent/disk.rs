//! Where a snapshot could be written.

use std::time::Duration;

use serde::Deserialize;

use super::Agent;
use crate::cut;
use crate::error::Error;
use crate::wire::Wire;

/// Where the process could write a snapshot, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Directories that it may write to.
    pub directories: Vec<Directory>,
}

impl Disk {
    /// The first directory on a real disk with at least `needed` bytes free.
    pub fn room_for(&self, needed: u64) -> Option<&Directory> {
        self.directories.iter().find(|directory| {
            directory.medium == Medium::Disk && directory.free.is_some_and(|free| free >= needed)
        })
    }

    /// The first directory in memory with at least `needed` bytes free. What is written there counts as memory.
    pub fn memory_for(&self, needed: u64) -> Option<&Directory> {
        let has_room = |directory: &&Directory| directory.free.is_some_and(|free| free >= needed);
        self.directories.iter().filter(has_room).find(|directory| directory.medium == Medium::Memory)
    }

    /// Whether there is one of which Node cannot tell how much is free.
    pub fn is_partly_unknown(&self) -> bool {
        self.directories.iter().any(|directory| directory.free.is_none())
    }
}

/// One directory there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Its path.
    pub path: String,
    /// Free bytes for this process; `None` where Node cannot tell (before 18.15).
    pub free: Option<u64>,
    /// What it is made of.
    pub medium: Medium,
}

/// What a directory is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// A disk, or what the container has for one.
    Disk,
    /// tmpfs or ramfs: a file there counts as memory.
    Memory,
    /// Node cannot tell.
    Unknown,
}

#[derive(Deserialize)]
struct DiskReading {
    directories: Vec<DirectoryReading>,
}

#[derive(Deserialize)]
struct DirectoryReading {
    #[serde(deserialize_with = "cut::a_name")]
    path: String,
    free: Option<f64>,
    memory: Option<bool>,
}

pub(crate) async fn disk(agent: &Agent, wire: &mut Wire, within: Duration) -> Result<Disk, Error> {
    let reading: DiskReading = agent.ask(wire, "disk", &[], within).await?;
    let directory = |reading: DirectoryReading| Directory {
        path: reading.path,
        free: reading.free.map(|bytes| bytes as u64),
        medium: match reading.memory {
            Some(true) => Medium::Memory,
            Some(false) => Medium::Disk,
            None => Medium::Unknown,
        },
    };
    Ok(Disk { directories: reading.directories.into_iter().map(directory).collect() })
}
