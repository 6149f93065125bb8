//! Bytes of a V8 heap snapshot become exact facts: equal to those of the engine inside Chrome DevTools, for every
//! class and every node.
//!
//! Two flows begin at a file's bytes:
//!
//! - bytes → [`Census`] → [`compare()`] → [`Comparison`]: no graph is kept, so this is fast, and any number of
//!   snapshots can be compared as a series.
//! - bytes → [`Snapshot`] (nodes, edges, strings, DevTools' shallow sizes), and from it whatever needs the graph.
//!
//! ```no_run
//! use leakhunt_heap::{Error, SnapshotFile, compare};
//!
//! let base = SnapshotFile::open("1.heapsnapshot".as_ref())?;
//! let target = SnapshotFile::open("2.heapsnapshot".as_ref())?;
//! let comparison = compare(&base.census()?, &target.census()?);
//! let most_grown = comparison.rows.first().map(|row| (row.name.as_str(), row.count_delta()));
//! # Ok::<(), Error>(())
//! ```
//!
//! Pure: no clock, no terminal, no environment, and no file system but for [`SnapshotFile`], which maps a file, and turns the
//! signal of one that is cut short meanwhile into an error. A
//! snapshot is hostile input: each index is checked once, when it is read, so that the rest can be fast and safe.

mod bits;
mod census;
mod classes;
mod compare;
mod cut_short;
mod distances;
mod dom;
mod dominators;
mod edges;
mod error;
mod export;
mod facts;
mod file;
mod header;
mod id_space;
mod interfaces;
mod kinds;
#[cfg(target_arch = "x86_64")]
mod line;
mod locations;
mod names;
mod nodes;
mod ownership;
mod retainers;
mod scan;
mod series;
mod snapshot;
mod source;
mod strings;
mod summary;
mod text;
mod threads;
mod walk;
mod weak_maps;

pub use census::Census;
pub use classes::{ClassId, Classes};
pub use compare::{Comparison, Member, Row, compare};
pub use distances::{Distances, SYSTEM, UNREACHED};
pub use dominators::Dominators;
pub use error::Error;
pub use export::{NodeRow, node_rows};
pub use facts::Facts;
pub use file::{SnapshotFile, keep_freed_memory};
pub use id_space::{IdSpace, SAME_ID_SPACE, id_space};
pub use kinds::{EdgeType, NodeType};
pub use retainers::{End, Holder, Limits, Retainer, Retainers};
pub use series::{ClassSeries, Growth, growth_of_same_objects, series};
pub use snapshot::{EdgeName, EdgeRef, Location, NodeId, ObjectId, Snapshot, from_one};
pub use strings::Strings;
pub use summary::{ClassSummary, Statistics, Summary};
pub use text::{DuplicateStrings, Text, duplicate_strings};
