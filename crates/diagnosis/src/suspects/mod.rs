//! Sites become suspects: growth that is one leak is one cluster, at the object that holds it.
//!
//! Three steps. Sites alike (a string in each of a hundred timers) become one, and so do those that only grow together (`spread`). A site inside of what grows elsewhere
//! (that string, in timers that become more as well) goes to the latter (`sites`). And a site whose owner merely dominates is
//! handed to the container that the growing objects are reached through (`anchor`). What speaks for the whole of it is then
//! chosen (`contents`, `chain`), and the path to it followed once (`suspect`).

mod anchor;
mod chain;
mod cluster;
mod contents;
mod joined;
mod sites;
mod spread;
mod suspect;

use rustc_hash::FxHashMap;

use crate::graph::Node;
use crate::series::columns::Columns;
use crate::series::growth::{Site, What, baseline};
use crate::view::View;

pub(crate) use chain::{Chain, Holds};
pub(crate) use cluster::Cluster;
pub(crate) use suspect::Suspect;

/// Groups the sites that grow, those that gained most first.
pub(crate) fn clusters(sites: Vec<Site>, columns: &[Columns], view: &View<'_>) -> Vec<Cluster> {
    let base = baseline(columns.len());
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut known: FxHashMap<(Node, Option<String>), usize> = FxHashMap::default();
    for site in sites::grouped(sites, columns, view) {
        for (container, slot, example, share) in anchor::containers(&site, view) {
            let (container, slot) = anchor::above_chain(view, container, slot, example);
            let at = *known.entry((container, slot.clone())).or_insert_with(|| {
                clusters.push(Cluster::empty(container, slot, example, columns.len()));
                clusters.len() - 1
            });
            let cluster = &mut clusters[at];
            let leads = cluster.sites.first().is_none_or(|first| contents::leads(&site, first, view, base));
            cluster.add(&site, example, share, leads);
        }
    }
    for cluster in &mut clusters {
        cluster.settle();
        cluster.chain = (cluster.first_site().what != What::Itself)
            .then(|| {
                let is_within = contents::is_flat(cluster);
                columns.last().and_then(|rows| chain::chain(view, rows, cluster.container, is_within))
            })
            .flatten();
        if let Some(chain) = cluster.chain.as_ref().filter(|chain| chain.is_led_to) {
            cluster.example = chain.link;
        }
        contents::count_links(cluster, columns, view);
        contents::name_contents(cluster, columns, view);
    }
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.gain()));
    clusters
}
