//! The only crate that knows the Chrome DevTools Protocol: one session to one host:port, evidence streamed into a writer.
//!
//! It opens no socket, starts no process and reads no clock but the monotonic one. It is given a connected stream (a
//! forwarded port, a Unix socket) and speaks to the Node process at its other end:
//!
//! ```no_run
//! # async fn hunt(stream: tokio::net::TcpStream) -> Result<(), leakhunt_inspector::Error> {
//! use leakhunt_inspector::{Identity, Limits, Parting, Session, WhenGone};
//!
//! let session = Session::attach(stream, Limits::default()).await?;
//! let meant = Identity { pid: 4242, start: None };
//! let planted = session.plant(WhenGone::CloseInspector, "a name of its own", Some(meant)).await?;
//! let process = session.process().await?;
//! println!("process {}, Node {}: {planted}", process.pid, process.node_version);
//! let mut snapshot = Vec::new();
//! let taken = session.snapshot_stream(&mut snapshot, |_| ()).await?;
//! println!("{} bytes, paused for {:?}", taken.bytes, taken.pause);
//! let left = session.leave(Parting::CloseInspector(Some(meant))).await;
//! println!("{left}");
//! # Ok(())
//! # }
//! ```
//!
//! - [`Session`]: one WebSocket, one CDP session for the whole hunt. Ids of heap objects are comparable only within it.
//! - [`ProcessFacts`], [`Memory`], [`Disk`]: what the process says of itself; hostile input, like all that comes from there.
//! - [`Count`]: how many objects the heap holds, by which a snapshot's cost goes ([`Session::count`]).
//! - [`Descriptors`]: what the process has open ([`Session::descriptors`]).
//! - [`Mappings`]: what of the process is resident, by what it is mapped for ([`Session::mappings`]).
//! - [`WorkerHeap`]: the heap of a worker thread ([`Session::workers`]).
//! - A worker thread can be entered ([`Session::enter`]): the heap under study is its own from then on.
//! - [`EventLoop`]: how late the application's event loop was while a CPU profile was taken ([`Session::cpu_stop`]).
//! - [`Planted`]: the dead-man in the process (`agent/dead_man.js`), which closes the inspector when we are gone.
//! - [`Marker`]: a held object whose id tells whether the id space still lives.
//! - [`Taken`]: a downloaded snapshot, by one of two routes ([`Session::snapshot_stream`], [`Session::snapshot_file`]).
//! - [`MappedScript`]: a script of the program that has a source map ([`Session::sources`], [`Session::source`]).
//! - [`Package`]: a package that the program has loaded, with its version ([`Session::packages`]).
//! - What a snapshot leaves out of an object, the numbers in its fields, can be asked for ([`Session::numbers`]).
//! - [`Left`]: what the teardown did, and what of it was seen.
//! - [`page_order`], [`page_shown`]: what a browser is told in the same protocol, to show a page.
//! - [`Error`]: one variant per thing that the operator would do differently.

mod agent;
mod browser;
mod cpu;
mod cut;
mod error;
mod http;
mod ids;
mod leave;
mod limits;
mod message;
mod numbers;
mod packages;
mod process;
mod route;
mod sampling;
mod session;
mod snapshot;
mod sources;
mod state;
mod timeline;
mod unescape;
mod wire;
mod workers;

pub use agent::{
    Count, Descriptors, Directory, Disk, EventLoop, Identity, Mappings, Medium, Memory, Planted, WhenGone,
};
pub use browser::{page_order, page_shown};
pub use error::Error;
pub use ids::Marker;
pub use leave::{Farewell, Left, Parting};
pub use limits::Limits;
pub use packages::Package;
pub use process::ProcessFacts;
pub use session::Session;
pub use snapshot::{Codec, FileRoute, Progress, Route, Taken};
pub use sources::{MappedScript, SourceFile};
pub use workers::WorkerHeap;
