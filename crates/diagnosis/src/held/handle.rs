//! Handles that are open (sockets, workers, ports), which V8's roots keep.

use leakhunt_heap::NodeType;

use super::callback::{Callback, user_code_below};
use super::kinds::Held;
use crate::suspects::Suspect;
use crate::view::View;

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    if view.graph.kind(suspect.cluster.container) != NodeType::Synthetic {
        return None;
    }
    let code = user_code_below(view, suspect.cluster.example);
    Some(Held::Native { code: code.map(|code| Callback::of(code, suspect, view)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap};

    #[test]
    fn an_open_handle_leads_to_what_listens_to_it() {
        let mut heap = Heap::new();
        let handles = heap.handles();
        let (port, listener) = (heap.builtin("MessagePort"), heap.function("onMessage", APP));
        heap.internal(handles, "port", port);
        heap.property(port, "onmessage", listener);
        let code = Some(Callback { handed: listener, runs: listener });
        assert_eq!(heap.held(handles, port), Held::Native { code });
    }

    #[test]
    fn what_v8_keeps_without_code_of_the_program_is_nothing_of_its_own() {
        let mut heap = Heap::new();
        let handles = heap.handles();
        let port = heap.builtin("MessagePort");
        heap.internal(handles, "port", port);
        assert_eq!(heap.held(handles, port), Held::Native { code: None });
    }
}
