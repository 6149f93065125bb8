//! Sites that are one leak become one: those alike, and those inside of what grows elsewhere.

use leakhunt_heap::NodeType;
use rustc_hash::{FxHashMap, FxHashSet};

use super::joined::joined;
use super::spread::spread;
use crate::graph::Node;
use crate::series::classes::Class;
use crate::series::columns::Columns;
use crate::series::growth::{Site, What, baseline};
use crate::series::trend::Trend;
use crate::view::View;

/// What grows lives on from one snapshot to the last, at least this share of it.
const LASTING: f64 = 0.5;

/// The sites that grow, those that are one leak as one.
pub(super) fn grouped(sites: Vec<Site>, columns: &[Columns], view: &View<'_>) -> Vec<Site> {
    let (mut suspicious, others): (Vec<Site>, Vec<Site>) =
        sites.into_iter().partition(|site| is_suspicious(site, view));
    // What an owner had nothing of may have taken the place of something else, as in a ring.
    let had = |site: &Site| site.counts.get(baseline(columns.len())).is_some_and(|count| *count > 0);
    let lasting = others.into_iter().filter(|site| site.survival >= LASTING && had(site)).collect();
    let spread = spread(lasting, &suspicious, columns, view);
    suspicious.extend(spread);
    absorbed(alike(suspicious, view), columns)
}

fn is_suspicious(site: &Site, view: &View<'_>) -> bool {
    if site.trend != Trend::Growing || site.survival < LASTING {
        return false;
    }
    let Some(owner) = view.node(site.owner) else { return false };
    let kind = view.graph.kind(owner);
    // A function's own bytes are its code and feedback: V8 warming up. Those of the roots, of the global object and of
    // contexts are V8's as well.
    let name = view.graph.name(owner);
    let data = kind == NodeType::Object && !name.starts_with("global") && !name.starts_with("system / ");
    site.what != What::Itself || data
}

/// Sites of one kind in many owners of one kind, held by one collection, become one site of that collection.
fn alike(sites: Vec<Site>, view: &View<'_>) -> Vec<Site> {
    let mut groups: FxHashMap<(String, What), Vec<Site>> = FxHashMap::default();
    let mut order = Vec::new();
    for site in sites {
        let Some(owner) = view.node(site.owner) else { continue };
        let class = view.graph.name(owner).into_owned();
        let key = (class, site.what);
        let group = groups.entry(key.clone()).or_default();
        if group.is_empty() {
            order.push(key);
        }
        group.push(site);
    }
    let mut out = Vec::new();
    for key in order {
        let group = groups.remove(&key).unwrap_or_default();
        if group.len() < 2 {
            out.extend(group);
            continue;
        }
        let mut by_collection: FxHashMap<Node, Vec<Site>> = FxHashMap::default();
        for site in group {
            match collection_above(view, site.owner).filter(|above| !is_timers(*above, site.owner, view)) {
                Some(collection) => by_collection.entry(collection).or_default().push(site),
                None => out.push(site),
            }
        }
        for (collection, group) in by_collection {
            // Two lists under names of their own are no dictionary.
            let least = if view.is_collection(collection) { 2 } else { 3 };
            if group.len() < least {
                out.extend(group);
            } else {
                out.push(joined(group, view.graph.id(collection)));
            }
        }
    }
    out.sort_by_key(|site| (std::cmp::Reverse(site.bytes.last().copied()), site.owner));
    out
}

/// Whether a collection is but the timers by which the program keeps its own, in which something grows.
fn is_timers(above: Node, owner: u32, view: &View<'_>) -> bool {
    view.is_nodes(above, &["TimersList"]) && view.node(owner).is_some_and(|owner| view.is_collection(owner))
}

/// The nearest collection above an object, by dominance, or the plain object that it is an entry of.
fn collection_above(view: &View<'_>, id: u32) -> Option<Node> {
    let mut at = view.node(id)?;
    let above = view.owner(at);
    if view.graph.kind(above) == NodeType::Object && view.graph.name(above) == "Object" {
        return Some(above);
    }
    for _ in 0..12 {
        at = view.owner(at);
        if at == view.graph.root() {
            return None;
        }
        if view.is_collection(at) {
            return Some(at);
        }
    }
    None
}

/// Of the gain of objects that are replaced and become no more, the share at sites inside of them that makes them only a part of the
/// path.
const CARRIED: f64 = 0.8;

/// Sites inside of objects that become more at another site are part of that one.
fn absorbed(mut sites: Vec<Site>, columns: &[Columns]) -> Vec<Site> {
    let Some(rows) = columns.last() else { return sites };
    let mut growing: FxHashSet<(u32, Class)> = sites.iter().filter_map(Site::key).collect();
    // The timer that a poll sets again each time is new, and holds whatever the poll's closure has collected all along.
    let base = baseline(columns.len());
    let mut carried: FxHashMap<(u32, Class), u64> = FxHashMap::default();
    for site in &sites {
        if let Some(outer) = outer(site, &growing, rows) {
            *carried.entry(outer).or_default() += site.gain(base);
        }
    }
    sites.retain(|site| {
        let inside = site.key().and_then(|key| carried.get(&key)).copied().unwrap_or(0);
        let is_as_many = columns.len() > 1 && site.counts.last() <= site.counts.get(base);
        let is_only_replaced = site.is_replaced() || is_as_many;
        let carries = is_only_replaced && inside as f64 >= site.gain(base) as f64 * CARRIED;
        if let Some(key) = site.key().filter(|_| carries) {
            growing.remove(&key);
        }
        !carries
    });
    let mut kept: Vec<Site> = Vec::new();
    let mut inner: Vec<((u32, Class), Site)> = Vec::new();
    for site in sites {
        match outer(&site, &growing, rows) {
            Some(outer) => inner.push((outer, site)),
            None => kept.push(site),
        }
    }
    // The home's bytes are those of all that it keeps alive: what grows inside is among them.
    kept.extend(inner.into_iter().filter(|(outer, _)| !growing.contains(outer)).map(|(_, site)| site));
    kept
}

fn outer(site: &Site, growing: &FxHashSet<(u32, Class)>, rows: &Columns) -> Option<(u32, Class)> {
    let mut at = rows.get(site.owner)?;
    for _ in 0..64 {
        let key = (at.owner, at.class);
        if growing.contains(&key) && What::New(at.class) != site.what {
            return Some(key);
        }
        if at.id == at.owner {
            return None;
        }
        at = rows.get(at.owner)?;
    }
    None
}
