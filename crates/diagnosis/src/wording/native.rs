//! What native memory grew, and how to tell a leak from fragmentation.

use super::size;
use crate::findings::Memory;
use crate::native::Native;

/// Goes on after what was said of the process.
pub(super) fn native(native: Native, memory: &Memory) -> String {
    let allocator = memory.mappings.last().and_then(|mappings| mappings.allocator.as_deref());
    // What a worker's isolate has outside of its heap, the main thread's readings do not count.
    let has_workers = memory.workers.last().is_some_and(|workers| !workers.is_empty());
    let buffers = if has_workers { ", Buffers of worker threads among it" } else { "" };
    match native {
        Native::Malloc { gain, in_arenas, count, arena_max } => {
            let arenas = if in_arenas == 0 {
                String::new()
            } else {
                format!(", {} in arenas besides the main one, which have {count} mappings", size(in_arenas))
            };
            let try_out = if in_arenas > gain / 2 && arena_max.is_none() {
                "MALLOC_ARENA_MAX=2 in its environment (on Heroku: `heroku config:set MALLOC_ARENA_MAX=2`), or with jemalloc \
                 by LD_PRELOAD,"
            } else {
                "jemalloc by LD_PRELOAD"
            };
            format!(
                ": malloc has {} of it{arenas}{buffers}. Native code keeps that, or malloc cannot give back what was freed \
                 (fragmentation): start the program with {try_out} and hunt again; where it stays level then, it was \
                 fragmentation",
                size(gain)
            )
        }
        Native::Mapped { gain } => {
            let whose = match allocator {
                Some(allocator @ ("jemalloc" | "tcmalloc" | "mimalloc" | "musl")) => {
                    format!("where {allocator} has what it manages, and V8 its heaps")
                }
                _ => "where native code has its large blocks, malloc what its heap has no room for, and V8 its heaps".to_owned(),
            };
            format!(
                ": {} of it in anonymous mappings besides malloc's heap and arenas, {whose}{buffers}. Look at native addons, and at \
                 Buffers that are large",
                size(gain)
            )
        }
    }
}
