//! Two threads at once.

use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does one thing on this thread and another on a second.
pub(crate) fn both<A, B: Send>(one: impl FnOnce() -> A, two: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let two = scope.spawn(two);
        (one(), two.join().expect("what the second thread does cannot panic"))
    })
}

/// What each of some things gives, found out on two threads.
pub(crate) fn of_each<T: Sync, R: Send>(all: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let some = || {
        let place = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < all.len());
        iter::from_fn(place).map(|at| (at, of(&all[at]))).collect::<Vec<_>>()
    };
    let (mut found, others) = both(some, some);
    found.extend(others);
    found.sort_unstable_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, given)| given).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_gives_stands_in_their_order() {
        let all: Vec<u64> = (0..1_000).collect();
        assert_eq!(of_each(&all, |of| of * 2), all.iter().map(|of| of * 2).collect::<Vec<_>>());
        assert!(of_each(&[], |(): &()| ()).is_empty());
    }
}
