//! What of the process is resident, by what it is mapped for: `mappings.js` says how that is told.

use std::time::Duration;

use serde::Deserialize;

use super::{Agent, Answer, read_answer};
use crate::cut;
use crate::error::Error;
use crate::wire::Wire;

const MAPPINGS: &str = include_str!("mappings.js");

/// Resident memory by what it is mapped for, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mappings {
    /// The program break's, `[heap]`: malloc's main arena.
    pub main_arena: u64,
    /// The other arenas of glibc's malloc.
    pub arenas: u64,
    /// Mappings that these have, of 64 MB at the most: an arena has one or more.
    pub arena_count: u64,
    /// Threads' stacks.
    pub stacks: u64,
    /// Files: programs, libraries, what is mapped otherwise.
    pub files: u64,
    /// All else: V8's heaps, blocks that malloc maps by themselves, what other allocators have.
    pub others: u64,
    /// An allocator other than glibc's whose library is mapped: `jemalloc`, `tcmalloc`, `mimalloc` or `musl`.
    pub allocator: Option<String>,
    /// `MALLOC_ARENA_MAX`, where the process was started with one.
    pub arena_max: Option<u64>,
}

#[derive(Deserialize)]
struct Reading {
    main: f64,
    arenas: f64,
    stacks: f64,
    files: f64,
    others: f64,
    count: f64,
    #[serde(deserialize_with = "cut::maybe_a_name")]
    allocator: Option<String>,
    most: Option<f64>,
}

/// None where the system does not tell.
pub(crate) async fn mappings(
    dead_man: &Agent,
    wire: &mut Wire,
    within: Duration,
) -> Result<Option<Mappings>, Error> {
    let raw = dead_man.run(wire, MAPPINGS, false, within).await?;
    let reading = match read_answer::<Reading>("mappings", raw.get()) {
        Ok(Answer::Done(reading)) => reading,
        // The application has changed what it is read with.
        Ok(Answer::Failed { .. }) | Err(Error::Refused { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(Mappings {
        main_arena: reading.main as u64,
        arenas: reading.arenas as u64,
        arena_count: reading.count as u64,
        stacks: reading.stacks as u64,
        files: reading.files as u64,
        others: reading.others as u64,
        allocator: reading.allocator,
        arena_max: reading.most.map(|most| most as u64),
    }))
}
