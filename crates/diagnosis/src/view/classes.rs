//! What class an object is of, by who wrote that class and not by its name alone: a program may have a `Map` or a `Timeout` of
//! its own.
//!
//! An instance has the place of its constructor. Classes that V8 implements have none; those of Node.js stand in a script of
//! its own, such as `node:internal/timers`.

use leakhunt_heap::NodeType;

use super::View;
use crate::graph::Node;
use crate::source::Author;

/// Classes that extend each other in a longer row are nobody's.
const MOST_CLASSES: usize = 16;

impl View<'_> {
    /// Whether an object is of one of these classes, and no script has written that class.
    pub(crate) fn is_builtin(&self, node: Node, classes: &[&str]) -> bool {
        self.is_named(node, classes) && self.graph.spot(node).is_none()
    }

    /// Whether an object is of one of these classes, and a script of Node's own has written that class.
    pub(crate) fn is_nodes(&self, node: Node, classes: &[&str]) -> bool {
        self.is_named(node, classes)
            && self.graph.spot(node).is_some_and(|spot| self.scripts.is_nodes(spot.script_id))
    }

    /// Whether an object exists to hold others: the holder of what it dominates is then no question.
    pub(crate) fn is_collection(&self, node: Node) -> bool {
        self.is_builtin(node, &["Map", "Set", "Array", "WeakMap", "WeakSet", "Promise"])
            || self.is_nodes(node, &["TimersList"])
    }

    /// Whether the class of an object is, or extends, the class of this name that the program itself has not written.
    pub(crate) fn extends(&self, object: Node, class: &str) -> bool {
        self.constructors(object).any(|constructor| {
            self.graph.name(constructor) == class
                && self.graph.spot(constructor).is_none_or(|spot| self.scripts.author(spot) != Author::User)
        })
    }

    /// The constructors of an object's class and of the classes that this one extends, its own first.
    pub(crate) fn constructors(&self, object: Node) -> impl Iterator<Item = Node> + '_ {
        let above = |at: &Node| self.graph.property(*at, "__proto__").filter(|above| above != at);
        std::iter::successors(above(&object), move |at| above(at))
            .take(MOST_CLASSES)
            .filter_map(|prototype| self.graph.property(prototype, "constructor"))
    }

    /// Whether an object is of one of these classes, whoever has written it.
    pub(crate) fn is_named(&self, node: Node, classes: &[&str]) -> bool {
        self.graph.kind(node) == NodeType::Object && classes.contains(&&*self.graph.name(node))
    }
}
