//! The function that a growing object keeps, or runs in: the callback of a timer, a listener, an async function that waits.

use leakhunt_heap::{EdgeType, NodeType};
use rustc_hash::FxHashSet;

use crate::graph::{Edge, Node};
use crate::source::Author;
use crate::suspects::Suspect;
use crate::view::View;

/// Objects looked at for code of the program.
const MOST_VISITED: usize = 2_000;
/// Of what one of them keeps, so many.
const MOST_OF_ONE: usize = 100;

/// A function that something was handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    /// The function as it was handed on.
    pub(crate) handed: Node,
    /// The program's own code that runs by it: behind `bind`, `once`, or a function of Node's or of a library. The state of an
    /// async function, where one waits.
    pub(crate) runs: Node,
}

impl Callback {
    pub(super) fn of(handed: Node, suspect: &Suspect, view: &View<'_>) -> Self {
        let inner = unbound(handed, view);
        let below = || user_code_below(view, suspect.cluster.example);
        let runs = if is_by_user(view, inner) { inner } else { below().unwrap_or(inner) };
        Self { handed, runs }
    }

    /// The function that listens. What the program has elsewhere below it does not: a package's client that listens keeps all
    /// that it was ever given.
    pub(super) fn of_listener(handed: Node, view: &View<'_>) -> Self {
        let inner = unbound(handed, view);
        let is_own = is_by_user(view, inner);
        let runs = if is_own { None } else { code_below(view, inner, |node| is_between(view, node)) };
        Self { handed, runs: runs.unwrap_or(inner) }
    }

    /// The function which one of the growing objects is.
    pub(super) fn of_function(suspect: &Suspect, view: &View<'_>) -> Option<Self> {
        let example = suspect.cluster.example;
        (view.graph.kind(example) == NodeType::Closure).then(|| Self::of(example, suspect, view))
    }

    /// The async function in which one of the growing objects waits.
    pub(super) fn of_waiting(suspect: &Suspect, view: &View<'_>) -> Option<Self> {
        let code = user_code_below(view, suspect.cluster.example)?;
        (view.graph.kind(code) == NodeType::Object).then(|| Self::of(code, suspect, view))
    }

    /// An async or generator function that waits, not one that is called.
    pub(crate) fn is_awaited(self, view: &View<'_>) -> bool {
        view.graph.kind(self.runs) == NodeType::Object
    }
}

/// A function of the program that a growing object keeps: the one it was made for, or that waits for it.
pub(crate) fn user_code_below(view: &View<'_>, from: Node) -> Option<Node> {
    code_below(view, from, |_| true)
}

/// The nearest function or object of a package's that a growing object keeps.
pub(crate) fn library_below(view: &View<'_>, from: Node) -> Option<Node> {
    let is_library = |node: Node| author(view, node) == Some(Author::Library);
    below(view, from, is_library, |node| author(view, node) != Some(Author::User))
}

/// Such a function, below those that lead to it.
fn code_below(view: &View<'_>, from: Node, leads: impl Fn(Node) -> bool) -> Option<Node> {
    let is_code = |node: Node| {
        is_by_user(view, node) && (view.graph.kind(node) == NodeType::Closure || is_running(view, node))
    };
    below(view, from, is_code, leads)
}

/// The nearest node that is wanted, below those that lead to it.
fn below(
    view: &View<'_>,
    from: Node,
    is_wanted: impl Fn(Node) -> bool,
    leads: impl Fn(Node) -> bool,
) -> Option<Node> {
    let (mut queue, mut seen) = (vec![from], FxHashSet::default());
    let mut done = 0;
    while let Some(&node) = queue.get(done) {
        done += 1;
        if is_wanted(node) {
            return Some(node);
        }
        if !leads(node) {
            continue;
        }
        let passes = |edge: &Edge| {
            edge.kind != EdgeType::Weak && edge.kind != EdgeType::Shortcut && !view.is_permanent(edge.to)
        };
        // A queue of a thousand alike says no more than some of them.
        for edge in view.graph.edges(node).filter(passes).take(MOST_OF_ONE) {
            if queue.len() < MOST_VISITED && seen.insert(edge.to) {
                queue.push(edge.to);
            }
        }
    }
    None
}

/// A function calls what it was handed: what lies between the two is made for that, and has no class of its own.
fn is_between(view: &View<'_>, node: Node) -> bool {
    view.graph.kind(node) == NodeType::Closure
        || view.is_part(node)
        || view.is_builtin(node, &["system / Context", "Array", "Promise"])
}

/// The state of an async or generator function that has not finished.
pub(super) fn is_running(view: &View<'_>, node: Node) -> bool {
    let name = view.graph.name(node);
    view.graph.kind(node) == NodeType::Object
        && (name == "Generator" || name.contains("AsyncFunction") || name.contains("GeneratorObject"))
}

pub(super) fn is_by_user(view: &View<'_>, node: Node) -> bool {
    author(view, node) == Some(Author::User)
}

fn author(view: &View<'_>, node: Node) -> Option<Author> {
    view.graph.spot(node).map(|spot| view.scripts.author(spot))
}

/// The function behind `bind` and behind `once`.
pub(crate) fn unbound(closure: Node, view: &View<'_>) -> Node {
    let mut at = closure;
    for _ in 0..4 {
        let inner = view.graph.internal(at, "bound_function").or_else(|| view.graph.property(at, "listener"));
        match inner {
            Some(inner) => at = inner,
            None => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap};

    #[test]
    fn what_waits_is_found_beside_a_long_queue() {
        let mut heap = Heap::new();
        let (set, producer, queue) =
            (heap.global("producers", "Set"), heap.builtin("Object"), heap.builtin("Array"));
        heap.table(set, &[producer]);
        heap.property(producer, "queue", queue);
        for at in 0..3_000 {
            let event = heap.builtin("Object");
            heap.element(queue, at, event);
        }
        let (context, waiting) = (heap.builtin("system / Context"), heap.instance("AsyncFunction", APP));
        heap.property(producer, "next", context);
        heap.variable(context, "resolve", waiting);
        let found = heap.view(set, |view| user_code_below(view, producer));
        assert_eq!(found, Some(waiting));
    }
}
