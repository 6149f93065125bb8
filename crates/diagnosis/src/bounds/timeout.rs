//! What lives as long as a timeout: there are no more of it than come in that time.

use leakhunt_heap::EdgeType;

use crate::facts::{Facts, Undoing};
use crate::findings::Bound;
use crate::graph::Node;
use crate::held::{Held, timeout_of, unbound};
use crate::series::columns::Columns;
use crate::series::growth::baseline;
use crate::source::Sources;
use crate::suspects::Suspect;
use crate::view::View;

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

/// Of the growing entries so many are asked for their timers.
const ASKED: usize = 16;
/// And so many of what keeps one of them.
const RECORDS: usize = 4;

/// The bound by a one-shot timer, unless it was passed.
pub(super) fn bound(suspect: &Suspect, held: &Held, columns: &[Columns], at_ms: &[u64]) -> Option<Bound> {
    let Held::Timer { repeats: Some(false), delay_ms: Some(delay), .. } = *held else { return None };
    within(delay, suspect, columns, at_ms)
}

/// The bound of entries of which each has a one-shot timer of its own whose function takes it out again.
pub(super) fn of_entries(
    suspect: &Suspect,
    facts: &Facts,
    (columns, at_ms): (&[Columns], &[u64]),
    view: &View<'_>,
    sources: &Sources<'_>,
) -> Option<Bound> {
    if !matches!(facts.held, Held::Collection { .. } | Held::Object) {
        return None;
    }
    let Undoing::There { places, .. } = &facts.done.undoing else { return None };
    let members = suspect.cluster.members().iter().rev().filter_map(|id| view.node(*id));
    let asked = std::iter::once(suspect.cluster.example).chain(members).take(ASKED);
    let timeouts: Option<Vec<(Node, u64)>> = asked.map(|node| timeout_beside(node, view)).collect();
    let timeouts = timeouts.filter(|timeouts| !timeouts.is_empty())?;
    let takes_out = |(handed, _): &(Node, u64)| {
        let spot = view.graph.spot(unbound(*handed, view));
        spot.is_some_and(|spot| places.iter().any(|trace| sources.is_done_by(&view.scripts, spot, trace)))
    };
    let delay = timeouts.iter().map(|(_, delay)| *delay).max()?;
    timeouts.iter().all(takes_out).then(|| within(delay, suspect, columns, at_ms)).flatten()
}

/// The timer of an entry, or of the record that the entry is kept in.
fn timeout_beside(node: Node, view: &View<'_>) -> Option<(Node, u64)> {
    let records = view.retainers(node).filter(|edge| edge.kind == EdgeType::Property).map(|edge| edge.from);
    let records = records.filter(|record| !view.is_permanent(*record));
    std::iter::once(node).chain(records.take(RECORDS)).find_map(|at| timeout_of(at, view))
}

/// The bound by timers of a delay, unless it was passed.
fn within(delay: u64, suspect: &Suspect, columns: &[Columns], at_ms: &[u64]) -> Option<Bound> {
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
