//! A field of an object, or a plain object used as a dictionary.

use leakhunt_heap::NodeType;

use super::kinds::Held;
use crate::suspects::Suspect;
use crate::view::View;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    (view.graph.kind(suspect.holder) == NodeType::Object).then_some(Held::Object)
}

#[cfg(test)]
mod tests {
    use crate::held::kinds::Held;
    use crate::testing::{APP, Heap};

    #[test]
    fn a_field_of_an_instance_is_held_by_an_object() {
        let mut heap = Heap::new();
        let store = heap.instance("Store", APP);
        heap.keep("store", store);
        let value = heap.builtin("Object");
        heap.property(store, "value", value);
        assert_eq!(heap.held(store, value), Held::Object);
    }
}
