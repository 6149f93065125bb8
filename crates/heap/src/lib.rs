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
//! Its rooms, in the order in which data goes through them; each knows those before it and none behind:
//!
//! - `error`, `ids`, `id_index`, `kinds`, `bits`, `threads`: what all share.
//! - `read`: bytes → columns → [`Snapshot`].
//! - `classes`: nodes → [`Classes`], as DevTools tells them apart.
//! - `graph`: edges → [`DominatorTree`], [`Dominators`], [`Distances`], [`Retainers`], [`Paths`].
//! - `view`: what a view of DevTools' shows, and the [`Census`] that a comparison needs.
//! - `file`: [`SnapshotFile`], the door for who has a file and no bytes.
//!
//! Pure: no clock, no terminal, no environment, and no file system but for [`SnapshotFile`], which maps a file, and turns the
//! signal of one that is cut short meanwhile into an error. A snapshot is hostile input: each index is checked once, when it is read, so that the rest can be fast and safe.

mod bits;
mod classes;
mod error;
mod file;
mod graph;
mod id_index;
mod ids;
mod kinds;
mod read;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod threads;
mod view;

pub use classes::{ClassId, Classes};
pub use error::Error;
pub use file::SnapshotFile;
pub use graph::distances::{Distances, SYSTEM, UNREACHED};
pub use graph::dominators::{DominatorTree, Dominators};
pub use graph::paths::Paths;
pub use graph::retainers::{Retainer, Retainers};
pub use graph::walk::Walk;
pub use id_index::IdIndex;
pub use ids::{Location, NodeId, ObjectId, from_one};
pub use kinds::{EdgeType, NodeType};
pub use read::snapshot::{EdgeName, EdgeRef, Snapshot};
pub use read::strings::Strings;
pub use view::census::Census;
pub use view::compare::{Comparison, Member, Row, compare};
pub use view::export::{NodeRow, node_rows};
pub use view::facts::Facts;
pub use view::holders::{End, Holder, Limits};
pub use view::id_space::{Beforehand, IdSpace, id_space};
pub use view::series::{ClassSeries, series};
pub use view::statistics::Statistics;
pub use view::summary::{ClassSummary, Summary};
pub use view::text::Text;
