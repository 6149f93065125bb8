//! What lives as long as a timeout: there are no more of it than come in that time.

use crate::findings::Bound;
use crate::held::Held;
use crate::series::columns::Columns;
use crate::series::growth::baseline;
use crate::suspects::Suspect;

/// What comes to more bytes than a process has is no bound: three days of reservations.
const MOST: u64 = 1 << 30;
/// Where the times of the snapshots are not known, nobody waited longer than this for all of them.
const LONGEST_UNTIMED: u64 = 600_000;
/// And they were not closer together than this: a snapshot itself takes about as long.
const SHORTEST_UNTIMED: u64 = 1_000;
/// A timer fires late where the process was busy, as it is with snapshots.
const LATE: u64 = 1_000;
/// Of the bytes that timers keep, the share that is older than their delay where they are set again and again.
const OLD: f64 = 0.2;

/// The bound by a one-shot timer, unless it was passed.
pub(super) fn bound(suspect: &Suspect, held: &Held, columns: &[Columns], at_ms: &[u64]) -> Option<Bound> {
    let Held::Timer { repeats: Some(false), delay_ms: Some(delay), .. } = *held else { return None };
    let (members, cluster) = (suspect.cluster.members(), &suspect.cluster);
    let at_ms = (at_ms.len() == columns.len()).then_some(at_ms);
    let (count, bytes) = (*cluster.counts.last()?, *cluster.bytes.last()?);
    if columns.len() < 2 || share_older(count, members, delay, columns, at_ms) >= OLD {
        return None;
    }
    let each = bytes / count.max(1);
    let per_second = at_ms.and_then(|at_ms| per_second(members, delay, columns, at_ms));
    let most = per_second.map(|rate| (rate * delay as f64 / 1e3 * each as f64) as u64);
    let is_bound = most.map_or(delay <= LONGEST_UNTIMED, |most| most <= MOST);
    is_bound.then_some(Bound::Timeout { delay_ms: delay, per_second, each, bytes: most })
}

/// Of what `count` timers keep, the share that was there before the longest of them could have been set. `members` are those
/// that came after the baseline.
fn share_older(count: u64, members: &[u32], delay: u64, columns: &[Columns], at_ms: Option<&[u64]>) -> f64 {
    let last = columns.len() - 1;
    let before = match at_ms {
        Some(at_ms) => {
            let is_older = |at: &usize| at_ms[last].saturating_sub(at_ms[*at]) > delay + delay / 10 + LATE;
            (0..last).rev().find(is_older)
        }
        None => (delay < SHORTEST_UNTIMED).then(|| last - 1),
    };
    let Some(before) = before.filter(|at| *at >= baseline(columns.len())) else { return 0.0 };
    let before = &columns[before];
    let permanent = 1.0 - (members.len() as f64 / count.max(1) as f64).min(1.0);
    let below = columns[last].below(members);
    let rows = members.iter().filter_map(|id| columns[last].get(*id)).chain(below);
    let (mut old, mut all) = (0, 0);
    for row in rows {
        let own = row.own.get();
        all += own;
        old += if before.has(row.id) { own } else { 0 };
    }
    permanent + (1.0 - permanent) * old as f64 / all.max(1) as f64
}

/// How many come a second: all that came since a snapshot that is younger than the delay are still there.
fn per_second(members: &[u32], delay: u64, columns: &[Columns], at_ms: &[u64]) -> Option<f64> {
    let last = columns.len() - 1;
    let since = |at: usize| at_ms[last].saturating_sub(at_ms[at]);
    let (count, ms) = match (baseline(columns.len())..last).find(|at| since(*at) <= delay) {
        Some(at) => (members.iter().filter(|id| !columns[at].has(**id)).count(), since(at)),
        None => (members.len(), delay),
    };
    (ms > 0).then(|| (count as f64 / ms as f64 * 1e4).round() / 10.0)
}
