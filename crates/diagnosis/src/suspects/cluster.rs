//! Growth that one object holds.

use super::chain::Chain;
use crate::graph::Node;
use crate::series::growth::{Site, What, baseline};

/// Growth that one object holds.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    /// The permanent object.
    pub(crate) container: Node,
    /// By which of its names it holds what grows, where it has several.
    pub(crate) slot: Option<String>,
    /// One of the growing objects; the container itself when that grows in place.
    pub(crate) example: Node,
    /// All sites that are part of it, the one that names it first.
    pub(super) sites: Vec<Site>,
    pub(crate) counts: Vec<u64>,
    pub(crate) bytes: Vec<u64>,
    /// Bytes of what grows inside of objects that were there before.
    inner_bytes: Vec<u64>,
    /// One of the latter.
    pub(crate) inner: Option<Node>,
    /// The growing objects hold each other, one the next.
    pub(crate) chain: Option<Chain>,
}

impl Cluster {
    /// Nothing yet, of so many snapshots.
    pub(super) fn empty(container: Node, slot: Option<String>, example: Node, snapshots: usize) -> Self {
        let zeros = || vec![0; snapshots];
        Self {
            container,
            slot,
            example,
            sites: Vec::new(),
            counts: zeros(),
            bytes: zeros(),
            inner_bytes: zeros(),
            inner: None,
            chain: None,
        }
    }

    /// Takes up a share of a site, of whose objects one is `example`; `leads` if that site names the cluster from now on.
    pub(super) fn add(&mut self, site: &Site, example: Node, share: f64, leads: bool) {
        // What a holder's objects keep alive has in it what grows inside of them.
        let sum = if site.is_inner { &mut self.inner_bytes } else { &mut self.bytes };
        for (sum, bytes) in sum.iter_mut().zip(&site.bytes) {
            *sum += (*bytes as f64 * share) as u64;
        }
        if site.is_inner {
            self.inner.get_or_insert(example);
        }
        if leads {
            self.counts = site.counts.iter().map(|count| (*count as f64 * share).round() as u64).collect();
            self.example = example;
            self.sites.insert(0, site.clone());
        } else {
            self.sites.push(site.clone());
        }
    }

    /// What grows inside of objects that were there before is in nobody's bytes yet, where nothing else is new: the holder's own
    /// bytes are without what it keeps alive.
    pub(super) fn settle(&mut self) {
        // Of a single snapshot a site's bytes are all that it keeps alive.
        let is_single = self.bytes.len() == 1;
        let keeps_alive = |site: &Site| !site.is_inner && (is_single || site.what != What::Itself);
        if !self.sites.iter().any(keeps_alive) {
            self.bytes.iter_mut().zip(&self.inner_bytes).for_each(|(bytes, inner)| *bytes += inner);
        }
    }

    /// Bytes gained since the baseline.
    pub(crate) fn gain(&self) -> u64 {
        let base = baseline(self.bytes.len());
        self.bytes.last().copied().unwrap_or(0).saturating_sub(self.bytes[base])
    }

    /// The ids of the growing objects that are there in the last snapshot, as far as the first site has them.
    pub(crate) fn members(&self) -> &[u32] {
        self.sites.first().map_or(&[], |site| &site.members)
    }

    pub(crate) fn first_site(&self) -> &Site {
        &self.sites[0]
    }
}
