//! The function that a growing object keeps, or runs in: the callback of a timer, a listener, an async function that waits.

use leakhunt_heap::{EdgeType, NodeType};

use crate::graph::Node;
use crate::source::Author;
use crate::suspects::Suspect;
use crate::view::View;

/// Objects looked at for code of the program.
const MOST_VISITED: usize = 2_000;

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

/// Such a function, below those that lead to it.
fn code_below(view: &View<'_>, from: Node, leads: impl Fn(Node) -> bool) -> Option<Node> {
    let mut queue = vec![from];
    let mut done = 0;
    while let Some(&node) = queue.get(done) {
        done += 1;
        if is_by_user(view, node) && (view.graph.kind(node) == NodeType::Closure || is_running(view, node)) {
            return Some(node);
        }
        if !leads(node) {
            continue;
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
    view.graph.spot(node).is_some_and(|spot| view.scripts.author(spot) == Author::User)
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
