//! Who holds what grows at a site: not what merely dominates it (a module that holds both a set and an array of the same
//! sockets), but the container through which the growing objects are reached.

use leakhunt_heap::NodeType;
use rustc_hash::FxHashMap;

use crate::graph::Node;
use crate::series::growth::{Site, What};
use crate::shown::whole_class;
use crate::view::View;

/// Of a site's objects, so many are asked how they are reached.
const SAMPLE: usize = 256;
/// A container by which fewer of them are reached is none of theirs.
const LEAST_SHARE: f64 = 0.15;

/// Who holds what grows at a site: container, slot, one of the objects, and the share of them.
pub(super) fn containers(site: &Site, view: &View<'_>) -> Vec<(Node, Option<String>, Node, f64)> {
    let Some(owner) = view.node(site.owner) else { return Vec::new() };
    let example = site.members.iter().rev().find_map(|id| view.node(*id)).unwrap_or(owner);
    if site.what == What::Itself || site.is_inner || view.is_collection(owner) {
        return vec![(owner, None, example, 1.0)];
    }
    let mut tally = Tally::default();
    let mut asked = 0;
    let every = site.members.len().div_ceil(SAMPLE).max(1);
    for member in site.members.iter().step_by(every).filter_map(|id| view.node(*id)) {
        // What a collection holds only through others of its kind hangs on a chain that is not the collection's.
        let anchor = anchor(view, member)
            .filter(|(above, _)| !view.is_collection(*above) || !is_linked(view, member, *above))
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
    let mut found: Vec<_> = without_keys(tally, asked)
        .into_iter()
        .map(|((node, slot), (count, member))| (node, slot, member, count as f64 / asked.max(1) as f64))
        .collect();
    found.sort_by(|a, b| b.3.total_cmp(&a.3).then(a.0.cmp(&b.0)));
    found.retain(|entry| entry.3 >= LEAST_SHARE);
    found
}

/// By container and slot, how many objects are reached, and one of them.
type Tally = FxHashMap<(Node, Option<String>), (usize, Node)>;

/// Names of a dictionary are not slots: it is the dictionary that holds. Other ways may lead to some of its objects as well;
/// its names are then those by which few are reached.
fn without_keys(tally: Tally, asked: usize) -> Tally {
    let mut slots: FxHashMap<Node, usize> = FxHashMap::default();
    for (node, _) in tally.keys() {
        *slots.entry(*node).or_default() += 1;
    }
    let is_key = |node: &Node, count: usize| {
        slots[node] > 2 && (slots.len() == 1 || (count as f64) < asked as f64 * LEAST_SHARE)
    };
    // Of the objects one that is reached as most are, and always the same.
    let mut entries: Vec<_> = tally.into_iter().collect();
    entries.sort_by(|(one, (count, _)), (other, (more, _))| more.cmp(count).then_with(|| one.cmp(other)));
    let mut found = Tally::default();
    for ((node, slot), (count, member)) in entries {
        let slot = slot.filter(|_| !is_key(&node, count));
        found.entry((node, slot)).and_modify(|(sum, _)| *sum += count).or_insert((count, member));
    }
    found
}

/// The container above a chain: a new element hangs on the one before it, but what holds the list is its head's owner.
pub(super) fn above_chain(
    view: &View<'_>,
    container: Node,
    slot: Option<String>,
    example: Node,
) -> (Node, Option<String>) {
    // Plain objects are alike when their fields are.
    let class = whole_class(view, example);
    if view.graph.kind(example) != NodeType::Object || matches!(&*class, "Object" | "Array" | "Map" | "Set") {
        return (container, slot);
    }
    let name = view.graph.name(example);
    let is_link = |node| {
        view.graph.kind(node) == NodeType::Object
            && view.graph.name(node) == name
            && whole_class(view, node) == class
    };
    let (mut at, mut by) = (container, slot);
    while is_link(at) {
        let Some(edge) = view.path_up(at).find(|edge| !view.is_part(edge.from)) else { break };
        by = (!view.is_part(edge.to) && !view.is_collection(edge.from))
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
        let is_slot = !view.is_collection(edge.from) && !view.is_part(edge.to);
        return Some((edge.from, is_slot.then(|| view.graph.edge_name(edge).into_owned())));
    }
    None
}
