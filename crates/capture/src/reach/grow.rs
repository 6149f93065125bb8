//! Several processes may be the one: whose memory grows?
//!
//! They are looked at twice, from outside, some seconds apart; nothing is signalled. Resident memory of one process that leaks
//! rises in that time, unless it leaks slowly: then nothing is told from it, and nothing is claimed.

use crate::data::NodeProcess;

/// Less than this may be a collection's doing, or an allocator's.
const LEAST: u64 = 1 << 20;
/// It has to have grown so many times as much as the next one.
const CLEARLY: u64 = 2;

/// One that grew clearly more than the others, by how many bytes, and by how many the next one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grew {
    pub(super) pid: u32,
    pub(super) by: u64,
    pub(super) next: u64,
}

/// The one that grew from a look to a later one. One that is not there any more did not, nor did one that came since.
pub(super) fn the_growing(before: &[NodeProcess], after: &[NodeProcess]) -> Option<Grew> {
    let mut grown: Vec<(u64, u32)> = before
        .iter()
        .filter_map(|then| {
            let now = after.iter().find(|now| (now.pid, now.start) == (then.pid, then.start))?;
            Some((now.rss.saturating_sub(then.rss), now.pid))
        })
        .collect();
    grown.sort_unstable_by_key(|(by, pid)| (std::cmp::Reverse(*by), *pid));
    let (by, pid) = *grown.first()?;
    let next = grown.get(1).map_or(0, |(by, _)| *by);
    (by >= LEAST && by >= next.saturating_mul(CLEARLY)).then_some(Grew { pid, by, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KB: u64 = 1 << 10;

    /// Each with its pid, and its kilobytes at both looks.
    #[track_caller]
    fn check(looks: &[(u32, u64, u64)], expected: Option<(u32, u64, u64)>) {
        let node = |pid, start, kb| NodeProcess { pid, start, rss: kb * KB, ..NodeProcess::default() };
        let before: Vec<_> = looks.iter().map(|(pid, kb, _)| node(*pid, 7, *kb)).collect();
        let after: Vec<_> = looks.iter().map(|(pid, _, kb)| node(*pid, 7, *kb)).collect();
        let expected = expected.map(|(pid, by, next)| Grew { pid, by: by * KB, next: next * KB });
        assert_eq!(the_growing(&before, &after), expected);
    }

    #[test]
    fn one_that_grows_clearly_is_told_from_the_others() {
        check(&[(11, 60_000, 60_100), (12, 50_000, 54_000), (13, 70_000, 60_000)], Some((12, 4_000, 100)));
        // All alike, and hardly at all.
        check(&[(11, 60_000, 64_000), (12, 50_000, 53_000)], None);
        check(&[(11, 60_000, 60_900), (12, 50_000, 50_000)], None);
        check(&[], None);
    }

    #[test]
    fn one_that_was_started_anew_did_not_grow() {
        let before = [NodeProcess { pid: 11, start: 7, rss: 10_000 * KB, ..NodeProcess::default() }];
        let after = [NodeProcess { pid: 11, start: 9, rss: 90_000 * KB, ..NodeProcess::default() }];
        assert_eq!(the_growing(&before, &after), None);
    }
}
