//! What hangs below a holder: a chain of the same kind of object, or code of the program.

use leakhunt_heap::{EdgeType, NodeType};

use crate::graph::Node;
use crate::scripts::Author;
use crate::shown::whole_class;
use crate::view::View;

/// A chain has at least so many links.
const LEAST_LINKS: usize = 3;
/// Walks end here; a chain that long is one.
const LONGEST_WALK: usize = 200_000;
/// Objects looked at for code of the program.
const MOST_VISITED: usize = 2_000;

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
pub(crate) fn chain(view: &View<'_>, from: Node) -> Option<Chain> {
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

/// A function of the program that a growing object keeps: the one it was made for, or that waits for it.
pub(crate) fn user_code_below(view: &View<'_>, from: Node) -> Option<Node> {
    let mut queue = vec![from];
    let mut done = 0;
    while let Some(&node) = queue.get(done) {
        done += 1;
        let by_user = view.graph.spot(node).is_some_and(|spot| view.scripts.author(spot) == Author::User);
        if by_user && is_code(view, node) {
            return Some(node);
        }
        for edge in view.graph.edges(node) {
            let passes =
                edge.kind != EdgeType::Weak && edge.kind != EdgeType::Shortcut && !view.is_permanent(edge.to);
            if passes && queue.len() < MOST_VISITED && !queue.contains(&edge.to) {
                queue.push(edge.to);
            }
        }
    }
    None
}

/// The async function of the program on whose result a promise waits, by way of others or not: while it runs it holds the
/// promise for that.
pub(crate) fn running_above(view: &View<'_>, promise: Node) -> Option<Node> {
    let waits = |node: &Node| {
        view.is_part(*node) || matches!(&*view.graph.name(*node), "Promise" | "system / PromiseReaction")
    };
    view.path_up(promise)
        .map(|edge| edge.from)
        .find(|node| !waits(node))
        .filter(|node| is_running(view, *node))
        .filter(|node| view.graph.spot(*node).is_some_and(|spot| view.scripts.author(spot) == Author::User))
}

/// A function, or the state of one that has not come to its end.
fn is_code(view: &View<'_>, node: Node) -> bool {
    view.graph.kind(node) == NodeType::Closure || is_running(view, node)
}

/// The state of an async or generator function that has not come to its end.
fn is_running(view: &View<'_>, node: Node) -> bool {
    let name = view.graph.name(node);
    view.graph.kind(node) == NodeType::Object
        && (name == "Generator" || name.contains("AsyncFunction") || name.contains("GeneratorObject"))
}
