//! Which of the growing objects speak for a cluster, and how many of them there are.

use rustc_hash::FxHashMap;

use super::cluster::Cluster;
use crate::series::classes::Class;
use crate::series::columns::Columns;
use crate::series::growth::{Site, What, baseline};
use crate::view::View;

/// A variable that is reassigned each time holds one object; what becomes more is inside of that.
pub(super) fn name_contents(cluster: &mut Cluster, columns: &[Columns], view: &View<'_>) {
    let replaced =
        cluster.chain.is_none() && cluster.slot.is_some() && cluster.counts.iter().max() == Some(&1);
    let Some(rows) = columns.last().filter(|_| replaced) else { return };
    let mut by_class: FxHashMap<Class, (u64, u64, u32)> = FxHashMap::default();
    for row in rows.below(&[view.graph.id(cluster.example)]) {
        let entry = by_class.entry(row.class).or_default();
        *entry = (entry.0 + row.own.get(), entry.1 + 1, row.id);
    }
    let named = by_class
        .into_iter()
        .filter_map(|(class, (bytes, objects, id))| Some((class, bytes, objects, view.node(id)?)))
        .filter(|(.., objects, node)| *objects > 2 && !view.graph.kind(*node).is_string())
        .max_by_key(|(_, bytes, _, node)| (view.graph.spot(*node).is_some(), *bytes, *node));
    if let Some((class, .., node)) = named {
        cluster.counts = columns.iter().map(|columns| columns.count(class)).collect();
        cluster.example = node;
    }
}

/// There are no more of them than before: what grows is within.
pub(super) fn is_flat(cluster: &Cluster) -> bool {
    let counts = &cluster.counts[baseline(cluster.counts.len())..];
    counts.iter().max() <= Some(&1) || counts.iter().min() == counts.iter().max()
}

/// Of a chain the holder has a link or a few; how many there are is a matter of the whole heap.
pub(super) fn count_links(cluster: &mut Cluster, columns: &[Columns], view: &View<'_>) {
    let flat = is_flat(cluster);
    let link = cluster.chain.as_ref().map(|chain| view.graph.id(chain.link));
    let class = link.and_then(|id| columns.last()?.get(id)).map(|row| row.class);
    if let Some(class) = class.filter(|_| flat) {
        cluster.counts = columns.iter().map(|columns| columns.count(class)).collect();
    }
}

/// Objects of a class say more about a leak than the strings and contexts among them, unless those are nearly all of it.
pub(super) fn leads(site: &Site, first: &Site, view: &View<'_>, base: usize) -> bool {
    let weight = |site: &Site| {
        let gain = site.gain(base) as f64;
        let node = site.members.last().and_then(|id| view.node(*id));
        let is_vague =
            |node| view.graph.kind(node).is_string() || view.graph.name(node) == "system / Context";
        let says_little = site.what == What::Itself || node.is_some_and(is_vague);
        if says_little { gain * 0.1 } else { gain }
    };
    weight(site) > weight(first)
}
