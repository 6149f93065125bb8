//! Growing objects that hold each other, one the next.

use leakhunt_heap::EdgeType;

use crate::graph::Node;
use crate::shown::whole_class;
use crate::view::View;

/// A chain has at least so many links.
const LEAST_LINKS: usize = 3;
/// Walks end here; a chain that long is one.
const LONGEST_WALK: usize = 200_000;

/// Objects each of which holds the one before it.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// A link.
    pub(crate) link: Node,
    pub(crate) links: usize,
    /// The variable or property by which each holds the next.
    pub(crate) by: Option<String>,
}

/// Follows what retains most, from a holder down, and tells whether the same comes again and again.
pub(super) fn chain(view: &View<'_>, from: Node) -> Option<Chain> {
    let mut walk = vec![from];
    let mut at = from;
    while let Some(next) = view.heaviest(at).filter(|_| walk.len() < LONGEST_WALK) {
        walk.push(next);
        at = next;
    }
    let same = |a: Node, b: Node| {
        view.graph.kind(a) == view.graph.kind(b)
            && view.graph.name(a) == view.graph.name(b)
            && view.graph.spot(a) == view.graph.spot(b)
            // Plain objects are alike when their fields are.
            && whole_class(view, a) == whole_class(view, b)
    };
    // The first object is the holder itself or the newest link: the period is found from the second on.
    let link = *walk.get(1)?;
    let period = walk.iter().skip(2).position(|node| same(*node, link))? + 1;
    let links = walk.iter().skip(1).step_by(period).take_while(|node| same(**node, link)).count();
    if links < LEAST_LINKS || view.graph.kind(link).is_string() {
        return None;
    }
    let by = (1..=period).find_map(|step| {
        let (above, below) = (walk[step], *walk.get(step + 1)?);
        view.path_up(below)
            .take_while(|edge| edge.to != above)
            .find(|edge| edge.kind == EdgeType::Context)
            .map(|edge| view.graph.edge_name(edge).into_owned())
    });
    let by = by.or_else(|| {
        let below = *walk.get(2)?;
        view.path_up(below)
            .take(4)
            .find(|edge| edge.kind == EdgeType::Property)
            .map(|edge| view.graph.edge_name(edge).into_owned())
    });
    Some(Chain { link, links, by })
}
