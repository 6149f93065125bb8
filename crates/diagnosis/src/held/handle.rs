//! Handles that are open (sockets, workers, ports), which V8's roots keep.

use leakhunt_heap::NodeType;

use super::callback::{Callback, user_code_below};
use super::kinds::Held;
use crate::suspects::Suspect;
use crate::view::View;

/// Handles of Node's that nothing closes but the program, or what is at their other end (`src/handle_wrap.h`).
const HANDLES: [&str; 9] =
    ["FSEvent", "MessagePort", "Pipe", "Process", "StatWatcher", "TCP", "TTY", "UDP", "Worker"];

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    if view.graph.kind(suspect.cluster.container) != NodeType::Synthetic {
        return None;
    }
    let code = user_code_below(view, suspect.cluster.example);
    let is_open = suspect.objects().any(|node| view.is_builtin(node, &HANDLES));
    Some(Held::Native { code: code.map(|code| Callback::of(code, suspect, view)), is_open })
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
        assert_eq!(heap.held(handles, port), Held::Native { code, is_open: true });
    }

    #[test]
    fn what_v8_keeps_without_code_of_the_program_is_nothing_of_its_own() {
        let mut heap = Heap::new();
        let handles = heap.handles();
        let port = heap.builtin("MessagePort");
        heap.internal(handles, "port", port);
        assert_eq!(heap.held(handles, port), Held::Native { code: None, is_open: true });
        let session = heap.builtin("ClientHttp2Session");
        heap.property(port, "session", session);
        assert_eq!(heap.held(handles, session), Held::Native { code: None, is_open: true });
        let blob = heap.builtin("Blob");
        heap.internal(handles, "blob", blob);
        assert_eq!(heap.held(handles, blob), Held::Native { code: None, is_open: false });
    }
}
