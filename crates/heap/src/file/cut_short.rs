//! A mapped file that is cut short by somebody else, told as an error.
//!
//! A page of a mapping behind the new end of its file cannot be read any more: the system sends SIGBUS, and the process
//! ends without a word. So while a snapshot is mapped a handler stands by. It lays empty pages over the rest of that
//! mapping, so that whoever was reading goes on (and soon stumbles over the zeros, or not), and notes that the file was cut
//! short: [`Watch::is_cut`] is asked when reading is done, and before an answer is believed. A fault anywhere else is none of
//! ours: whatever was there before is put back, and meets it.
#![expect(
    unsafe_code,
    reason = "a signal handler, and the one call that it makes; the proofs are beside each use"
)]

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// More files than these are mapped without a watch.
const MOST_WATCHED: usize = 1024;

/// A mapping, for the handler, which must neither wait nor allocate: addresses, and 0 for none.
struct Slot {
    taken: AtomicBool,
    start: AtomicUsize,
    end: AtomicUsize,
    cut: AtomicBool,
}

static SLOTS: [Slot; MOST_WATCHED] = [const {
    Slot {
        taken: AtomicBool::new(false),
        start: AtomicUsize::new(0),
        end: AtomicUsize::new(0),
        cut: AtomicBool::new(false),
    }
}; MOST_WATCHED];

static PAGE: AtomicUsize = AtomicUsize::new(0);
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// The watch over one mapping. It ends before the mapping does.
#[derive(Debug)]
pub(crate) struct Watch {
    slot: Option<usize>,
}

impl Watch {
    /// Begins to watch over a mapping that is only read.
    pub(crate) fn over(mapped: &[u8]) -> Self {
        if mapped.is_empty() || !install() {
            return Self { slot: None };
        }
        let free = SLOTS.iter().position(|slot| !slot.taken.swap(true, Ordering::AcqRel));
        if let Some(slot) = free.map(|at| &SLOTS[at]) {
            let start = mapped.as_ptr().addr();
            slot.cut.store(false, Ordering::Release);
            slot.end.store(start + mapped.len(), Ordering::Release);
            slot.start.store(start, Ordering::Release);
        }
        Self { slot: free }
    }

    /// Whether the file had not all of its bytes any more when one of them was read.
    pub(crate) fn is_cut(&self) -> bool {
        self.slot.is_some_and(|at| SLOTS[at].cut.load(Ordering::Acquire))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.map(|at| &SLOTS[at]) {
            slot.start.store(0, Ordering::Release);
            slot.end.store(0, Ordering::Release);
            slot.taken.store(false, Ordering::Release);
        }
    }
}

/// Whether the handler stands by.
fn install() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        // SAFETY: sysconf only reads; the two calls of sigaction are given valid structures, the second one with a handler
        // of the kind that SA_SIGINFO says. What was there before is known before the handler can be called.
        unsafe {
            let Ok(page) = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)) else { return false };
            PAGE.store(page, Ordering::Release);
            let mut before = MaybeUninit::<libc::sigaction>::zeroed();
            if libc::sigaction(libc::SIGBUS, ptr::null(), before.as_mut_ptr()) != 0
                || BEFORE.set(before.assume_init()).is_err()
            {
                return false;
            }
            let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
            action.sa_sigaction = on_fault as *const () as usize;
            // As the handlers that Rust's runtime has for overflown stacks, which this one may have to make way for.
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut()) == 0
        }
    })
}

extern "C" fn on_fault(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: for SIGBUS with SA_SIGINFO the system gives a valid `info`, with the address at which a fault was met.
    let at = unsafe { (*info).si_addr() }.addr();
    let page = PAGE.load(Ordering::Acquire);
    for slot in &SLOTS {
        let (start, end) = (slot.start.load(Ordering::Acquire), slot.end.load(Ordering::Acquire));
        if start == 0 || at < start || at >= end {
            continue;
        }
        let from = at / page * page;
        let length = end.next_multiple_of(page) - from;
        // SAFETY: from the page of the fault to the end, all pages are this mapping's, which its owner only reads, and
        // which stays mapped while its slot names it. They cannot be read now; afterwards they are zeros, as bytes that may
        // change under the parser are allowed to be (see `SnapshotFile::map`). mmap is one system call: nothing is locked or
        // allocated here (POSIX does not list it as safe in a handler; Linux's and macOS's are).
        let laid = unsafe {
            libc::mmap(
                ptr::with_exposed_provenance_mut(from),
                length,
                libc::PROT_READ,
                libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_FIXED,
                -1,
                0,
            )
        };
        if laid != libc::MAP_FAILED {
            slot.cut.store(true, Ordering::Release);
            return;
        }
    }
    if let Some(before) = BEFORE.get() {
        // SAFETY: this is what the system gave for this signal; the faulting instruction is run again, and meets it.
        unsafe { libc::sigaction(libc::SIGBUS, before, ptr::null_mut()) };
    }
}
