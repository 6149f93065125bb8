//! Errors whose stack nobody has read: V8 makes it a string when it is first asked for, and until then keeps each function that
//! ran, with what it was called on. Within a callback of Node's that is the timer or the `Immediate`, with its async context.

use leakhunt_heap::{EdgeType, NodeType};
use rustc_hash::FxHashMap;

use super::async_context::{self, Stores};
use super::reach::{bytes_each, kept, reach, sample};
use crate::graph::Node;
use crate::shown::class_name;
use crate::source::{Author, Place, Sources};
use crate::suspects::Suspect;
use crate::view::View;

/// An error lies so many references below a growing object at the most: in an entry, or in an object's field.
const DEEPEST: usize = 2;
/// A stack of less is what any error has.
const LEAST: u64 = 2_000;
/// V8's symbol for what a stack is made from has no name.
const STACK: &str = "<symbol>";
/// What stands in a stack: a function and what it was called on (until V8 14 in an object of its own).
const CALL_SITE: &str = "system / CallSiteInfo";

/// What stacks keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stacks {
    /// The program's function in which the error was made.
    pub(crate) made_in: Option<Place>,
    /// The class of what a function in it was called on, if that has come with it.
    pub(crate) receiver: Option<String>,
    /// What it keeps by the async context of that.
    pub(crate) stores: Option<Stores>,
    /// Bytes that each of what grows keeps so, on average.
    pub(crate) each: u64,
}

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>, sources: &Sources<'_>) -> Option<Stacks> {
    let found = of(&sample(suspect, view), view, sources)?;
    let each = found.each.min(bytes_each(suspect));
    (each >= LEAST).then_some(Stacks { each, ..found })
}

/// What stacks keep below these objects, if it is most of the bytes that these keep.
fn of(objects: &[Node], view: &View<'_>, sources: &Sources<'_>) -> Option<Stacks> {
    let stacks: Vec<Node> = objects.iter().flat_map(|object| stacks_below(*object, view)).collect();
    let bytes = reach(&stacks, view, |_| ());
    let each = bytes / objects.len().max(1) as u64;
    if each < LEAST || 2 * bytes < reach(objects, view, |_| ()) {
        return None;
    }
    let sites: Vec<Node> = stacks.iter().flat_map(|stack| sites(*stack, view)).collect();
    let mut tally: FxHashMap<String, usize> = FxHashMap::default();
    let has_class =
        |node: &Node| view.graph.kind(*node) == NodeType::Object && view.graph.spot(*node).is_some();
    for receiver in sites.iter().copied().filter(|node| has_class(node) && !view.is_permanent(*node)) {
        *tally.entry(class_name(view, receiver)).or_default() += 1;
    }
    let receiver = tally.into_iter().max_by(|one, two| one.1.cmp(&two.1).then(two.0.cmp(&one.0)));
    let stores = async_context::of(&stacks, view, sources);
    // Otherwise there is nothing in it but functions.
    (receiver.is_some() || stores.is_some()).then(|| Stacks {
        made_in: sites.iter().find_map(|node| place(*node, view, sources)),
        receiver: receiver.map(|(class, _)| class),
        stores,
        each,
    })
}

/// What the unread stacks of errors in a growing object, or of the error that it is, are made from.
fn stacks_below(member: Node, view: &View<'_>) -> Vec<Node> {
    let (mut level, mut found) = (vec![member], Vec::new());
    for _ in 0..=DEEPEST {
        for node in &level {
            if is_error(*node, view) {
                found.extend(unread(*node, view));
            }
        }
        level = level.into_iter().flat_map(|node| kept(node, view).map(|edge| edge.to).take(20)).collect();
    }
    found
}

fn is_error(node: Node, view: &View<'_>) -> bool {
    view.graph.kind(node) == NodeType::Object && view.extends(node, "Error")
}

/// An array until it is read, and a string from then on.
fn unread(error: Node, view: &View<'_>) -> Option<Node> {
    view.graph
        .edges(error)
        .filter(|edge| edge.kind == EdgeType::Property && view.graph.edge_name(*edge) == STACK)
        .map(|edge| edge.to)
        .find(|node| view.graph.kind(*node) == NodeType::Array)
}

/// The functions of a stack and what they were called on, the innermost first.
fn sites(stack: Node, view: &View<'_>) -> Vec<Node> {
    let of_site = |node: Node| match &*view.graph.name(node) {
        CALL_SITE => view.graph.edges(node).map(|edge| edge.to).collect(),
        _ => vec![node],
    };
    view.graph.edges(stack).map(|edge| edge.to).flat_map(of_site).collect()
}

/// The place of a function of the program's.
fn place(function: Node, view: &View<'_>, sources: &Sources<'_>) -> Option<Place> {
    let spot = view.graph.spot(function).filter(|_| view.graph.kind(function) == NodeType::Closure)?;
    let name = view.scripts.function(spot).map(str::to_owned);
    (view.scripts.author(spot) == Author::User).then(|| sources.place(&view.scripts, spot, name))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap, TIMERS};

    /// A list of errors, the stack of each made from call sites that lead to an immediate with so many bytes.
    #[track_caller]
    fn check(is_wrapped: bool, bytes: u32, own: u32, expected: Option<(&str, u64)>) {
        let mut heap = Heap::new();
        let list = heap.global("failures", "Array");
        let errors: Vec<Node> = (0..4)
            .map(|at| {
                let (error, stack) = (heap.builtin_extending("RangeError", "Error"), heap.array());
                let (book, immediate) =
                    (heap.function_at("book", APP, 9), heap.instance("Immediate", TIMERS));
                let site = if is_wrapped { heap.hidden(CALL_SITE) } else { stack };
                if is_wrapped {
                    heap.internal(stack, "0", site);
                }
                heap.internal(site, "1", immediate);
                heap.internal(site, "2", book);
                heap.size(immediate, bytes);
                heap.size(error, own);
                heap.property(error, STACK, stack);
                heap.element(list, at, error);
                error
            })
            .collect();
        let found = heap.view_with_sources(list, |view, sources| of(&errors, view, sources));
        let told =
            found.as_ref().map(|stacks| (stacks.receiver.as_deref().unwrap_or(""), stacks.each / 1_000));
        assert_eq!(told, expected);
        if let Some(stacks) = found {
            assert_eq!(stacks.made_in.map(|place| place.location.line), Some(9));
            assert_eq!(stacks.stores, None);
        }
    }

    #[test]
    fn a_stack_that_nobody_has_read_keeps_what_ran() {
        for is_wrapped in [true, false] {
            check(is_wrapped, 9_000, 100, Some(("Immediate", 9)));
        }
    }

    #[test]
    fn stacks_like_any_other_and_those_that_are_little_of_it_are_not_spoken_of() {
        check(true, 500, 100, None);
        check(true, 9_000, 20_000, None);
    }
}
