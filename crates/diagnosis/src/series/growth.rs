//! Where the heap grows: growth attributed to the objects that were there all along.
//!
//! An object that lives from the first judged snapshot to the last is *permanent*. All growth of the heap is either
//! bytes of a permanent object itself (an array that grows in place) or objects that came later and are dominated by a
//! permanent one (entries of a map). Cutting growth up in this way leaves each byte in exactly one place, at the
//! lowest object that holds it, with no thresholds on the way down: [`Site`]s, each a series over all snapshots.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::series::classes::{Class, Classes};
use crate::series::columns::{Columns, Row};
use crate::series::homes::{Home, Homes};
use crate::series::ids::IdSet;
use crate::series::trend::{Trend, trend};
use crate::threads::of_each;

/// Of so many sites whose objects are reassigned, the largest, it is asked what they hold.
const MOST_REPLACED: usize = 20;

/// What grows at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// The owner's own bytes.
    Itself,
    /// Objects of a class that came later.
    New(Class),
}

/// A place where the heap grows.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The id of the permanent object.
    pub(crate) owner: u32,
    pub(crate) what: What,
    /// All of the class that the owner had, and the bytes they kept.
    pub(crate) counts: Vec<u64>,
    pub(crate) bytes: Vec<u64>,
    /// Those of them that came later than the baseline.
    fresh: Series,
    /// Those of them that the owner has had all along.
    lasting: Series,
    /// The ids of those there in the last snapshot.
    pub(crate) members: Vec<u32>,
    /// Of those there in the snapshots between, the share that still lives at the end.
    pub(crate) survival: f64,
    pub(crate) trend: Trend,
    /// It stands for many alike, inside of what the owner holds.
    pub(crate) is_inner: bool,
}

/// A [`Site`] in one snapshot.
#[derive(Clone, Default)]
struct Tally {
    all: Sum,
    fresh: Sum,
    lasting: Sum,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    count: u64,
    bytes: u64,
}

#[derive(Clone, Debug, Default)]
struct Series {
    counts: Vec<u64>,
    bytes: Vec<u64>,
}

/// Steps between judged snapshots without which growth is not told from a warm-up or a tide.
pub(crate) const LEAST_STEPS: usize = 3;

/// The snapshot from which growth is judged: the first interval is warm-up where enough others follow.
pub(crate) fn baseline(snapshots: usize) -> usize {
    usize::from(snapshots > LEAST_STEPS + 1)
}

/// How many steps are judged.
pub(crate) fn steps(snapshots: usize) -> usize {
    snapshots.saturating_sub(1 + baseline(snapshots))
}

/// From the first judged reading to the last.
pub(crate) fn minutes(at_ms: &[u64]) -> Option<f64> {
    // A clock that was set back tells nothing, also not between snapshots that came before or after.
    if at_ms.windows(2).any(|pair| pair[1] < pair[0]) {
        return None;
    }
    let (first, last) = (at_ms.get(baseline(at_ms.len()))?, at_ms.last()?);
    let minutes = last.checked_sub(*first)? as f64 / 60_000.0;
    (minutes > 0.0).then_some(minutes)
}

/// What judged readings gained, where they rose all along: by this many bytes a step at the least, and by more than they swing by.
pub(crate) fn rises(judged: &[u64], least: u64) -> Option<u64> {
    let (first, steps) = (*judged.first()?, judged.len() as u64 - 1);
    let gain = judged.last()?.saturating_sub(first);
    let much = gain / steps.max(1) >= least.max(first / 25);
    (judged.len() > LEAST_STEPS && trend(judged) == Trend::Growing && much).then_some(gain)
}

/// All sites at which the heap gained something from the baseline to the end, and the permanent objects.
pub(crate) fn sites(columns: &[Columns], classes: &Classes) -> (Vec<Site>, IdSet) {
    let base = baseline(columns.len());
    let (Some(first), Some(last)) = (columns.get(base), columns.last()) else { return Default::default() };
    let at_end: IdSet = last.rows.iter().map(|row| row.id).collect();
    let permanent: IdSet = first.rows.iter().map(|row| row.id).filter(|id| at_end.contains(*id)).collect();
    let mut sites = grown_in_place(columns, first, last);
    sites.extend(joined_by_others(columns, [first, last], &permanent));
    sites.retain(|site| site.fresh.bytes.last() > site.fresh.bytes.get(base));
    let homes = Homes::of(sites.iter().filter_map(Site::key), [first, last]);
    let alive = survivors(columns, &permanent, &at_end, base, &homes);
    for site in &mut sites {
        let of_strings = matches!(site.what, What::New(class) if classes.is_string(class));
        site.trend = judge(site, base, of_strings);
        let (survived, all) = site.key().and_then(|home| alive.get(&home)).copied().unwrap_or((1, 1));
        site.survival = survived as f64 / all.max(1) as f64;
        // A string that is made longer is always a new one.
        if of_strings && site.is_replaced() {
            site.survival = 1.0;
        }
    }
    sites.sort_by_key(|site| (std::cmp::Reverse(site.gain(base)), site.owner));
    // A list copied to be made longer, a timer that is always set again: new objects, in which the old ones live on.
    let replaced = |site: &&mut Site| {
        site.trend == Trend::Growing && site.survival < if site.is_replaced() { 1.0 } else { 0.5 }
    };
    for site in sites.iter_mut().filter(replaced).take(MOST_REPLACED) {
        site.survival = content_survival(&site.members, columns);
    }
    (sites, permanent)
}

/// Permanent objects with more bytes of their own at the end than at the baseline.
fn grown_in_place(columns: &[Columns], first: &Columns, last: &Columns) -> Vec<Site> {
    let mut sites = Vec::new();
    let mut before = first.rows.iter().peekable();
    for row in &last.rows {
        while before.next_if(|before| before.id < row.id).is_some() {}
        if before.peek().is_some_and(|before| before.id == row.id && before.own.get() < row.own.get()) {
            let mut site = Site::new(row.id, What::Itself, columns.len());
            for (at, columns_at) in columns.iter().enumerate() {
                if let Some(row) = columns_at.get(row.id) {
                    let own = Sum { count: 1, bytes: row.own.get() };
                    (site.counts[at], site.bytes[at]) = (own.count, own.bytes);
                    site.fresh.set(at, own);
                }
            }
            site.members.push(row.id);
            sites.push(site);
        }
    }
    sites
}

/// Permanent objects that own others which came later.
fn joined_by_others(columns: &[Columns], ends: [&Columns; 2], permanent: &IdSet) -> Vec<Site> {
    let [_, last] = ends;
    let (mut sites, mut places) = (Vec::new(), FxHashMap::<Home, usize>::default());
    for row in last.rows.iter().filter(|row| !permanent.contains(row.id) && permanent.contains(row.owner)) {
        let place = *places.entry((row.owner, row.class)).or_insert_with(|| {
            sites.push(Site::new(row.owner, What::New(row.class), columns.len()));
            sites.len() - 1
        });
        sites[place].members.push(row.id);
    }
    let homes = Homes::of(places.keys().copied(), ends);
    let at_end = homes.within(last, permanent);
    let settled: IdSet = {
        let others = last.rows.iter().filter(|row| row.owner != row.id);
        others.filter(|row| at_end.of_row(row).is_some()).map(|row| row.id).collect()
    };
    let tallies = of_each(columns, |columns_at| {
        let homes = homes.within(columns_at, permanent);
        let mut tallies = vec![Tally::default(); places.len()];
        for row in columns_at.rows.iter().filter(|row| row.owner != row.id) {
            // A snapshot may be taken while code runs. What that has in its hands is owned by nobody but the stack then.
            let is_elsewhere = || permanent.contains(row.owner) && settled.contains(row.id);
            // Rows are searched for, and nearly all are where they were.
            let later =
                || is_elsewhere().then(|| last.get(row.id)).flatten().and_then(|row| at_end.of_row(row));
            if let Some(place) = homes.of_row(row).or_else(later).and_then(|home| places.get(&home)) {
                let (tally, bytes) = (&mut tallies[*place], row.retained.get());
                let is_lasting = permanent.contains(row.id);
                tally.all.add(bytes);
                match is_lasting {
                    false => tally.fresh.add(bytes),
                    true if settled.contains(row.id) => tally.lasting.add(bytes),
                    true => {}
                }
            }
        }
        tallies
    });
    for (at, tallies) in tallies.into_iter().enumerate() {
        for (site, Tally { all, fresh, lasting }) in sites.iter_mut().zip(tallies) {
            (site.counts[at], site.bytes[at]) = (all.count, all.bytes);
            site.fresh.set(at, fresh);
            site.lasting.set(at, lasting);
        }
    }
    sites
}

fn survivors(
    columns: &[Columns],
    permanent: &IdSet,
    at_end: &IdSet,
    base: usize,
    homes: &Homes<'_>,
) -> FxHashMap<Home, (u64, u64)> {
    let between = columns.get(base + 1..columns.len() - 1).unwrap_or_default();
    let each = of_each(between, |between| {
        let homes = homes.within(between, permanent);
        let mut alive: FxHashMap<Home, (u64, u64)> = FxHashMap::default();
        for row in
            between.rows.iter().filter(|row| !permanent.contains(row.id) && permanent.contains(row.owner))
        {
            let Some(home) = homes.of_row(row) else { continue };
            let entry = alive.entry(home).or_default();
            entry.0 += u64::from(at_end.contains(row.id));
            entry.1 += 1;
        }
        alive
    });
    let mut alive: FxHashMap<Home, (u64, u64)> = FxHashMap::default();
    for (home, (survived, all)) in each.into_iter().flatten() {
        let entry = alive.entry(home).or_default();
        *entry = (entry.0 + survived, entry.1 + all);
    }
    alive
}

/// Of the bytes that replaced objects hold (a list that is copied to be made longer), the share that was there before. A new object
/// that has old ones is a copy of what had them (a state of which each change makes another): it is neither.
fn content_survival(tops: &[u32], columns: &[Columns]) -> f64 {
    let [.., before, last] = columns else { return 1.0 };
    let below = last.below(tops);
    let (old, new): (Vec<&Row>, Vec<&Row>) = below.into_iter().partition(|row| before.has(row.id));
    let copies: FxHashSet<u32> = old.iter().map(|row| row.owner).collect();
    let bytes = |rows: &mut dyn Iterator<Item = &&Row>| rows.map(|row| row.own.get()).sum::<u64>() as f64;
    let kept = bytes(&mut old.iter());
    let all = kept + bytes(&mut new.iter().filter(|row| !copies.contains(&row.id)));
    if all == 0.0 { 1.0 } else { (kept / all * 1.25).min(1.0) }
}

impl Sum {
    fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

impl Series {
    fn set(&mut self, at: usize, sum: Sum) {
        (self.counts[at], self.bytes[at]) = (sum.count, sum.bytes);
    }

    fn without(&self, other: &Self) -> Self {
        let less = |ours: &[u64], theirs: &[u64]| ours.iter().zip(theirs).map(|(a, b)| a - b).collect();
        Self { counts: less(&self.counts, &other.counts), bytes: less(&self.bytes, &other.bytes) }
    }
}

impl Site {
    /// The owner holds one of them at a time: a variable that is reassigned.
    pub(crate) fn is_replaced(&self) -> bool {
        matches!(self.what, What::New(_)) && self.fresh.counts.iter().all(|count| *count <= 1)
    }

    fn new(owner: u32, what: What, snapshots: usize) -> Self {
        let zeros = || vec![0; snapshots];
        Self {
            owner,
            what,
            counts: zeros(),
            bytes: zeros(),
            fresh: Series { counts: zeros(), bytes: zeros() },
            lasting: Series { counts: zeros(), bytes: zeros() },
            members: Vec::new(),
            survival: 0.0,
            trend: Trend::Flat,
            is_inner: false,
        }
    }

    /// By what others are found to be inside of it; `None` where the owner's own bytes grow.
    pub(crate) fn key(&self) -> Option<Home> {
        match self.what {
            What::New(class) => Some((self.owner, class)),
            What::Itself => None,
        }
    }

    /// Bytes gained since the baseline.
    pub(crate) fn gain(&self, base: usize) -> u64 {
        let last = self.bytes.last().copied().unwrap_or(0);
        last.saturating_sub(self.bytes.get(base).copied().unwrap_or(0))
    }
}

/// A site grows when its bytes do and, if it is a matter of many objects, their number as well.
fn judge(site: &Site, base: usize, of_strings: bool) -> Trend {
    // What is reassigned each time has a forerunner, which lives on inside of it and is not fresh. What stays beside it, such as
    // the state that a machine began with, has no part in that.
    let all = Series { counts: site.counts.clone(), bytes: site.bytes.clone() };
    let changing = all.without(&site.lasting);
    let replaced = site.is_replaced() && (of_strings || changing.counts.iter().all(|count| *count <= 1));
    let bytes = trend(if replaced { &changing.bytes[base..] } else { &site.fresh.bytes[base..] });
    let bytes = if bytes == Trend::Unsteady && !replaced && is_left_alone(site, base) {
        Trend::Growing
    } else {
        bytes
    };
    let counts = &site.counts[base..];
    let many = counts.last().copied().unwrap_or(0) > counts.first().copied().unwrap_or(0) + 2;
    match (bytes, many) {
        (Trend::Growing, true) => trend(counts),
        (bytes, _) => bytes,
    }
}

/// Whether a site grows at every step, if what was there at the baseline counts as well that others let go of later: what is in a
/// window of the latest, too, is its own when it has left that. Most of it must have come since.
fn is_left_alone(site: &Site, base: usize) -> bool {
    let gain = |readings: &[u64]| readings.last().copied().unwrap_or(0).saturating_sub(readings[base]);
    trend(&site.bytes[base..]) == Trend::Growing && gain(&site.fresh.bytes) * 2 >= gain(&site.bytes)
}

/// Where the heap grows when ids mean nothing: classes with ever more objects, by who owns them in the last snapshot.
///
/// What belongs to no such class takes the part of the permanent objects.
pub(crate) fn sites_by_class(columns: &[Columns], classes: &Classes) -> (Vec<Site>, IdSet) {
    let base = baseline(columns.len());
    let Some(last) = columns.last() else { return Default::default() };
    let mut series: FxHashMap<Class, Series> = FxHashMap::default();
    for (at, columns_at) in columns.iter().enumerate() {
        for row in &columns_at.rows {
            let series = series
                .entry(classes.coarse(row.class))
                .or_insert_with(|| Series { counts: vec![0; columns.len()], bytes: vec![0; columns.len()] });
            series.counts[at] += 1;
            series.bytes[at] += row.own.get();
        }
    }
    // A name that says nothing, such as Object, stands for too many things to be followed without ids.
    series.retain(|class, series| {
        classes.is_telling(*class) && trend(&series.counts[base..]) == Trend::Growing
    });
    let grows = |class: Class| series.contains_key(&classes.coarse(class));
    let permanent: IdSet = last.rows.iter().filter(|row| !grows(row.class)).map(|row| row.id).collect();
    let mut sites: FxHashMap<(u32, Class), Site> = FxHashMap::default();
    for row in last.rows.iter().filter(|row| grows(row.class) && permanent.contains(row.owner)) {
        let site = sites.entry((row.owner, row.class)).or_insert_with(|| {
            let series = &series[&classes.coarse(row.class)];
            Site {
                counts: series.counts.clone(),
                bytes: series.bytes.clone(),
                trend: Trend::Growing,
                survival: 1.0,
                ..Site::new(row.owner, What::New(row.class), columns.len())
            }
        });
        site.members.push(row.id);
    }
    let mut sites: Vec<Site> = sites.into_values().filter(|site| site.members.len() > 2).collect();
    sites.sort_by_key(|site| (std::cmp::Reverse(site.members.len()), site.owner));
    (sites, permanent)
}

/// The largest holders of a single snapshot: collections, as if all they own had grown.
pub(crate) fn largest(columns: &Columns, is_collection: impl Fn(u32) -> bool) -> Vec<Site> {
    let least = columns.total / 200;
    let mut owners: Vec<_> =
        columns.rows.iter().filter(|row| row.retained.get() > least && is_collection(row.id)).collect();
    owners.sort_by_key(|row| std::cmp::Reverse(row.retained.get()));
    owners
        .into_iter()
        .take(20)
        .map(|row| Site {
            counts: vec![1],
            bytes: vec![row.retained.get()],
            members: vec![row.id],
            trend: Trend::Growing,
            survival: 1.0,
            ..Site::new(row.id, What::Itself, 1)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a site of these bytes goes, of which so many are of objects that came after the baseline.
    fn judged(bytes: [u64; 5], fresh: [u64; 5]) -> Trend {
        let counts = bytes.map(|bytes| bytes / 10).to_vec();
        let fresh = Series { counts: fresh.map(|bytes| bytes / 10).to_vec(), bytes: fresh.to_vec() };
        let bytes = bytes.to_vec();
        judge(&Site { counts, bytes, fresh, ..Site::new(1, What::New(Class(0)), 5) }, 1, false)
    }

    #[test]
    fn what_others_let_go_of_later_counts_where_most_has_come_since() {
        let bytes = [3_000, 4_000, 5_000, 6_000, 7_500];
        assert_eq!(judged(bytes, [0, 0, 0, 1_000, 2_200]), Trend::Growing);
        assert_eq!(judged(bytes, [0, 0, 0, 500, 1_000]), Trend::Unsteady, "most was there before");
        assert_eq!(judged([3_000, 4_000, 5_000, 4_500, 7_500], [0, 0, 0, 1_000, 2_200]), Trend::Unsteady);
    }
}
