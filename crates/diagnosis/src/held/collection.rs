//! V8's own collections: `Map`, `Set` and arrays.

use super::callback::Callback;
use super::kinds::{Collection, Held};
use crate::suspects::Suspect;
use crate::view::View;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    let known = [("Map", Collection::Map), ("Set", Collection::Set), ("Array", Collection::Array)];
    let is_holder = |(class, _): &&(&str, Collection)| view.is_builtin(suspect.holder, &[class]);
    let (_, collection) = *known.iter().find(is_holder)?;
    // A map often has, by their keys, the promises of what is under way.
    let waiting = || Callback::of_waiting(suspect, view).filter(|_| collection == Collection::Map);
    Some(Held::Collection { collection, code: Callback::of_function(suspect, view).or_else(waiting) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap};

    #[test]
    fn v8s_collections_are_told_from_classes_of_the_program() {
        for (class, collection) in
            [("Map", Collection::Map), ("Set", Collection::Set), ("Array", Collection::Array)]
        {
            let mut heap = Heap::new();
            let (known, own) = (heap.global("known", class), heap.instance(class, APP));
            heap.keep("own", own);
            let (entry, other) = (heap.builtin("Object"), heap.builtin("Object"));
            heap.table(known, &[entry]);
            heap.property(own, "entry", other);
            assert_eq!(heap.held(known, entry), Held::Collection { collection, code: None });
            assert_eq!(heap.held(own, other), Held::Object);
        }
    }

    #[test]
    fn a_map_of_what_is_under_way_knows_the_function_that_waits() {
        let mut heap = Heap::new();
        let pending = heap.global("pending", "Map");
        let (entry, waiting) = (heap.builtin("Object"), heap.instance("AsyncFunction", APP));
        heap.table(pending, &[entry]);
        heap.property(entry, "resolve", waiting);
        let code = Some(Callback { handed: waiting, runs: waiting });
        assert_eq!(heap.held(pending, entry), Held::Collection { collection: Collection::Map, code });
    }
}
