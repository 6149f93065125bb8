//! Two things at once.

use std::thread;

/// Does one thing on this thread and another on a second.
pub(crate) fn both<A, B: Send>(one: impl FnOnce() -> A, two: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let two = scope.spawn(two);
        (one(), two.join().expect("what the second thread does cannot panic"))
    })
}
