//! Objects linked one to the next.

use super::kinds::Held;
use crate::graph::Node;
use crate::shown::whole_class;
use crate::suspects::Suspect;
use crate::view::View;

/// A list has at least so many links on the path.
const LEAST_LINKS: usize = 4;

/// The path leads through many of one class, one by the next.
pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    let links: Vec<Node> = suspect.new_objects(view).collect();
    if links.len() < LEAST_LINKS {
        return None;
    }
    // Plain objects are alike when their fields are: a state that is a tree of them is no list.
    let class = whole_class(view, links[0]);
    if matches!(&*class, "Object" | "Array" | "Map" | "Set") {
        return None;
    }
    let of_class = links.iter().filter(|node| whole_class(view, **node) == class).count();
    (of_class * 10 >= links.len() * 8).then_some(Held::List)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap};

    fn queue_of(heap: &mut Heap, classes: &[&str]) -> (Node, Node) {
        let queue = heap.instance("Queue", APP);
        heap.keep("queue", queue);
        let mut at = queue;
        for class in classes {
            let next = heap.instance(class, APP);
            heap.property(at, "next", next);
            at = next;
        }
        (queue, at)
    }

    #[test]
    fn links_of_one_class_are_a_list() {
        let mut heap = Heap::new();
        let (queue, job) = queue_of(&mut heap, &["Job", "Job", "Job", "Job", "Job"]);
        assert_eq!(heap.held(queue, job), Held::List);
    }

    #[test]
    fn a_few_or_different_objects_are_none() {
        for classes in [&["Job", "Job", "Job"][..], &["Job", "Step", "Job", "Step"], &["Object"; 6]] {
            let mut heap = Heap::new();
            let (queue, last) = queue_of(&mut heap, classes);
            assert_eq!(heap.held(queue, last), Held::Object, "{classes:?}");
        }
    }
}
