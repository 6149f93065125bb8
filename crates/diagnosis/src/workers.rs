//! Worker threads: what one takes is neither in the main thread's heap nor in its external memory, but the object by which
//! the main thread knows it is.

use leakhunt_heap::NodeType;

use crate::graph::Node;
use crate::source::{Sources, Written};
use crate::view::View;

/// The worker threads that run at the last snapshot.
pub(crate) struct Workers {
    pub(crate) running: u64,
    /// Of these, so many were not there at the first judged snapshot.
    pub(crate) started: u64,
    /// Where the program makes them, as far as names tell.
    pub(crate) made: Option<Written>,
}

impl Workers {
    /// None where no more of them run than before, but for one or two.
    pub(crate) fn of(view: &View<'_>, sources: &Sources<'_>) -> Option<Self> {
        let running: Vec<Node> = view.graph.nodes().filter(|node| is_running(*node, view)).collect();
        let started = running.iter().filter(|worker| !view.is_permanent(**worker)).count() as u64;
        (started > 2).then(|| Self {
            running: running.len() as u64,
            started,
            made: sources.maker(&view.scripts, "Worker"),
        })
    }
}

/// A `Worker` of Node's that has not exited: then it has let go of its handle.
fn is_running(node: Node, view: &View<'_>) -> bool {
    view.is_nodes(node, &["Worker"])
        && view
            .graph
            .property(node, "<symbol kHandle>")
            .is_some_and(|handle| view.graph.kind(handle) == NodeType::Object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Heap;

    const WORKER: &str = "node:internal/worker";

    fn running(class: &str, script: &str, has_handle: bool) -> bool {
        let mut heap = Heap::new();
        let worker = heap.instance(class, script);
        heap.keep("worker", worker);
        if has_handle {
            let handle = heap.builtin("Worker");
            heap.property(worker, "<symbol kHandle>", handle);
        }
        heap.view(worker, |view| is_running(worker, view))
    }

    #[test]
    fn a_worker_runs_as_long_as_it_has_a_handle() {
        assert!(running("Worker", WORKER, true));
        assert!(!running("Worker", WORKER, false));
    }

    #[test]
    fn a_class_of_the_program_is_no_thread() {
        assert!(!running("Worker", "/app/worker.js", true));
    }
}
