//! A promise that is not settled, and what waits for it.

use leakhunt_heap::NodeType;

use super::callback::{Callback, is_by_user, is_running};
use super::kinds::Held;
use crate::graph::Node;
use crate::suspects::Suspect;
use crate::view::View;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    let holder = suspect.holder;
    let waits = |node: Node| is_promise(node, view) || is_reaction(node, view);
    // What a collection holds, its own kind says better, and so does that of an object which holds them by many names.
    let nearest = || suspect.new_objects(view).last().is_some_and(waits);
    let is_dictionary = || view.graph.kind(holder) == NodeType::Object && suspect.cluster.slot.is_none();
    if !waits(holder) && (view.is_collection(holder) || is_dictionary() || !nearest()) {
        return None;
    }
    Some(Held::Promise {
        code: Callback::of_function(suspect, view).or_else(|| Callback::of_waiting(suspect, view)),
        result_of: running_above(holder, view),
        // Only what is pending has reactions.
        is_pending: suspect.objects().chain([holder]).any(|node| is_reaction(node, view)),
    })
}

fn is_promise(node: Node, view: &View<'_>) -> bool {
    view.is_builtin(node, &["Promise"])
}

/// A `then` or `await` that waits: V8's own object.
fn is_reaction(node: Node, view: &View<'_>) -> bool {
    view.graph.kind(node) == NodeType::Hidden && view.graph.name(node) == "system / PromiseReaction"
}

/// The async function of the program on whose result a promise waits, by way of others or not: while it runs it holds the
/// promise for that.
fn running_above(promise: Node, view: &View<'_>) -> Option<Node> {
    let waits = |node: &Node| view.is_part(*node) || is_promise(*node, view) || is_reaction(*node, view);
    view.path_up(promise)
        .map(|edge| edge.from)
        .find(|node| !waits(node))
        .filter(|node| is_running(view, *node) && is_by_user(view, *node))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap};

    #[test]
    fn what_waits_for_a_promise_is_held_by_it() {
        let mut heap = Heap::new();
        let shutdown = heap.global("shutdown", "Promise");
        let (reaction, then) = (heap.hidden("system / PromiseReaction"), heap.function("afterShutdown", APP));
        heap.internal(shutdown, "reactions_or_result", reaction);
        heap.internal(reaction, "fulfill_handler", then);
        let code = Some(Callback { handed: then, runs: then });
        assert_eq!(heap.held(shutdown, then), Held::Promise { code, result_of: None, is_pending: true });
        let of_reaction = Held::Promise { code: None, result_of: None, is_pending: true };
        assert_eq!(heap.held(shutdown, reaction), of_reaction);
    }

    #[test]
    fn a_promise_is_the_result_of_the_function_that_still_runs() {
        let mut heap = Heap::new();
        let running = heap.instance("AsyncFunction", APP);
        heap.keep("running", running);
        let (promise, reaction) = (heap.builtin("Promise"), heap.hidden("system / PromiseReaction"));
        heap.internal(running, "promise", promise);
        heap.internal(promise, "reactions_or_result", reaction);
        let expected = Held::Promise { code: None, result_of: Some(running), is_pending: true };
        assert_eq!(heap.held(promise, reaction), expected);
    }

    #[test]
    fn promises_in_a_map_are_held_by_the_map() {
        let mut heap = Heap::new();
        let pending = heap.global("pending", "Map");
        let promise = heap.builtin("Promise");
        heap.table(pending, &[promise]);
        assert!(matches!(heap.held(pending, promise), Held::Collection { .. }));
    }

    #[test]
    fn promises_that_an_object_has_by_many_names_are_held_by_the_object() {
        let mut heap = Heap::new();
        let (cache, promise) = (heap.global("cache", "Object"), heap.builtin("Promise"));
        heap.property(cache, "a key", promise);
        assert!(matches!(heap.held(cache, promise), Held::Object));
    }

    #[test]
    fn a_class_of_the_program_that_is_called_promise_is_none() {
        let mut heap = Heap::new();
        let own = heap.instance("Promise", APP);
        heap.keep("own", own);
        let value = heap.builtin("Object");
        heap.property(own, "value", value);
        assert_eq!(heap.held(own, value), Held::Object);
    }
}
