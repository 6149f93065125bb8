//! A variable of a function's context, or a function itself.

use leakhunt_heap::NodeType;

use super::callback::Callback;
use super::kinds::Held;
use crate::suspects::Suspect;
use crate::view::View;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    let holder = suspect.holder;
    let is_closure = match view.graph.kind(holder) {
        NodeType::Closure => true,
        NodeType::Object => view.graph.name(holder) == "system / Context",
        _ => false,
    };
    is_closure.then(|| Held::Closure { code: Callback::of_function(suspect, view) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap};

    #[test]
    fn a_variable_of_a_context_is_held_by_a_closure() {
        let mut heap = Heap::new();
        let context = heap.builtin("system / Context");
        let (handler, value) = (heap.function("handler", APP), heap.builtin("Object"));
        heap.keep("handler", handler);
        heap.internal(handler, "context", context);
        heap.variable(context, "previous", value);
        assert_eq!(heap.held(context, value), Held::Closure { code: None });
        let inner = heap.function("retry", APP);
        heap.variable(context, "retry", inner);
        let code = Some(Callback { handed: inner, runs: inner });
        assert_eq!(heap.held(context, inner), Held::Closure { code });
    }
}
