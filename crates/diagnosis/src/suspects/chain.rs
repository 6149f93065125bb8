//! Growing objects that hold each other, one the next.

use leakhunt_heap::EdgeType;

use crate::graph::Node;
use crate::series::columns::Columns;
use crate::shown::whole_class;
use crate::view::View;

/// A chain has at least so many links.
const LEAST_LINKS: usize = 3;
/// Walks end here; a chain that long is one.
const LONGEST_WALK: usize = 200_000;
/// So many objects may lead to a chain, such as a timer, its callback and what that sees.
const MOST_BEFORE: usize = 8;
/// And so many may lie between one link and the next.
const MOST_BETWEEN: usize = 12;

/// Objects each of which holds another of them.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// A link.
    pub(crate) link: Node,
    pub(crate) links: usize,
    /// The variable or property by which each holds the other.
    pub(crate) by: Option<String>,
    /// Which one that is, if their ids tell.
    pub(crate) holds: Option<Holds>,
    /// What the holder has is no link, and only leads to the first one.
    pub(crate) is_led_to: bool,
}

/// Which other link each link of a chain holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// The one that was there before it.
    Older,
    /// The one that came after it.
    Newer,
}

/// Follows what retains most, from a holder down, and tells whether the same comes again and again. Where the holder has no more
/// objects than before (`is_within`), what grows is within them, and a chain may begin further down.
pub(super) fn chain(view: &View<'_>, rows: &Columns, from: Node, is_within: bool) -> Option<Chain> {
    let mut walk = vec![from];
    let mut at = from;
    let heaviest = |at: Node| view.node(rows.heaviest(view.graph.id(at))?.id);
    while let Some(next) = heaviest(at).filter(|_| walk.len() < LONGEST_WALK) {
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
    let repeating = |start: usize| {
        let link = *walk.get(start)?;
        let again = |period: &usize| walk.get(start + period).is_some_and(|node| same(*node, link));
        let links = |period: usize| {
            let every = walk.iter().skip(start).step_by(period);
            every.take_while(|node| same(**node, link)).copied().collect::<Vec<Node>>()
        };
        let periods = (1..walk.len().min(if is_within { MOST_BETWEEN } else { usize::MAX })).filter(again);
        let found = periods
            .take(if is_within { MOST_BETWEEN } else { 1 })
            .map(|period| (start, period, links(period)));
        found.max_by_key(|(_, period, links)| (links.len(), std::cmp::Reverse(*period)))
    };
    let starts = 1..=if is_within { MOST_BEFORE } else { 1 };
    let (start, period, found) = starts
        .filter_map(repeating)
        .max_by_key(|(start, _, links)| (links.len(), std::cmp::Reverse(*start)))?;
    let (link, links) = (found[0], found.len());
    if links < LEAST_LINKS || view.graph.kind(link).is_string() {
        return None;
    }
    let by = (start..start + period).find_map(|step| {
        let (above, below) = (walk[step], *walk.get(step + 1)?);
        view.path_up(below)
            .take_while(|edge| edge.to != above)
            .find(|edge| edge.kind == EdgeType::Context)
            .map(|edge| view.graph.edge_name(edge).into_owned())
    });
    let by = by.or_else(|| {
        let below = *walk.get(start + 1)?;
        view.path_up(below)
            .take(4)
            .find(|edge| edge.kind == EdgeType::Property)
            .map(|edge| view.graph.edge_name(edge).into_owned())
    });
    let ids: Vec<u32> = found.iter().map(|node| view.graph.id(*node)).collect();
    let is_led_to = !walk[1..start].iter().any(|node| same(*node, link));
    Some(Chain { link, links, by, holds: holds(&ids), is_led_to: is_led_to && start > 1 })
}

/// In which order the links were made, those that hold others first. V8 numbers what is new at each snapshot, in the order in
/// which it lies in memory: what is far apart in a chain came at different snapshots, so it is compared with each other.
fn holds(ids: &[u32]) -> Option<Holds> {
    let (above, below) = ids.split_at(ids.len() / 2);
    let below = &below[below.len() - above.len()..];
    let older = above.iter().zip(below).filter(|(above, below)| above > below).count();
    match above.len() {
        0 => None,
        pairs if older * 10 >= pairs * 9 => Some(Holds::Older),
        pairs if older * 10 <= pairs => Some(Holds::Newer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_way_a_chain_holds_is_told_by_when_its_links_came() {
        for (ids, expected) in [
            (&[90, 92, 91, 50, 51, 10, 12, 11][..], Some(Holds::Older)),
            (&[10, 12, 11, 50, 51, 92, 90, 91], Some(Holds::Newer)),
            (&[10, 50, 12, 48, 30, 31, 9, 60], None),
            (&[], None),
        ] {
            assert_eq!(holds(ids), expected, "{ids:?}");
        }
    }
}
