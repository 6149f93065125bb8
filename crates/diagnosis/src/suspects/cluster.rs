//! From places of growth to suspects: sites that are one leak become one cluster, at the object that holds it.
//!
//! Three steps. Sites alike (a string in each of a hundred timers) become one. A site inside of what grows elsewhere
//! (that string, in timers that become more as well) goes to the latter. And a site whose owner merely dominates
//! (a module that holds both a set and an array of the same sockets) is handed to the container that the growing
//! objects are reached through.

use leakhunt_heap::NodeType;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::Node;
use crate::series::classes::Class;
use crate::series::columns::Columns;
use crate::series::growth::{Site, What, baseline};
use crate::series::trend::Trend;
use crate::suspects::chain::{Chain, chain};
use crate::view::View;

/// Of a site's objects, so many are asked how they are reached.
const SAMPLE: usize = 256;

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
    pub(crate) sites: Vec<Site>,
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
    /// Bytes gained since the baseline.
    pub(crate) fn gain(&self) -> u64 {
        let base = baseline(self.bytes.len());
        self.bytes.last().copied().unwrap_or(0).saturating_sub(self.bytes[base])
    }

    pub(crate) fn first_site(&self) -> &Site {
        &self.sites[0]
    }
}

/// Groups the sites that grow.
pub(crate) fn clusters(sites: Vec<Site>, columns: &[Columns], view: &View<'_>) -> Vec<Cluster> {
    let base = baseline(columns.len());
    let suspicious: Vec<Site> = sites.into_iter().filter(|site| is_suspicious(site, view)).collect();
    let grouped = alike(suspicious, view);
    let sites = absorbed(grouped, columns);
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut known: FxHashMap<(Node, Option<String>), usize> = FxHashMap::default();
    for site in sites {
        for (container, slot, example, share) in containers(&site, view) {
            let (container, slot) = above_chain(view, container, slot, example);
            let at = *known.entry((container, slot.clone())).or_insert_with(|| {
                clusters.push(Cluster {
                    container,
                    slot,
                    example,
                    sites: Vec::new(),
                    counts: vec![0; columns.len()],
                    bytes: vec![0; columns.len()],
                    inner_bytes: vec![0; columns.len()],
                    inner: None,
                    chain: None,
                });
                clusters.len() - 1
            });
            let cluster = &mut clusters[at];
            // What a holder's objects keep alive has in it what grows inside of them.
            let sum = if site.is_inner { &mut cluster.inner_bytes } else { &mut cluster.bytes };
            for (sum, bytes) in sum.iter_mut().zip(&site.bytes) {
                *sum += (*bytes as f64 * share) as u64;
            }
            if site.is_inner {
                cluster.inner.get_or_insert(example);
            }
            let leads = cluster.sites.first().is_none_or(|first| leads(&site, first, view, base));
            if leads {
                cluster.counts =
                    site.counts.iter().map(|count| (*count as f64 * share).round() as u64).collect();
                cluster.example = example;
                cluster.sites.insert(0, site.clone());
            } else {
                cluster.sites.push(site.clone());
            }
        }
    }
    for cluster in &mut clusters {
        if cluster.sites.iter().all(|site| site.is_inner) {
            cluster.bytes.clone_from(&cluster.inner_bytes);
        }
        cluster.chain =
            (cluster.first_site().what != What::Itself).then(|| chain(view, cluster.container)).flatten();
        count_links(cluster, columns, view);
        name_contents(cluster, columns, view);
    }
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.gain()));
    clusters
}

/// A variable that is set anew each time holds one object; what becomes more is inside of that.
fn name_contents(cluster: &mut Cluster, columns: &[Columns], view: &View<'_>) {
    let replaced =
        cluster.chain.is_none() && cluster.slot.is_some() && cluster.counts.iter().max() == Some(&1);
    let Some(rows) = columns.last().filter(|_| replaced) else { return };
    let mut by_class: FxHashMap<Class, (u64, u64, u32)> = FxHashMap::default();
    for row in rows.below(&[view.graph.id(cluster.example)]) {
        let entry = by_class.entry(row.class).or_default();
        *entry = (entry.0 + row.own, entry.1 + 1, row.id);
    }
    let count =
        |class: Class, columns: &Columns| columns.rows.iter().filter(|row| row.class == class).count() as u64;
    let named = by_class
        .into_iter()
        .filter_map(|(class, (bytes, objects, id))| Some((class, bytes, objects, view.node(id)?)))
        .filter(|(.., objects, node)| *objects > 2 && !view.graph.kind(*node).is_string())
        .max_by_key(|(_, bytes, _, node)| (view.graph.spot(*node).is_some(), *bytes, *node));
    if let Some((class, .., node)) = named {
        cluster.counts = columns.iter().map(|columns| count(class, columns)).collect();
        cluster.example = node;
    }
}

/// Of a chain the holder has one link only; how many there are is a matter of the whole heap.
fn count_links(cluster: &mut Cluster, columns: &[Columns], view: &View<'_>) {
    let flat = cluster.counts.iter().max() <= Some(&1);
    let link = cluster.chain.as_ref().map(|chain| view.graph.id(chain.link));
    let class = link.and_then(|id| columns.last()?.get(id)).map(|row| row.class);
    if let Some(class) = class.filter(|_| flat) {
        let count = |columns: &Columns| columns.rows.iter().filter(|row| row.class == class).count() as u64;
        cluster.counts = columns.iter().map(count).collect();
    }
}

/// Objects of a class say more about a leak than the strings and contexts among them, unless those are nearly all of it.
fn leads(site: &Site, first: &Site, view: &View<'_>, base: usize) -> bool {
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

fn is_suspicious(site: &Site, view: &View<'_>) -> bool {
    if site.trend != Trend::Growing || site.survival < 0.5 {
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
            match collection_above(view, site.owner) {
                Some(collection) => by_collection.entry(collection).or_default().push(site),
                None => out.push(site),
            }
        }
        for (collection, group) in by_collection {
            // Two lists under names of their own are no dictionary.
            let least = if is_collection(view, collection) { 2 } else { 3 };
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

fn joined(group: Vec<Site>, owner: u32) -> Site {
    let mut group = group.into_iter();
    let mut sum = group.next().expect("a group has at least two sites");
    for site in group {
        for (sum, more) in sum.counts.iter_mut().zip(&site.counts) {
            *sum += more;
        }
        for (sum, more) in sum.bytes.iter_mut().zip(&site.bytes) {
            *sum += more;
        }
        sum.members.extend(site.members);
    }
    sum.owner = owner;
    sum.is_inner = true;
    sum
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
        if is_collection(view, at) {
            return Some(at);
        }
    }
    None
}

/// Whether an object exists to hold others: the holder of what it dominates is then no question.
pub(crate) fn is_collection(view: &View<'_>, node: Node) -> bool {
    view.graph.kind(node) == NodeType::Object
        && matches!(
            &*view.graph.name(node),
            "Map" | "Set" | "Array" | "WeakMap" | "WeakSet" | "TimersList" | "Promise"
        )
}

/// Of the gain of one object that is set anew, the share at a site inside of it that makes it no more than the way there.
const CARRIED: f64 = 0.8;

/// Sites inside of objects that become more at another site are part of that one.
fn absorbed(mut sites: Vec<Site>, columns: &[Columns]) -> Vec<Site> {
    let Some(rows) = columns.last() else { return sites };
    let mut growing: FxHashSet<(u32, Class)> = sites.iter().filter_map(Site::key).collect();
    // The timer that a poll sets anew each time is new, and holds whatever the poll's closure has collected all along.
    let base = baseline(columns.len());
    let mut carried: FxHashMap<(u32, Class), u64> = FxHashMap::default();
    for site in &sites {
        if let Some(outer) = outer(site, &growing, rows) {
            let most = carried.entry(outer).or_default();
            *most = site.gain(base).max(*most);
        }
    }
    sites.retain(|site| {
        let inside = site.key().and_then(|key| carried.get(&key)).copied().unwrap_or(0);
        let carries = site.is_replaced() && inside as f64 >= site.gain(base) as f64 * CARRIED;
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

/// Who holds what grows at a site: container, slot, one of the objects, and the share of them.
fn containers(site: &Site, view: &View<'_>) -> Vec<(Node, Option<String>, Node, f64)> {
    let Some(owner) = view.node(site.owner) else { return Vec::new() };
    let example = site.members.iter().rev().find_map(|id| view.node(*id)).unwrap_or(owner);
    if site.what == What::Itself || site.is_inner || is_collection(view, owner) {
        return vec![(owner, None, example, 1.0)];
    }
    let mut tally: FxHashMap<(Node, Option<String>), (usize, Node)> = FxHashMap::default();
    let mut asked = 0;
    let every = site.members.len().div_ceil(SAMPLE).max(1);
    for member in site.members.iter().step_by(every).filter_map(|id| view.node(*id)) {
        // What a collection holds only through others of its kind hangs on a chain that is not the collection's.
        let anchor = anchor(view, member)
            .filter(|(above, _)| !is_collection(view, *above) || !is_linked(view, member, *above))
            .unwrap_or((owner, None));
        asked += 1;
        if is_console(anchor.1.as_deref()) {
            continue;
        }
        let entry = tally.entry(anchor).or_insert((0, member));
        entry.0 += 1;
        entry.1 = member;
    }
    // A chain is one, whether an old link of it is nearest or something that knows some of its links.
    if tally.contains_key(&(owner, None)) {
        let spot = view.graph.spot(example);
        let is_link = |(node, _): &(Node, Option<String>)| spot.is_some() && view.graph.spot(*node) == spot;
        let links: Vec<_> = tally.keys().filter(|anchor| is_link(anchor)).cloned().collect();
        let more: usize =
            links.iter().filter_map(|anchor| tally.remove(anchor)).map(|(count, _)| count).sum();
        tally.entry((owner, None)).and_modify(|(count, _)| *count += more);
    }
    let mut found: Vec<_> = tally
        .into_iter()
        .map(|((node, slot), (count, member))| (node, slot, member, count as f64 / asked.max(1) as f64))
        .collect();
    found.sort_by(|a, b| b.3.total_cmp(&a.3).then(a.0.cmp(&b.0)));
    // Names of a dictionary are not slots: it is the dictionary that holds.
    if found.len() > 2 && found.iter().all(|entry| entry.0 == found[0].0) {
        let (node, _, member, _) = found[0].clone();
        return vec![(node, None, member, 1.0)];
    }
    found.retain(|entry| entry.3 >= 0.15);
    found
}

/// The container above a chain: a new element hangs on the one before it, but what holds the list is its head's owner.
fn above_chain(
    view: &View<'_>,
    container: Node,
    slot: Option<String>,
    example: Node,
) -> (Node, Option<String>) {
    let class = view.graph.name(example);
    if view.graph.kind(example) != NodeType::Object || matches!(&*class, "Object" | "Array" | "Map" | "Set") {
        return (container, slot);
    }
    let (mut at, mut by) = (container, slot);
    while view.graph.kind(at) == NodeType::Object && view.graph.name(at) == class {
        let Some(edge) = view.path_up(at).find(|edge| !view.is_part(edge.from)) else { break };
        by = (!view.is_part(edge.to) && !is_collection(view, edge.from))
            .then(|| view.graph.edge_name(edge).into_owned());
        at = edge.from;
    }
    (at, by)
}

/// Whether the way from an object down to a member leads through another of the member's class.
fn is_linked(view: &View<'_>, member: Node, above: Node) -> bool {
    let spot = view.graph.spot(member);
    let below = view.path_up(member).map(|edge| edge.from).take_while(|node| *node != above);
    spot.is_some() && below.into_iter().any(|node| view.graph.spot(node) == spot)
}

/// What the inspector itself keeps while it is attached: the messages of `console.log`. Gone when the hunt ends.
fn is_console(slot: Option<&str>) -> bool {
    slot.is_some_and(|slot| slot.ends_with("/ DevTools console"))
}

/// The permanent object nearest to a growing one, on the shortest path from the roots.
fn anchor(view: &View<'_>, member: Node) -> Option<(Node, Option<String>)> {
    for edge in view.path_up(member) {
        if view.is_part(edge.from) || !view.is_permanent(edge.from) {
            continue;
        }
        let is_slot = !is_collection(view, edge.from) && !view.is_part(edge.to);
        return Some((edge.from, is_slot.then(|| view.graph.edge_name(edge).into_owned())));
    }
    None
}
