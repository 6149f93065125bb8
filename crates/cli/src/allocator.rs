//! How this process holds memory: a matter of who owns it, and so of the command line, not of the libraries.
#![expect(unsafe_code, reason = "setting up malloc; the proof is beside it")]

/// Larger blocks are columns of large snapshots.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: i32 = 8 << 20;

/// Makes the C library keep freed memory for the next who needs some, but for large blocks. To be called before there are
/// other threads; does nothing where the C library is not glibc.
///
/// To get a page from the system, emptied, costs more than to fill it with numbers, so what is freed is kept. One heap for
/// all threads, as those that glibc makes for the second one hold no block of more than 64 MiB. Large blocks live for a phase
/// and differ in size from phase to phase: kept, they would leave holes that nothing else fits in. They go back to the
/// system, which takes a tenth more processor time and, for two snapshots of 300 MB, 50 to 90 MB less memory.
pub(crate) fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: each call takes two numbers and changes a limit that malloc reads; no block is touched. They are not
    // safe beside other threads that call them (man 3 mallopt); nobody else does.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
    }
}
