//! Growth spread over many objects below one, as in a tree, an index or a table of tables: each of them gains something now and then,
//! and all of them together at every step.

use leakhunt_heap::NodeType;
use rustc_hash::FxHashMap;

use super::joined::joined;
use crate::graph::Node;
use crate::series::columns::Columns;
use crate::series::growth::{Site, What, baseline};
use crate::series::trend::{Trend, trend};
use crate::view::View;

/// Fewer places are no spread.
const LEAST: usize = 32;
/// One place with this share of what they gain has a trend of its own.
const LARGEST: f64 = 0.1;
/// They gain at least this share of what the heap does, ...
const OF_HEAP: f64 = 0.5;
/// ... and the one object below which they are has this share of their gain.
const BELOW: f64 = 0.8;
/// Where sites below it that are seen to grow gain this share of it, these tell more.
const TOLD: f64 = 0.1;
/// Dominators are not climbed further.
const HIGHEST: usize = 64;

/// What sites of which none is seen to grow gain together, at the lowest object that is above nearly all of them; `growing` are those
/// that are.
pub(super) fn spread(
    sites: Vec<Site>,
    growing: &[Site],
    columns: &[Columns],
    view: &View<'_>,
) -> Option<Site> {
    let (base, last) = (baseline(columns.len()), columns.last()?);
    let gain = |sites: &[Site]| sites.iter().map(|site| site.gain(base)).sum::<u64>() as f64;
    let of_heap = last.total.saturating_sub(columns.get(base)?.total) as f64;
    let all = gain(&sites);
    let is_large = |site: &Site| site.gain(base) as f64 >= all * LARGEST;
    if sites.len() < LEAST || all < of_heap * OF_HEAP || sites.iter().any(is_large) {
        return None;
    }
    let holder = holder(&sites, all, base, last, view)?;
    let is_below = |site: &Site| above(site.owner, last).any(|id| id == holder);
    let told = growing.iter().filter(|site| is_below(site)).map(|site| site.gain(base)).sum::<u64>() as f64;
    let below: Vec<Site> = sites.into_iter().filter(is_below).collect();
    let mut bytes = vec![0; columns.len()];
    for site in &below {
        bytes.iter_mut().zip(&site.bytes).for_each(|(sum, more)| *sum += more);
    }
    if told >= all * TOLD || below.len() < LEAST || trend(&bytes[base..]) != Trend::Growing {
        return None;
    }
    let mut site = joined(most(below, base)?, holder);
    (site.bytes, site.trend, site.survival) = (bytes, Trend::Growing, 1.0);
    Some(site)
}

/// The lowest object of the program's data that dominates nearly all that they gain.
fn holder(sites: &[Site], all: f64, base: usize, rows: &Columns, view: &View<'_>) -> Option<u32> {
    let mut gained: FxHashMap<u32, u64> = FxHashMap::default();
    for site in sites {
        for id in above(site.owner, rows) {
            *gained.entry(id).or_default() += site.gain(base);
        }
    }
    let nearly_all = gained.into_iter().filter(|(_, gain)| *gain as f64 >= all * BELOW);
    let lowest =
        nearly_all.filter_map(|(id, _)| rows.get(id)).min_by_key(|row| (row.retained.get(), row.id))?;
    view.node(lowest.id).filter(|node| is_data(*node, view)).map(|_| lowest.id)
}

fn is_data(node: Node, view: &View<'_>) -> bool {
    let name = view.graph.name(node);
    view.graph.kind(node) == NodeType::Object && !name.starts_with("global") && !name.starts_with("system / ")
}

/// An object and all that dominate it.
fn above(id: u32, rows: &Columns) -> impl Iterator<Item = u32> + '_ {
    let up = |id: &u32| rows.get(*id).map(|row| row.owner).filter(|owner| owner != id);
    std::iter::successors(Some(id), up).take(HIGHEST)
}

/// Those of what gains most of all.
fn most(sites: Vec<Site>, base: usize) -> Option<Vec<Site>> {
    let mut by_what: FxHashMap<What, Vec<Site>> = FxHashMap::default();
    for site in sites {
        by_what.entry(site.what).or_default().push(site);
    }
    let gain = |sites: &Vec<Site>| sites.iter().map(|site| site.gain(base)).sum::<u64>();
    by_what.into_values().max_by_key(|sites| (gain(sites), sites.len()))
}
