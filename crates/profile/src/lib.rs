//! Bytes of V8's profiles become exact facts: who called whom, and what each call cost.
//!
//! ```text
//! .heapprofile  ─► heap::read, heap::read_cuts ─┐
//! .heaptimeline ─► timeline::read ──────────────┼─► Tree ─► Total, function by function
//! .cpuprofile   ─► cpu::read ───────────────────┘
//! ```
//!
//! - [`heap`]: a sampling heap profile. What a call cost is bytes: what it allocated while the profiler ran and was still alive
//!   at its end, scaled up from the samples. Two cuts of one run tell besides what of the first has lived on.
//! - [`timeline`]: an allocation timeline, which is a heap snapshot as well. What a call cost is bytes: those of the objects that it
//!   allocated while allocations were tracked, and that are in the snapshot.
//! - [`cpu`]: a CPU profile. What a call cost is microseconds, and the profile says besides how long the program was idle and how
//!   long V8 collected garbage.
//! - [`Tree`]: the calls, callers before whom they call; a [`Frame`] is a function, and its [`Total`] is what it cost wherever
//!   it was called, alone and with all that it called.
//!
//! What leakhunt's own agent did in the process is left out. Pure: no file, no clock, no terminal, no environment. A profile is
//! hostile input: how deep and how large it may be is bounded, and a number that no profile of V8's has is an error.

pub mod cpu;
pub mod heap;
pub mod timeline;

mod error;
mod frame;
mod tree;

pub use error::BadProfile;
pub use frame::Frame;
pub use tree::{FrameId, Node, Total, Tree};
