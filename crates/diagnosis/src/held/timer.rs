//! Intervals, timeouts and immediates, which Node keeps in lists of its own until they have run out.

use leakhunt_heap::NodeType;

use super::callback::Callback;
use super::kinds::Held;
use crate::graph::Node;
use crate::suspects::Suspect;
use crate::view::View;

/// What a timer has its function in.
const CALLBACKS: [&str; 2] = ["_onTimeout", "_onImmediate"];

pub(super) fn recognise(suspect: &Suspect, view: &View<'_>) -> Option<Held> {
    let is_timer = |node: Node| is_timer(node, view) || is_list(node, view);
    if !is_timer(suspect.holder) && !suspect.new_objects(view).any(is_timer) {
        return None;
    }
    let function = |node: Node| CALLBACKS.iter().find_map(|name| view.graph.property(node, name));
    let timer = suspect.objects().find(|node| is_timeout(*node, view));
    let handed = suspect.objects().chain([suspect.cluster.container]).find_map(function);
    Some(Held::Timer {
        callback: handed.map(|handed| Callback::of(handed, suspect, view)),
        repeats: timer.map(|timer| repeats(timer, view)),
        is_kept: timer.is_none_or(|timer| is_kept(timer, view)),
    })
}

fn is_timer(node: Node, view: &View<'_>) -> bool {
    view.is_nodes(node, &["Timeout", "Immediate"])
        && CALLBACKS.iter().any(|name| view.graph.property(node, name).is_some())
}

fn is_list(node: Node, view: &View<'_>) -> bool {
    view.is_nodes(node, &["TimersList", "ImmediateList"])
}

fn is_timeout(node: Node, view: &View<'_>) -> bool {
    is_timer(node, view) && view.graph.property(node, "_onTimeout").is_some()
}

/// A timer that does not repeat has `null` for its interval; a number is written nowhere.
fn repeats(timer: Node, view: &View<'_>) -> bool {
    view.graph.property(timer, "_repeat").is_none_or(|repeat| view.graph.name(repeat) != "system / Oddball")
}

/// Whether anything but Node's lists of timers knows this one: whoever wants to clear it has to.
fn is_kept(timer: Node, view: &View<'_>) -> bool {
    view.retainers(timer).any(|edge| {
        let by_v8 = view.is_part(edge.from) || view.graph.kind(edge.from) == NodeType::Synthetic;
        !by_v8 && !is_timer(edge.from, view) && !is_list(edge.from, view)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{APP, Heap, TIMERS};

    /// A list with one timer of the class that a script has written, and what it calls.
    fn list_with(heap: &mut Heap, class: &str, script: &str) -> (Node, Node, Node) {
        let list = heap.instance("TimersList", TIMERS);
        heap.keep("lists", list);
        let (timer, tick) = (heap.instance(class, script), heap.function("tick", APP));
        heap.property(list, "_idleNext", timer);
        heap.property(timer, "_onTimeout", tick);
        (list, timer, tick)
    }

    #[test]
    fn an_interval_is_told_from_a_timeout() {
        for (once, expected) in [(false, true), (true, false)] {
            let mut heap = Heap::new();
            let (list, timer, tick) = list_with(&mut heap, "Timeout", TIMERS);
            if once {
                let null = heap.hidden("system / Oddball");
                heap.property(timer, "_repeat", null);
            }
            let callback = Some(Callback { handed: tick, runs: tick });
            let expected = Held::Timer { callback, repeats: Some(expected), is_kept: false };
            assert_eq!(heap.held(list, timer), expected);
        }
    }

    #[test]
    fn a_timer_that_the_program_keeps_could_be_cleared() {
        let mut heap = Heap::new();
        let (list, timer, _) = list_with(&mut heap, "Timeout", TIMERS);
        let banner = heap.instance("Banner", APP);
        heap.property(banner, "timer", timer);
        assert!(matches!(heap.held(list, timer), Held::Timer { is_kept: true, .. }));
    }

    #[test]
    fn a_class_of_the_program_that_is_called_timeout_is_no_timer() {
        let mut heap = Heap::new();
        let errors = heap.global("errors", "Array");
        let (error, handler) = (heap.instance("Timeout", APP), heap.function("retry", APP));
        heap.table(errors, &[error]);
        heap.property(error, "_onTimeout", handler);
        assert!(matches!(heap.held(errors, error), Held::Collection { .. }));
        assert_eq!(heap.held(error, handler), Held::Object);
    }

    #[test]
    fn what_runs_is_found_behind_bind() {
        let mut heap = Heap::new();
        let (list, timer, bound) = list_with(&mut heap, "Timeout", TIMERS);
        let poll = heap.function("poll", APP);
        heap.internal(bound, "bound_function", poll);
        let Held::Timer { callback, .. } = heap.held(list, timer) else { panic!("it is a timer") };
        assert_eq!(callback, Some(Callback { handed: bound, runs: poll }));
    }
}
